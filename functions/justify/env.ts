/** What `justify` is told of its surroundings; infra sets these and grants what they name. */
export const environment = ['AUDIT_TABLE', 'OVERSIGHT_TABLE', 'OVERSIGHT_LEAD', 'APP_ORIGINS'] as const;
