import type { Origin } from '../../changes/envelope.ts';
import type { Log } from '../../lambda/logger.ts';
import type { Measure } from '../../lambda/metrics.ts';
import { LEASE_MS } from '../../store/signals/log/leasing.ts';
import type { LogState, Progress, SignalLog } from '../../store/signals/log/log.ts';
import { isThrottled, type Outcome } from '../endpoints/outcomes.ts';
import { SIGNAL_METRICS } from '../metrics.ts';
import { signalPayload } from '../payload/payload.ts';
import type { Subscription } from '../subscription.ts';
import type { Carrier } from './carriers/carrier.ts';
import { AT_ONCE, SLOW_MS, sendInOrder } from './in-order.ts';
import { measureSent } from './measuring.ts';
import type { Pace } from './pacing.ts';
import { type Round, settle, signalsToSend } from './round.ts';

/** What there is to send, with what was seen of the log while it was looked for. */
export interface Found extends Round {
  readonly arrivals: number;
  /** Numbers that were put aside or numbered and may not be told any more. */
  readonly withheld: readonly number[];
  /** The last number that was looked at. */
  readonly last: number;
  /** Whether more may wait behind what was looked at. */
  readonly more: boolean;
  /** When it was looked for, milliseconds since the epoch: what falls due later was not asked about. */
  readonly lookedAt: number;
}

/** What has become of a round. */
export interface Rounded {
  /** The state that was written. */
  readonly state?: LogState;
  /** Nothing is left to do: what is still to be written, as the lease is given back. Neither this nor a state: the lease was lost. */
  readonly progress?: Progress;
  readonly accepted: number;
  /** A failure for which everything has to wait: nothing fresh got through, though something was tried, or the receiver wants fewer. */
  readonly failure?: Extract<Outcome, { readonly ok: false }>;
}

/** What sending needs of its surroundings. */
export interface Sender {
  readonly signals: Pick<SignalLog, 'acknowledge' | 'giveUp' | 'settle' | 'toRetry'>;
  readonly origin: Origin;
  readonly measure: Measure;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** 0 ≤ n < 1. */
  readonly random: () => number;
}

/** To whom, and how. */
export interface Receiving {
  readonly subscription: Subscription;
  readonly carrier: Carrier;
  readonly pace: Pace;
}

/** Who sends. */
export interface Holder {
  /** Who has the lease. */
  readonly owner: string;
  /** Whether another call may begin. */
  readonly mayBegin: () => boolean;
}

/**
 * Sends what was found, and notes what has become of it.
 * @param ackedTo up to which number everything was dealt with before
 */
export async function send(
  sender: Sender,
  holder: Holder,
  { subscription, carrier, pace }: Receiving,
  found: Found,
  ackedTo: number,
): Promise<Rounded> {
  const { now } = sender;
  let slowestMs = 0;
  const outcomes = await sendInOrder(signalsToSend(found, found.lookedAt), {
    most: carrier.most,
    atOnce: subscription.ratePerSecond === undefined ? AT_ONCE : Math.min(AT_ONCE, subscription.ratePerSecond),
    pace,
    mayBegin: holder.mayBegin,
    send: async (some) => {
      const begunAt = now();
      const sent = await carrier.send(some.map((signal) => signalPayload(signal, subscription, sender.origin)));
      slowestMs = Math.max(slowestMs, now() - begunAt);
      return sent;
    },
  });
  const acceptedAt = now();
  const results = [...outcomes.values()];
  const accepted = results.filter(({ ok }) => ok).length;
  measureSent(
    sender.measure,
    subscription.organisation,
    [...found.retries.map(({ signal }) => signal), ...found.fresh],
    outcomes,
    acceptedAt,
  );
  const gone = results.find((each) => !each.ok && each.code === 'gone');
  const throttled = results.find(isThrottled);
  const refused = found.fresh.map(({ number }) => outcomes.get(number)).find((each) => each?.ok === false);
  const first = gone ?? (accepted > 0 ? undefined : refused && (throttled ?? refused));
  if (first !== undefined && !first.ok) return { accepted, failure: first };
  if (isAll(found, accepted))
    return { accepted, progress: { ackedTo: found.last, sentAt: acceptedAt, isSlow: slowestMs > SLOW_MS } };
  const sentAt = accepted > 0 ? { sentAt: acceptedAt, isSlow: slowestMs > SLOW_MS } : {};
  const state = await note(sender, holder.owner, subscription, found, outcomes, { ackedTo, ...sentAt });
  return { accepted, ...(state === undefined ? {} : { state }), ...(throttled?.ok === false ? { failure: throttled } : {}) };
}

/** Whether all that there was has been accepted. */
const isAll = ({ fresh, retries, withheld, more }: Found, accepted: number): boolean =>
  accepted > 0 && accepted === fresh.length && retries.length === 0 && withheld.length === 0 && !more;

/** What is put aside or given up is written before what was sent is acknowledged: a crash between sends again, with the same ids, and loses nothing. */
async function note(
  { signals, now, random, measure, log }: Sender,
  owner: string,
  { id, organisation }: Subscription,
  found: Found,
  outcomes: ReadonlyMap<number, Outcome>,
  { ackedTo, ...sent }: Progress,
) {
  const settled = settle(found, outcomes, now(), random);
  for (const letter of settled.dead) await signals.giveUp(id, letter);
  if (settled.dead.length > 0) {
    measure(organisation, { [SIGNAL_METRICS.dead]: [settled.dead.length] });
    log.error('signals were given up', { organisation, count: settled.dead.length });
  }
  await signals.toRetry(id, settled.aside);
  // Nothing fresh is left: then what may not be told any more is dealt with too.
  const all = found.fresh.every(({ number }) => settled.ackedTo !== undefined && number <= settled.ackedTo);
  const to = all ? found.last : (settled.ackedTo ?? ackedTo);
  const progress = { ackedTo: Math.max(ackedTo, to), ...sent };
  const state = await signals.acknowledge(id, owner, progress, LEASE_MS);
  await signals.settle(id, [...settled.done, ...found.withheld.filter((number) => number <= ackedTo)]);
  return state;
}
