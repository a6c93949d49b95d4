/** What `serve` is told of its surroundings; infra sets these and grants what they name. */
export const environment = [
  'RECORD_TABLE',
  'SIGNALS_TABLE',
  'AUDIT_TABLE',
  'OVERSIGHT_TABLE',
  'OVERSIGHT_LEAD',
  'KEYS_SECRET_ARN',
  'VERSIONS_SECRET_ARN',
  'AUTHORIZE_URL',
  'TOKEN_URL',
  'APP_ORIGINS',
] as const;
