import { isThrottled, type Outcome } from '../../../shared/signals/endpoints/outcomes.ts';
import { SIGNAL_METRICS } from '../../../shared/signals/metrics.ts';
import { signalPayload } from '../../../shared/signals/payload/payload.ts';
import type { Carrier } from '../../../shared/signals/sending/carriers/carrier.ts';
import { AT_ONCE, SLOW_MS, sendInOrder } from '../../../shared/signals/sending/in-order.ts';
import { measureSent } from '../../../shared/signals/sending/measuring.ts';
import type { Subscription } from '../../../shared/signals/subscription.ts';
import { LEASE_MS } from '../../../shared/store/signals/log/leasing.ts';
import type { LogState, Looked, Progress } from '../../../shared/store/signals/log/log.ts';
import { DECIDED_MS, type Turn, type World } from '../world.ts';
import type { Pace } from './pacing.ts';
import { MOST_RETRIES } from './patience.ts';
import { headsOf, type Round, settle, signalsToSend } from './round.ts';

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

/** Finds what is to be sent: what was put aside, then what has its number, then what waits. Whatever waited is decided again. */
export async function find(world: World, subscription: Subscription, state: LogState, looked: Looked): Promise<Found> {
  const { signals, mayHear, now } = world;
  const { id, organisation } = subscription;
  const { retries: kept, waiting } = looked;
  const tooMany = kept.length >= MOST_RETRIES;
  const unsent = tooMany ? [] : await signals.unsent(id, state);
  const lookedAt = now();
  const due = headsOf(kept).some(({ nextAt }) => nextAt <= lookedAt);
  const asked = [...(due ? kept.map(({ signal }) => signal) : []), ...unsent];
  const may = asked.length === 0 ? [] : await mayHear(organisation, asked);
  const heard = new Set(asked.filter((_, index) => may[index] === true).map(({ number }) => number));
  const withheld = asked.map(({ number }) => number).filter((number) => !heard.has(number));
  const retries = kept.filter(({ signal }) => !withheld.includes(signal.number));
  const told = unsent.filter(({ number }) => heard.has(number));
  const found = { retries, withheld, lookedAt };
  if (unsent.length > 0 || tooMany)
    return { ...found, fresh: told, arrivals: state.arrivals, last: unsent.at(-1)?.number ?? state.ackedTo, more: !tooMany };
  const { signals: fresh, arrivals, more } = await signals.number(subscription, mayHear, { state, waiting });
  return { ...found, fresh, arrivals, last: fresh.at(-1)?.number ?? state.ackedTo, more };
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

/** Sends what was found, and notes what has become of it. */
export async function send(
  world: World,
  turn: Turn,
  subscription: Subscription,
  carrier: Carrier,
  pace: Pace,
  found: Found,
  ackedTo: number,
): Promise<Rounded> {
  const { now } = world;
  const until = Math.min(turn.deadline, now() + DECIDED_MS);
  let slowestMs = 0;
  const outcomes = await sendInOrder(signalsToSend(found, found.lookedAt), {
    most: carrier.most,
    atOnce: subscription.ratePerSecond === undefined ? AT_ONCE : Math.min(AT_ONCE, subscription.ratePerSecond),
    pace,
    mayBegin: () => now() < until && turn.isHeld(),
    send: async (some) => {
      const begunAt = now();
      const sent = await carrier.send(some.map((signal) => signalPayload(signal, subscription, world.origin)));
      slowestMs = Math.max(slowestMs, now() - begunAt);
      return sent;
    },
  });
  const acceptedAt = now();
  const results = [...outcomes.values()];
  const accepted = results.filter(({ ok }) => ok).length;
  measureSent(
    world.measure,
    subscription.organisation,
    [...found.retries.map(({ signal }) => signal), ...found.fresh],
    outcomes,
    acceptedAt,
  );
  const gone = results.find((each) => !each.ok && each.code === 'gone');
  const first =
    gone ?? (accepted > 0 ? undefined : found.fresh.map(({ number }) => outcomes.get(number)).find((each) => each?.ok === false));
  if (first !== undefined && !first.ok) return { accepted, failure: first };
  if (isAll(found, accepted))
    return { accepted, progress: { ackedTo: found.last, sentAt: acceptedAt, isSlow: slowestMs > SLOW_MS } };
  const sentAt = accepted > 0 ? { sentAt: acceptedAt, isSlow: slowestMs > SLOW_MS } : {};
  const state = await note(world, turn, subscription, found, outcomes, { ackedTo, ...sentAt });
  const throttled = results.find(isThrottled);
  return { accepted, ...(state === undefined ? {} : { state }), ...(throttled?.ok === false ? { failure: throttled } : {}) };
}

/** Whether all that there was has been accepted. */
const isAll = ({ fresh, retries, withheld, more }: Found, accepted: number): boolean =>
  accepted > 0 && accepted === fresh.length && retries.length === 0 && withheld.length === 0 && !more;

/** What is put aside or given up is written before what was sent is acknowledged: a crash between sends again, with the same ids, and loses nothing. */
async function note(
  world: World,
  { owner }: Turn,
  { id, organisation }: Subscription,
  found: Found,
  outcomes: ReadonlyMap<number, Outcome>,
  { ackedTo, ...sent }: Progress,
) {
  const { signals, now, random, measure, log } = world;
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
