/** Lines of the log that an alarm counts: what failed here is tried again, so the run itself goes well. */
export const NOT_DELIVERED = 'signals of a subscription could not be delivered';
export const NOT_WOKEN = 'a subscription could not be woken';
