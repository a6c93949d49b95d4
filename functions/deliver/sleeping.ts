import type { LogState, Progress } from '../../shared/store/signals/log/log.ts';
import type { Turn, World } from './world.ts';

/** How somebody sleeps: until when at most, and what they had seen when they found nothing more to do. Milliseconds since the epoch. */
export interface Sleep {
  readonly seen?: number;
  readonly dueAt?: number;
  /** What has become of the last attempt, where it was not noted yet. */
  readonly progress?: Progress;
}

/** The longest delay of a message (Amazon SQS, "Message timers"): what is due later is looked at on the way. */
const LONGEST_DELAY_MS = 900_000;

/**
 * Gives the lease back, and sees to it that somebody is woken when something is due.
 * @param state as it was when the lease was taken
 * @returns false when something has arrived: there is more to do
 */
export async function sleepUntil(
  { signals, now, wakeAfter }: Pick<World, 'signals' | 'now' | 'wakeAfter'>,
  { owner }: Pick<Turn, 'owner'>,
  id: string,
  state: Pick<LogState, 'wakeAt'>,
  sleep: Sleep,
): Promise<boolean> {
  const wakeAt = wakeFor(sleep.dueAt, state, now());
  if (!(await signals.release(id, owner, wakeAt === undefined ? sleep : { ...sleep, wakeAt }))) return false;
  if (wakeAt !== undefined) await wakeAfter(id, Math.max(0, wakeAt - now()));
  return true;
}

/** One message is on its way at a time: whoever is woken by it before anything is due sees what is due then, and sends for the next. */
function wakeFor(dueAt: number | undefined, { wakeAt }: Pick<LogState, 'wakeAt'>, nowMs: number): number | undefined {
  if (dueAt === undefined) return undefined;
  const isOnItsWay = wakeAt !== undefined && wakeAt > nowMs && wakeAt <= dueAt;
  return isOnItsWay ? undefined : Math.min(dueAt, nowMs + LONGEST_DELAY_MS);
}
