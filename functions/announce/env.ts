/** What `announce` is told of its surroundings; infra sets these and grants what they name. */
export const environment = [
  'RECORD_TABLE',
  'OVERSIGHT_TABLE',
  'VERSIONS_SECRET_ARN',
  'EVENT_BUS',
  'EVENT_ORIGIN',
  'FHIR_URL',
] as const;
