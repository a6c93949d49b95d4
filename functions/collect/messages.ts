/** An event is kept, and told to nobody. */
export const UNREADABLE = 'an event cannot be read';
/** Lines of the log that an alarm counts: what failed here is handed back, so the run itself goes well. */
export const NOT_KEPT = 'signals could not be put into the log of a subscription';
export const NOT_TOLD = 'signals could not be told at once';
export const NOT_WOKEN = 'subscriptions could not be woken';
