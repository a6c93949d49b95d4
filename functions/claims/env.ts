/** What `claims` is told of its surroundings; infra sets these and grants what they name. */
export const environment = ['CLIENT_PARAMETERS', 'KEYS_SECRET_ARN'] as const;
