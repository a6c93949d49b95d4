/** What `seal` is told of its surroundings; infra sets these and grants what they name. */
export const environment = ['AUDIT_CHAIN_TABLE'] as const;
