/** Source of our events on the bus. */
export const EVENT_SOURCE = 'chesil.record';
