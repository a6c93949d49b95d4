/** What `justify` is told of its surroundings; infra sets these and grants what they name. */
export const environment = [
  'RECORD_TABLE',
  'AUDIT_TABLE',
  'OVERSIGHT_TABLE',
  'OVERSIGHT_LEAD',
  'KEYS_SECRET_ARN',
  'APP_ORIGINS',
] as const;
