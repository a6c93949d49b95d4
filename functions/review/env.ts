/** What `review` is told of its surroundings; infra sets these and grants what they name. */
export const environment = ['RECORD_TABLE', 'AUDIT_TABLE', 'OVERSIGHT_TABLE'] as const;
