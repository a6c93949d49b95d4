/** What `collect` is told of its surroundings; infra sets these and grants what they name. */
export const environment = [
  'SIGNALS_TABLE',
  'RECORD_TABLE',
  /** What the names of secrets begin with: `chesil/<deployment>/subscription/`. */
  'SIGNING_SECRETS',
  'WAKES_QUEUE_URL',
  'EVENT_ORIGIN',
  'FHIR_URL',
] as const;
