import { setTimeout as sleep } from 'node:timers/promises';
import { openReserve, type Reserve } from './reserve.ts';
import { type DiskSpace, nextState, type RoomState } from './room-state.ts';

/** Whether the disk of the data folder has room for more. */
export interface Room {
  readonly state: RoomState;
  /** Tells that a write failed for lack of room. */
  noteFull(): void;
  /** Resolves as soon as what is written has a chance to get to disk: at once unless the disk is full. */
  writable(signal: AbortSignal): Promise<void>;
  /** Calls back with every new state. */
  onChange(listener: (state: RoomState) => void): void;
  close(): Promise<void>;
}

interface RoomParts {
  /** The data folder. */
  readonly folder: string;
  /** Asks the file system for its space. */
  readonly measure: () => Promise<DiskSpace>;
  readonly report: (error: unknown) => void;
  readonly everyMs?: number;
}

const EVERY_MS = 500;

/**
 * Watches the disk. A part of it is held in reserve, and given back when the rest is used up, so that what must still be
 * written can be: above all the audit, without which no record is shown.
 */
export async function watchRoom({ folder, measure, report, everyMs = EVERY_MS }: RoomParts): Promise<Room> {
  const listeners: ((state: RoomState) => void)[] = [];
  const closing = new AbortController();
  const reserve = openReserve(folder, (await measure()).totalBytes);
  let state: RoomState = 'enough';
  let isNotedFull = false;
  let lookNow = Promise.withResolvers<void>();

  const look = async (): Promise<void> => {
    const space = await measure();
    const wanted = nextState(state, { space, reserveBytes: reserve.bytes, isNotedFull, isWritable: () => reserve.probe() });
    isNotedFull = false;
    const next = settle(wanted, state, reserve);
    if (next === state) return;
    state = next;
    for (const listener of listeners) listener(state);
  };

  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      lookNow = Promise.withResolvers();
      const tick = sleep(everyMs, undefined, { signal: closing.signal, ref: false }).catch(() => {});
      await Promise.race([tick, lookNow.promise]);
      await look().catch(report);
    }
  };

  await look();
  const running = run();
  return {
    get state() {
      return state;
    },
    noteFull() {
      isNotedFull = true;
      // The first time the reserve is needed at once; after that the next look is soon enough.
      if (state === 'enough') lookNow.resolve();
    },
    async writable(signal) {
      while (state === 'full' && !signal.aborted) await sleep(everyMs, undefined, { signal, ref: false }).catch(() => {});
    },
    onChange: (listener) => void listeners.push(listener),
    async close() {
      closing.abort();
      await running;
    },
  };
}

/** Brings the reserve to where a state needs it. Where it cannot be held, there is not enough room. */
function settle(wanted: RoomState, state: RoomState, reserve: Reserve): RoomState {
  if (wanted === 'enough') return reserve.hold() ? 'enough' : state === 'full' ? 'full' : 'short';
  reserve.give();
  return wanted;
}
