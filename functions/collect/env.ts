/** What `collect` is told of its surroundings; infra sets these and grants what they name. */
export const environment = ['SIGNALS_TABLE', 'WAKES_QUEUE_URL'] as const;
