import type { Subscription } from '../../../signals/subscription.ts';
import type { SignalsTable } from './items.ts';
import { type LogState, tryUpdateState, updateState } from './state.ts';

/** How long a lease is taken for: whoever dies with it is followed once it has ended. */
export const LEASE_MS = 20_000;

/** Clocks of two machines differ by less: a lease is only taken over when it has ended by the slower of them. */
export const CLOCK_SKEW_MS = 5_000;

const numberOf = (value: number) => ({ N: String(value) });

/** Whether somebody may still be at work. */
export const isHeld = ({ lease }: LogState, nowMs: number): boolean => lease !== undefined && nowMs < lease.until + CLOCK_SKEW_MS;

/** Whether its owner has changed the subscription since it last failed: then it is tried at once, and has its three days again. */
export const isMended = ({ updatedAt }: Pick<Subscription, 'updatedAt'>, { failedAt }: LogState): boolean =>
  failedAt !== undefined && Date.parse(updatedAt) > failedAt;

/** Takes the lease where it is free, has ended, or is one's own. @returns the state, `undefined` where somebody else has it */
export function lease(signals: SignalsTable, id: string, owner: string, ms: number): Promise<LogState | undefined> {
  const nowMs = signals.now();
  return updateState(signals, id, {
    UpdateExpression: 'SET leaseOwner = :owner, leaseUntil = :until REMOVE idleAt ADD arrivals :none',
    ConditionExpression: 'attribute_not_exists(leaseUntil) OR leaseUntil <= :ended OR leaseOwner = :owner',
    ExpressionAttributeValues: {
      ':owner': { S: owner },
      ':until': numberOf(nowMs + ms),
      ':ended': numberOf(nowMs - CLOCK_SKEW_MS),
      ':none': numberOf(0),
    },
  });
}

/** Holds on to a lease for longer. @returns whether it is still one's own */
export async function renew(signals: SignalsTable, id: string, owner: string, ms: number): Promise<boolean> {
  const state = await updateState(signals, id, {
    UpdateExpression: 'SET leaseUntil = :until',
    ConditionExpression: 'leaseOwner = :owner',
    ExpressionAttributeValues: { ':owner': { S: owner }, ':until': numberOf(signals.now() + ms) },
  });
  return state !== undefined;
}

/**
 * Tells whoever has the lease that there is something to look at, so that they look once more before they sleep.
 * @returns when they could be no more, had they died: milliseconds since the epoch; `undefined` where nobody has it (any more)
 */
export async function nudge(signals: SignalsTable, id: string): Promise<number | undefined> {
  const state = await updateState(signals, id, {
    UpdateExpression: 'ADD arrivals :one',
    ConditionExpression: 'leaseUntil > :ended',
    ExpressionAttributeValues: { ':one': numberOf(1), ':ended': numberOf(signals.now() - CLOCK_SKEW_MS) },
  });
  return state?.lease && state.lease.until + CLOCK_SKEW_MS;
}

/** How the lease is given back. */
export interface Release {
  /** The arrivals before it was looked for what waits, and nothing found: so nothing is failing. Without it the lease is given back whatever arrived. */
  readonly seen?: number;
  /** When there is something to do again, though nothing arrives; absent where there is not. Milliseconds since the epoch, as the next. */
  readonly dueAt?: number;
  /** When the message comes that is sent now; absent where none is. */
  readonly wakeAt?: number;
  /** What has become of the last attempt, where it was not noted yet. */
  readonly progress?: Progress;
  /** Nothing at all is left, not even for later, of this version of the subscription: what arrives next may be told at once. Only with `seen`. */
  readonly idleVersion?: number | undefined;
}

/** What has become of a lease that was to be given back. */
export interface Released {
  /** False when something has arrived: then it is still held. True where it was lost to somebody else, who then sees to the rest. */
  readonly isReleased: boolean;
  readonly state: LogState;
}

/** How long everything has been failing, and until when it is put off. */
const FAILING = 'failingSince, failedAt, nextAttemptAt, attempts';

/** Gives the lease back, if nothing arrived since. */
export async function release(
  signals: SignalsTable,
  id: string,
  owner: string,
  { seen, dueAt, wakeAt, progress, idleVersion }: Release,
): Promise<Released> {
  const set = [
    ...(dueAt === undefined ? [] : ['dueAt = :due']),
    ...(wakeAt === undefined ? [] : ['wakeAt = :wake']),
    ...(progress === undefined ? [] : [setOf(progress)]),
    ...(idleVersion === undefined ? [] : ['idleAt = :seen, idleVersion = :version']),
  ];
  const forget = [
    ...(dueAt === undefined ? ['dueAt'] : []),
    ...(seen === undefined ? [] : [FAILING]),
    ...(progress === undefined ? [] : forgottenOf(progress)),
  ];
  const { isWritten, state } = await tryUpdateState(signals, id, {
    UpdateExpression: `${set.length === 0 ? '' : `SET ${set.join(', ')} `}REMOVE ${['leaseOwner', 'leaseUntil', ...forget].join(', ')}`,
    ConditionExpression: `leaseOwner = :owner${seen === undefined ? '' : ' AND arrivals = :seen'}`,
    ExpressionAttributeValues: {
      ':owner': { S: owner },
      ...(seen === undefined ? {} : { ':seen': numberOf(seen) }),
      ...(dueAt === undefined ? {} : { ':due': numberOf(dueAt) }),
      ...(wakeAt === undefined ? {} : { ':wake': numberOf(wakeAt) }),
      ...(progress === undefined ? {} : valuesOf(progress)),
      ...(idleVersion === undefined ? {} : { ':version': numberOf(idleVersion) }),
    },
  });
  return { isReleased: isWritten || state.lease?.owner !== owner, state };
}

/** What has become of an attempt. */
export interface Progress {
  /** Everything up to and with this number is dealt with. */
  readonly ackedTo: number;
  /** When the endpoint accepted something. */
  readonly sentAt?: number;
  /** Whether it took long to. */
  readonly isSlow?: boolean;
}

const setOf = ({ sentAt, isSlow = false }: Progress): string =>
  `ackedTo = :acked${sentAt === undefined ? '' : ', lastSentAt = :sent'}${isSlow ? ', slow = :slow' : ''}`;

const forgottenOf = ({ sentAt, isSlow = false }: Progress): string[] => (sentAt === undefined || isSlow ? [] : ['slow']);

const valuesOf = ({ ackedTo, sentAt, isSlow = false }: Progress) => ({
  ':acked': numberOf(ackedTo),
  ...(sentAt === undefined ? {} : { ':sent': numberOf(sentAt) }),
  ...(isSlow ? { ':slow': { BOOL: true } } : {}),
});

/**
 * Notes what was dealt with, and that nothing is failing.
 * @param ms how long the lease goes on from now
 * @returns `undefined` when the lease was lost: somebody else is at work, and whoever asks has to stop
 */
export function acknowledge(
  signals: SignalsTable,
  id: string,
  owner: string,
  progress: Progress,
  ms: number,
): Promise<LogState | undefined> {
  const forget = progress.sentAt === undefined ? '' : ` REMOVE ${[FAILING, ...forgottenOf(progress)].join(', ')}`;
  return updateState(signals, id, {
    UpdateExpression: `SET ${setOf(progress)}, leaseUntil = :until${forget}`,
    ConditionExpression: 'leaseOwner = :owner',
    ExpressionAttributeValues: { ':owner': { S: owner }, ':until': numberOf(signals.now() + ms), ...valuesOf(progress) },
  });
}

/** When everything fails: since when, how often, and when it is tried again. */
export interface Postponement {
  readonly failingSince: number;
  /** When it failed last. */
  readonly failedAt: number;
  readonly attempts: number;
  readonly nextAttemptAt: number;
}

/** Puts off everything of a subscription. @returns `undefined` when the lease was lost */
export function postpone(
  signals: SignalsTable,
  id: string,
  owner: string,
  { failingSince, failedAt, attempts, nextAttemptAt }: Postponement,
): Promise<LogState | undefined> {
  return updateState(signals, id, {
    UpdateExpression: 'SET failingSince = :since, failedAt = :failed, attempts = :attempts, nextAttemptAt = :next',
    ConditionExpression: 'leaseOwner = :owner',
    ExpressionAttributeValues: {
      ':owner': { S: owner },
      ':since': numberOf(failingSince),
      ':failed': numberOf(failedAt),
      ':attempts': numberOf(attempts),
      ':next': numberOf(nextAttemptAt),
    },
  });
}
