import { randomUUID } from 'node:crypto';
import type { Origin } from '../../shared/changes/envelope.ts';
import type { Log } from '../../shared/lambda/logger.ts';
import type { Measure } from '../../shared/lambda/metrics.ts';
import { signalPayload } from '../../shared/signals/payload/payload.ts';
import type { CarrierOf } from '../../shared/signals/sending/carriers/carrier.ts';
import { AT_ONCE, sendInOrder } from '../../shared/signals/sending/in-order.ts';
import { measureSent } from '../../shared/signals/sending/measuring.ts';
import { heartbeatAt, sleepUntil } from '../../shared/signals/sending/sleeping.ts';
import type { Signal } from '../../shared/signals/signal.ts';
import type { Subscription } from '../../shared/signals/subscription.ts';
import { CLOCK_SKEW_MS, LEASE_MS } from '../../shared/store/signals/log/leasing.ts';
import type { Begun, MayHear, Progress, SignalLog } from '../../shared/store/signals/log/log.ts';
import { NOT_TOLD } from './messages.ts';

/** What telling at once needs of its surroundings. */
export interface AtOnce {
  readonly signals: Pick<SignalLog, 'begin' | 'release'>;
  readonly mayHear: MayHear;
  /** Whether the settings still allow the endpoint. */
  readonly isAgreed: (subscription: Subscription) => boolean;
  /** Carriers that do not wait long for an answer. */
  readonly carrierOf: CarrierOf;
  /** Has `deliver` look after a subscription after a while, in milliseconds. */
  readonly wakeAfter: (id: string, ms: number) => Promise<void>;
  readonly origin: Origin;
  /** Measures what has become of signals, as `deliver` does. */
  readonly measureSending: Measure;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** For so long an answer is waited for, and so long another call may begin: other subscriptions wait beside. */
export const ANSWER_MS = 1_000;
const BEGIN_MS = 1_000;

/** Of whoever died with a lease it is known by then. */
export const GIVEN_UP_MS = LEASE_MS + CLOCK_SKEW_MS;

/**
 * Tells signals as they arrive, where nothing comes before them: their numbers and the lease are one write, and what has become of them, with the lease given
 * back, another. Whatever does not go through at once is left to `deliver`, which finds it numbered and not acknowledged.
 * @returns false where they have to be appended, and nothing was done
 */
export async function tellAtOnce(world: AtOnce, subscription: Subscription, arrived: readonly Signal[]): Promise<boolean> {
  const { signals, mayHear, log, wakeAfter } = world;
  if (arrived.length === 0) return true;
  if (!mayTell(world, subscription)) return false;
  const owner = randomUUID();
  const begun = await signals.begin(subscription, arrived, mayHear, { owner, ms: LEASE_MS });
  if (begun === undefined) return false;
  if (begun.signals.length === 0) return true;
  try {
    await send(world, subscription, owner, begun);
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

async function send(world: AtOnce, subscription: Subscription, owner: string, { signals, state }: Begun): Promise<void> {
  const { carrierOf, now, measureSending, origin } = world;
  const { id, organisation } = subscription;
  const carrier = carrierOf(subscription);
  const until = now() + BEGIN_MS;
  const outcomes = await sendInOrder(signals, {
    most: carrier.most,
    atOnce: AT_ONCE,
    pace: async () => {},
    mayBegin: () => now() < until,
    send: (some) => carrier.send(some.map((signal) => signalPayload(signal, subscription, origin))),
  });
  const sentAt = now();
  measureSent(measureSending, organisation, signals, outcomes, sentAt);
  const left = signals.find(({ number }) => outcomes.get(number)?.ok !== true);
  if (left === undefined) return rest(world, subscription, owner, state, { ackedTo: signals.at(-1)!.number, sentAt });
  const isSlow = [...outcomes.values()].some((outcome) => !outcome.ok && outcome.code === 'timeout');
  await leave(world, id, owner, { ackedTo: left.number - 1, isSlow });
}

async function rest(
  world: AtOnce,
  subscription: Subscription,
  owner: string,
  state: Begun['state'],
  progress: Progress,
): Promise<void> {
  const dueAt = heartbeatAt(subscription, { lastSentAt: progress.sentAt });
  const sleep = { seen: state.arrivals, progress, idleVersion: subscription.version, ...(dueAt === undefined ? {} : { dueAt }) };
  const { isReleased } = await sleepUntil(world, owner, subscription.id, state, sleep);
  if (!isReleased) await leave(world, subscription.id, owner, progress);
}

/** Gives the lease back with something left to do, and has it done. */
async function leave({ signals, wakeAfter }: AtOnce, id: string, owner: string, progress: Progress): Promise<void> {
  await signals.release(id, owner, { progress });
  await wakeAfter(id, 0);
}
