import { sideBySide } from '../../shared/bus/side-by-side.ts';
import { SIGNAL_METRICS } from '../../shared/signals/metrics.ts';
import type { Subscription } from '../../shared/signals/subscription.ts';
import type { Run, TendDependencies } from './context.ts';
import { dueReason, type Reason } from './due.ts';

/** Subscriptions that are looked at at a time. */
const AT_ONCE = 16;

/** What a look at a subscription found. */
interface Looked {
  readonly subscription: Subscription;
  readonly reason?: Reason;
  /** How long its oldest signal has waited. */
  readonly waitedMs: number;
}

/**
 * Wakes what is due: attempts whose time has come, heartbeats, handshakes that were not made, signals that wait with nobody at work for them. And says how long the oldest
 * signal of each organisation has waited: one that is stuck cannot say it itself.
 * A subscription that cannot be looked at keeps no other from it, and the part fails in the end.
 */
export async function wakeDue(dependencies: TendDependencies, subscriptions: readonly Subscription[], run: Run): Promise<void> {
  const { wake, log } = dependencies;
  let failure: unknown;
  const looked = await sideBySide(inTurn(subscriptions, run.at), AT_ONCE, async (subscription) => {
    if (subscription.status === 'off' || run.isOver()) return undefined;
    try {
      return await look(dependencies, subscription);
    } catch (error) {
      failure ??= error;
      log.error('a subscription cannot be looked at', { organisation: subscription.organisation, error });
      return undefined;
    }
  });
  const found = looked.filter((each) => each !== undefined);
  measureWaiting(dependencies, found);
  const due = found.filter(({ reason }) => reason !== undefined);
  const asleep = await wake(due.map(({ subscription }) => subscription.id));
  // The next minute wakes them.
  if (asleep.size > 0) failure ??= new Error('the queue did not take all that were to be woken');
  for (const [reason, woken] of Map.groupBy(due, (each) => each.reason!))
    log.info('woke subscriptions', { codes: [reason], count: woken.length });
  if (failure !== undefined) throw new Error('not all subscriptions could be looked after', { cause: failure });
}

async function look({ signals, undelivered, now }: TendDependencies, subscription: Subscription): Promise<Looked> {
  const state = await signals.state(subscription.id);
  const waiting = await undelivered(subscription.id, state);
  const nowMs = now().getTime();
  const reason = dueReason(subscription, state, waiting, nowMs);
  const waitedMs = Math.max(0, nowMs - (waiting.oldestAt ?? nowMs));
  return { subscription, waitedMs, ...(reason === undefined ? {} : { reason }) };
}

/** Of each organisation the longest wait; 0 where nothing waits, so that silence is not taken for it. */
function measureWaiting({ measure }: TendDependencies, looked: readonly Looked[]): void {
  for (const [organisation, own] of Map.groupBy(looked, ({ subscription }) => subscription.organisation))
    measure(organisation, { [SIGNAL_METRICS.oldestUndeliveredMs]: [Math.max(...own.map(({ waitedMs }) => waitedMs))] });
}

const MINUTE_MS = 60_000;

/** Each minute another one is first: were there ever too many for one run, none would wait for ever. */
function inTurn<T>(all: readonly T[], at: string): readonly T[] {
  const first = (Math.floor(Date.parse(at) / MINUTE_MS) * AT_ONCE) % Math.max(1, all.length);
  return [...all.slice(first), ...all.slice(0, first)];
}
