/** What `alert` is told of its surroundings; infra sets these and grants what they name. */
export const environment = ['EVENT_BUS', 'EVENT_ORIGIN', 'FHIR_URL', 'OVERSIGHT_LEAD'] as const;
