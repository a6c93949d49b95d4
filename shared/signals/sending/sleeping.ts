import type { LogState, Progress, Released, SignalLog } from '../../store/signals/log/log.ts';
import type { Subscription } from '../subscription.ts';

/** How somebody sleeps: until when at most, and what they had seen when they found nothing more to do. Milliseconds since the epoch. */
export interface Sleep {
  readonly seen?: number;
  readonly dueAt?: number;
  /** What has become of the last attempt, where it was not noted yet. */
  readonly progress?: Progress;
  /** Nothing at all is left of this version of the subscription: what arrives next may be told at once. */
  readonly idleVersion?: number | undefined;
}

/** Who sleeps. */
export interface Sleeper {
  readonly signals: Pick<SignalLog, 'release'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Wakes a subscription again after a while. */
  readonly wakeAfter: (id: string, ms: number) => Promise<void>;
}

/** When the next heartbeat is due: so long after the endpoint last accepted something. Milliseconds since the epoch. */
export const heartbeatAt = (
  { heartbeatSeconds, updatedAt }: Subscription,
  { lastSentAt }: Pick<LogState, 'lastSentAt'>,
): number | undefined =>
  heartbeatSeconds === undefined ? undefined : (lastSentAt ?? Date.parse(updatedAt)) + heartbeatSeconds * 1000;

/** The longest delay of a message (Amazon SQS, "Message timers"): what is due later is looked at on the way. */
const LONGEST_DELAY_MS = 900_000;

/**
 * Gives the lease back, and sees to it that somebody is woken when something is due.
 * @param state as it was when the lease was taken
 */
export async function sleepUntil(
  { signals, now, wakeAfter }: Sleeper,
  owner: string,
  id: string,
  state: Pick<LogState, 'wakeAt'>,
  sleep: Sleep,
): Promise<Released> {
  const wakeAt = wakeFor(sleep.dueAt, state, now());
  const released = await signals.release(id, owner, wakeAt === undefined ? sleep : { ...sleep, wakeAt });
  if (released.isReleased && wakeAt !== undefined) await wakeAfter(id, Math.max(0, wakeAt - now()));
  return released;
}

/** One message is on its way at a time: whoever is woken by it before anything is due sees what is due then, and sends for the next. */
function wakeFor(dueAt: number | undefined, { wakeAt }: Pick<LogState, 'wakeAt'>, nowMs: number): number | undefined {
  if (dueAt === undefined) return undefined;
  const isOnItsWay = wakeAt !== undefined && wakeAt > nowMs && wakeAt <= dueAt;
  return isOnItsWay ? undefined : Math.min(dueAt, nowMs + LONGEST_DELAY_MS);
}
