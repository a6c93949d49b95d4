import type { Room } from './room.ts';

/** A room that nobody watches: there is always enough. */
export const UNWATCHED: Room = {
  state: 'enough',
  noteFull() {},
  writable: async () => {},
  onChange() {},
  close: async () => {},
};
