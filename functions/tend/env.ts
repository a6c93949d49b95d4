/** What `tend` is told of its surroundings; infra sets these and grants what they name. */
export const environment = [
  'SIGNALS_TABLE',
  'WAKES_QUEUE_URL',
  'EVENT_BUS',
  'EVENT_ORIGIN',
  'FHIR_URL',
  'ARRIVALS_QUEUE_ARN',
  'UNDELIVERED_QUEUE_ARN',
] as const;
