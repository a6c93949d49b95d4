/** What `ingest` is told of its surroundings; infra sets these and grants what they name. */
export const environment = ['RECORD_TABLE', 'SIGNALS_TABLE', 'KEYS_SECRET_ARN', 'VERSIONS_SECRET_ARN'] as const;
