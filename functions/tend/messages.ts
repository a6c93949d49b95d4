/** Logged when a source has fallen silent: alarms count it. */
export const FEED_IS_STALE = 'a feed is stale';
