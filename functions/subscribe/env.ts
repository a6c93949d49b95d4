/** What `subscribe` is told of its surroundings; infra sets these and grants what they name. */
export const environment = [
  'SIGNALS_TABLE',
  'RECORD_TABLE',
  'KEYS_SECRET_ARN',
  'EVENT_BUS',
  'EVENT_ARCHIVE_ARN',
  'ARRIVALS_QUEUE_ARN',
  'UNDELIVERED_QUEUE_ARN',
  'WAKES_QUEUE_URL',
  /** What the names of secrets begin with: `chesil/<deployment>/subscription/`. */
  'SIGNING_SECRETS',
  /** Rules that the bus takes at most, those of subscriptions and all others. */
  'MOST_RULES',
  'APP_ORIGINS',
] as const;
