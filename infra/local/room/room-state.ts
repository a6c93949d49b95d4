/**
 * `enough`: everything is taken. `short`: the reserve is in use, and kept for what must still be written.
 * `full`: the reserve is used up too, and nothing can be written.
 */
export type RoomState = 'enough' | 'full' | 'short';

/** Space of a file system, in bytes. */
export interface DiskSpace {
  readonly totalBytes: number;
  /** What a user without privileges may still take. */
  readonly freeBytes: number;
}

interface Observation {
  readonly space: DiskSpace;
  readonly reserveBytes: number;
  /** Whether a write failed for lack of room since the last observation. */
  readonly isNotedFull: boolean;
  /** Tries whether something can be written. Only asked where it matters, because it costs a write. */
  readonly isWritable: () => boolean;
}

/** So much is held in reserve on a disk of any usual size: some thousands of audit entries. */
const MAX_RESERVE_BYTES = 16 * 1024 * 1024;
const RESERVE_SHARE = 1 / 16;

export const reserveBytesOf = (totalBytes: number): number => Math.floor(Math.min(MAX_RESERVE_BYTES, totalBytes * RESERVE_SHARE));

/**
 * The state that follows from what was observed. Room is short when less than the reserve is free beside it, and enough again
 * only once three times as much is free: the reserve itself, and twice that before it is short again.
 */
export function nextState(state: RoomState, { space, reserveBytes, isNotedFull, isWritable }: Observation): RoomState {
  if (state === 'enough') return isNotedFull || space.freeBytes < reserveBytes ? 'short' : 'enough';
  if (isNotedFull || state === 'full') return isWritable() ? roomy(space, reserveBytes) : 'full';
  return roomy(space, reserveBytes);
}

const roomy = ({ freeBytes }: DiskSpace, reserveBytes: number): RoomState => (freeBytes >= 3 * reserveBytes ? 'enough' : 'short');
