import { randomUUID } from 'node:crypto';
import type { CarrierOf } from '../../shared/signals/sending/carriers/carrier.ts';
import { waitAfter } from '../../shared/signals/sending/patience.ts';
import { type Found, type Holder, type Rounded, type Sender, send } from '../../shared/signals/sending/rounds.ts';
import { heartbeatAt, sleepUntil } from '../../shared/signals/sending/sleeping.ts';
import type { Signal } from '../../shared/signals/signal.ts';
import type { Subscription } from '../../shared/signals/subscription.ts';
import { CLOCK_SKEW_MS, LEASE_MS } from '../../shared/store/signals/log/leasing.ts';
import type { Begun, LogState, MayHear, Progress, SignalLog } from '../../shared/store/signals/log/log.ts';
import { NOT_TOLD } from './messages.ts';

/** What telling at once needs of its surroundings. */
export interface AtOnce extends Sender {
  readonly signals: SignalLog;
  readonly mayHear: MayHear;
  /** Whether the settings still allow the endpoint. */
  readonly isAgreed: (subscription: Subscription) => boolean;
  /** Carriers that do not wait long for an answer. */
  readonly carrierOf: CarrierOf;
  /** Has `deliver` look after a subscription after a while, in milliseconds. */
  readonly wakeAfter: (id: string, ms: number) => Promise<void>;
}

/** For so long an answer is waited for, and so long after it was decided who may hear another call may begin: other subscriptions wait beside. */
export const ANSWER_MS = 1_000;
const BEGIN_MS = 500;

/** What `deliver` sees to: it ends a subscription, and may do what a partner's policy allows to it alone. */
const OTHERS: ReadonlySet<string> = new Set(['gone', 'no-permission']);

/** Of whoever died with a lease it is known by then, by whatever clock. */
export const GIVEN_UP_MS = LEASE_MS + 2 * CLOCK_SKEW_MS;

/**
 * Tells signals as they arrive, where nothing comes before them: their numbers and the lease are one write, and what has become of them, with the lease given
 * back, another. Whatever does not go through at once is left to `deliver`, which finds it numbered and not acknowledged.
 * @returns false where they have to be appended, and nothing was done
 */
export async function tellAtOnce(world: AtOnce, subscription: Subscription, arrived: readonly Signal[]): Promise<boolean> {
  const { signals, mayHear, log, wakeAfter, now } = world;
  if (arrived.length === 0) return true;
  if (!mayTell(world, subscription)) return false;
  const owner = randomUUID();
  const until = now() + BEGIN_MS;
  const begun = await signals.begin(subscription, arrived, mayHear, { owner, ms: LEASE_MS });
  if (begun === undefined) return false;
  if (begun.signals.length === 0) return true;
  try {
    await tell(world, subscription, { owner, mayBegin: () => now() < until }, begun);
  } catch (error) {
    log.error(NOT_TOLD, { organisation: subscription.organisation, error });
    await wakeAfter(subscription.id, GIVEN_UP_MS);
  }
  return true;
}

/** Who wants them slowly, or is to shake hands first, is `deliver`'s. */
function mayTell({ isAgreed, now }: AtOnce, subscription: Subscription): boolean {
  const { status, error, end, ratePerSecond } = subscription;
  const isOn = status === 'active' && error === undefined && (end === undefined || Date.parse(end) > now());
  return isOn && ratePerSecond === undefined && isAgreed(subscription);
}

async function tell(world: AtOnce, subscription: Subscription, holder: Holder, { signals, state }: Begun): Promise<void> {
  const { carrierOf, now } = world;
  const { owner } = holder;
  const receiving = { subscription, carrier: carrierOf(subscription), pace: async () => {} };
  const { progress, failure } = await send(world, holder, receiving, foundOf(signals, state, now()), state.ackedTo);
  if (progress !== undefined) return rest(world, subscription, owner, state, progress);
  if (failure === undefined || OTHERS.has(failure.code)) return leave(world, subscription.id, owner);
  // Who has not answered yet is given longer by whoever delivers, and is not told at once the next time.
  if (failure.code === 'timeout') return leave(world, subscription.id, owner, { ackedTo: state.ackedTo, isSlow: true });
  return putOff(world, subscription.id, owner, state, failure);
}

const foundOf = (fresh: Begun['signals'], { arrivals }: LogState, lookedAt: number): Found => ({
  fresh,
  last: fresh.at(-1)!.number,
  retries: [],
  withheld: [],
  more: false,
  arrivals,
  lookedAt,
});

/** Everything has gone through. */
async function rest(
  world: AtOnce,
  subscription: Subscription,
  owner: string,
  state: LogState,
  progress: Progress,
): Promise<void> {
  const { id, version } = subscription;
  const dueAt = heartbeatAt(subscription, { lastSentAt: progress.sentAt });
  const idleVersion = progress.isSlow ? undefined : version;
  const sleep = { seen: state.arrivals, progress, idleVersion, ...(dueAt === undefined ? {} : { dueAt }) };
  const { isReleased } = await sleepUntil(world, owner, id, state, sleep);
  if (!isReleased) await leave(world, id, owner, progress);
}

/** Nothing has gone through, or the receiver wants fewer: it is the first failure, for nothing is told at once while anything fails. */
async function putOff(
  world: AtOnce,
  id: string,
  owner: string,
  state: LogState,
  failure: NonNullable<Rounded['failure']>,
): Promise<void> {
  const { signals, now, random } = world;
  const nowMs = now();
  const nextAttemptAt = nowMs + waitAfter(1, failure, random());
  await signals.postpone(id, owner, { failingSince: nowMs, failedAt: nowMs, attempts: 1, nextAttemptAt });
  await sleepUntil(world, owner, id, state, { dueAt: nextAttemptAt });
}

/** Gives the lease back with something left to do, and has it done. */
async function leave({ signals, wakeAfter }: AtOnce, id: string, owner: string, progress?: Progress): Promise<void> {
  await signals.release(id, owner, progress === undefined ? {} : { progress });
  await wakeAfter(id, 0);
}
