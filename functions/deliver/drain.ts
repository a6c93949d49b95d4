import { failed } from '../../shared/signals/endpoints/outcomes.ts';
import { SIGNAL_METRICS } from '../../shared/signals/metrics.ts';
import { SLOW_MS } from '../../shared/signals/sending/in-order.ts';
import { createPace } from '../../shared/signals/sending/pacing.ts';
import { headsOf } from '../../shared/signals/sending/round.ts';
import { type Found, type Receiving, send } from '../../shared/signals/sending/rounds.ts';
import { heartbeatAt, type Sleep, sleepUntil } from '../../shared/signals/sending/sleeping.ts';
import { ENDED_TEXT, type Subscription } from '../../shared/signals/subscription.ts';
import { isMended, LEASE_MS } from '../../shared/store/signals/log/leasing.ts';
import type { LogState, Looked } from '../../shared/store/signals/log/log.ts';
import { nowWorks, putOff } from './failing.ts';
import { find } from './finding.ts';
import { sendOwn } from './own.ts';
import { DECIDED_MS, type Turn, type World } from './world.ts';

/** What is left to do after a step: go on, or sleep until something arrives or is due. */
type Step = 'again' | 'lost' | { readonly state: LogState } | Idle;

interface Idle extends Sleep {
  readonly oldestMs: number;
}

const NOTHING_WAITS = { oldestMs: 0 };

/**
 * Works for one subscription, whose lease the turn has, until nothing is left to do, or time is up.
 * @returns whether there is something left that should be gone on with at once
 */
export async function drain(world: World, turn: Turn, id: string, leased: LogState): Promise<boolean> {
  const { signals } = world;
  let state = leased;
  let at: Receiving | undefined;
  /** Things arrive while others are sent: then it is looked for more before the lease is given back. */
  let isBusy = false;
  for (;;) {
    const looked = await signals.look(id, state.takenTo);
    const { subscription } = looked;
    if (subscription === undefined) {
      await signals.forget(id);
      return false;
    }
    if (at?.subscription.version !== subscription.version)
      at = { subscription, carrier: world.carrierOf(subscription), pace: createPace(subscription.ratePerSecond, world) };
    const step = await once(world, turn, at, state, looked);
    if (step === 'lost') return false;
    if (isIdle(step) && !(isBusy && step.progress)) {
      if (await isAsleep(world, turn, subscription, state, step)) return false;
      isBusy = true;
    }
    if (world.now() >= turn.deadline) {
      await signals.release(id, turn.owner, isIdle(step) && step.progress ? { progress: step.progress } : {});
      return true;
    }
    const renewed = await goOn(world, turn, id, step);
    if (renewed === undefined) return false;
    state = renewed;
  }
}

const isIdle = (step: Step): step is Idle => typeof step === 'object' && 'oldestMs' in step;

/** Notes what was not noted yet, and keeps the lease. @returns the state; `undefined` when the lease was lost */
function goOn({ signals }: World, { owner }: Turn, id: string, step: Exclude<Step, 'lost'>): Promise<LogState | undefined> {
  if (step === 'again') return signals.lease(id, owner, LEASE_MS);
  if ('state' in step) return Promise.resolve(step.state);
  return step.progress ? signals.acknowledge(id, owner, step.progress, LEASE_MS) : signals.lease(id, owner, LEASE_MS);
}

async function once(world: World, turn: Turn, at: Receiving, state: LogState, looked: Looked): Promise<Step> {
  const { subscription } = at;
  const { status, end } = subscription;
  const nowMs = world.now();
  if (status === 'off') return NOTHING_WAITS;
  if (end !== undefined && Date.parse(end) <= nowMs) {
    await world.subscriptions.setStatus(subscription, { status: 'off', error: ENDED_TEXT, at: new Date(nowMs).toISOString() });
    return NOTHING_WAITS;
  }
  if (state.nextAttemptAt !== undefined && state.nextAttemptAt > nowMs && !isMended(subscription, state))
    return waiting(world, subscription, state, state.nextAttemptAt);
  if (!world.isAgreed(subscription)) return afterFailure(world, turn, at, state, failed('not-agreed'));
  if (status === 'requested') return own(world, turn, at, state, 'handshake');
  const found = await find(world, subscription, state, looked);
  const due = heartbeatAt(subscription, state);
  const hasWork =
    found.fresh.length > 0 ||
    found.withheld.length > 0 ||
    found.last > state.ackedTo ||
    headsOf(found.retries).some(({ nextAt }) => nextAt <= nowMs);
  if (hasWork) return round(world, turn, at, state, found);
  if (found.more) return 'again';
  if (due !== undefined && due <= nowMs) return own(world, turn, at, state, 'heartbeat');
  return asleep(found, due, state.isSlow ? undefined : subscription.version, nowMs);
}

/** Nothing is to be done before something arrives or is due. */
const asleep = (found: Found, heartbeat: number | undefined, idleVersion: number | undefined, nowMs: number): Idle => ({
  seen: found.arrivals,
  idleVersion: found.retries.length === 0 ? idleVersion : undefined,
  ...dueNext(found, heartbeat),
  oldestMs: oldestOf(found, nowMs),
});

async function round(world: World, turn: Turn, at: Receiving, state: LogState, found: Found): Promise<Step> {
  const { subscription } = at;
  const until = Math.min(turn.deadline, world.now() + DECIDED_MS);
  const holder = { owner: turn.owner, mayBegin: () => world.now() < until && turn.isHeld() };
  const { state: noted, progress, accepted, failure } = await send(world, holder, at, found, state.ackedTo);
  if (accepted > 0 && failure?.code !== 'gone') await nowWorks(world, subscription);
  if (failure !== undefined) return afterFailure(world, turn, at, noted ?? state, failure);
  // Nothing is left: there is no need to look again, for who sleeps does so only if nothing has arrived since.
  if (progress !== undefined) {
    const due = heartbeatAt(subscription, { ...state, lastSentAt: progress.sentAt });
    return { ...asleep(found, due, progress.isSlow ? undefined : subscription.version, world.now()), progress };
  }
  return noted === undefined ? 'lost' : { state: noted };
}

async function own(world: World, turn: Turn, at: Receiving, state: LogState, kind: 'handshake' | 'heartbeat'): Promise<Step> {
  const { subscription, carrier } = at;
  const begunAt = world.now();
  const outcome = await sendOwn(world, carrier, subscription, state, kind);
  const sentAt = world.now();
  if (!outcome.ok) return afterFailure(world, turn, at, state, outcome);
  await nowWorks(world, subscription);
  const progress = { ackedTo: state.ackedTo, sentAt, isSlow: sentAt - begunAt > SLOW_MS };
  const noted = await world.signals.acknowledge(subscription.id, turn.owner, progress, LEASE_MS);
  return noted === undefined ? 'lost' : { state: noted };
}

async function afterFailure(
  world: World,
  turn: Turn,
  { subscription }: Receiving,
  state: LogState,
  outcome: ReturnType<typeof failed>,
): Promise<Step> {
  if (outcome.ok) return 'again';
  const nextAt = await putOff(world, turn, subscription, state, outcome);
  return nextAt === undefined ? NOTHING_WAITS : waiting(world, subscription, state, nextAt);
}

/** Everything waits for a while. */
async function waiting({ signals, now }: World, { id }: Subscription, state: LogState, dueAt: number): Promise<Step> {
  const [oldest] = await signals.unsent(id, state);
  return { dueAt, oldestMs: oldest === undefined ? 0 : Math.max(0, now() - oldest.announcedAt) };
}

/** When something is due though nothing arrives: the first of each person that was put aside, or a heartbeat. */
function dueNext({ retries }: Found, heartbeat: number | undefined): { readonly dueAt?: number } {
  const heads = headsOf(retries).map(({ nextAt }) => nextAt);
  const all = heartbeat === undefined ? heads : [...heads, heartbeat];
  return all.length === 0 ? {} : { dueAt: Math.min(...all) };
}

const oldestOf = ({ retries }: Found, nowMs: number): number =>
  Math.max(0, ...retries.map(({ signal }) => nowMs - signal.announcedAt));

/** @returns false when something has arrived: there is more to do */
async function isAsleep(
  world: World,
  turn: Turn,
  { id, organisation }: Subscription,
  state: LogState,
  { oldestMs, ...sleep }: Idle,
): Promise<boolean> {
  if (!(await sleepUntil(world, turn.owner, id, state, sleep)).isReleased) return false;
  world.measure(organisation, { [SIGNAL_METRICS.oldestUndeliveredMs]: [oldestMs] });
  return true;
}
