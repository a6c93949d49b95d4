/** A line of the log that an alarm waits for: an event is kept, and told to nobody. */
export const UNREADABLE = 'an event cannot be read';
