/** What `compact` is told of its surroundings; infra sets these and grants what they name. */
export const environment = ['RECORD_TABLE'] as const;
