import { FAILURE_TEXTS, type Outcome } from '../../shared/signals/endpoints/outcomes.ts';
import { ERROR_AFTER_MS, GIVEN_UP_AFTER_MS, waitAfter } from '../../shared/signals/sending/patience.ts';
import type { Subscription } from '../../shared/signals/subscription.ts';
import { isMended } from '../../shared/store/signals/log/leasing.ts';
import type { LogState } from '../../shared/store/signals/log/log.ts';
import type { Turn, World } from './world.ts';

type Failure = Extract<Outcome, { readonly ok: false }>;

const BACK_TEXT =
  'set the status to requested: what had waited before, for less than 30 days, is sent. What came while it was off is not; ask for that period with $replay.';
/** Said beside the reason, so that an owner knows what happens now. */
const OFF_TEXT = `It failed for three days, so the subscription is off. Mend it, then ${BACK_TEXT}`;
const GONE_TEXT = `The endpoint answered that it is gone (410), so the subscription is off. To have it back, ${BACK_TEXT}`;

/**
 * Nothing got through: everything waits, longer each time; the status says so after five minutes, and after three days the subscription is off.
 * @returns when it is tried again; `undefined` where it is not
 */
export async function putOff(
  world: World,
  { owner }: Turn,
  subscription: Subscription,
  state: LogState,
  failure: Failure,
): Promise<number | undefined> {
  const { signals, subscriptions, now, random } = world;
  const nowMs = now();
  const text = FAILURE_TEXTS[failure.code];
  if (failure.code === 'gone') {
    await world.end(subscription, GONE_TEXT);
    return undefined;
  }
  const before = isMended(subscription, state) ? undefined : state;
  const failingSince = before?.failingSince ?? nowMs;
  if (nowMs - failingSince >= GIVEN_UP_AFTER_MS) {
    await world.end(subscription, `${text} ${OFF_TEXT}`);
    return undefined;
  }
  const attempts = (before?.attempts ?? 0) + 1;
  const nextAttemptAt = nowMs + waitAfter(attempts, failure, random());
  const postponed = await signals.postpone(subscription.id, owner, {
    failingSince,
    failedAt: nowMs,
    attempts,
    nextAttemptAt,
  });
  if (postponed === undefined) return undefined;
  const isLong = nowMs - failingSince >= ERROR_AFTER_MS;
  // A subscription that never was active stays requested; its owner reads why.
  const status = isLong && subscription.status === 'active' ? 'error' : subscription.status;
  if (isLong && (status !== subscription.status || subscription.error !== text))
    await subscriptions.setStatus(subscription, { status, error: text, at: new Date(nowMs).toISOString() });
  world.log.warn('a subscriber does not take signals', {
    organisation: subscription.organisation,
    codes: [failure.code],
    attempt: attempts,
  });
  return nextAttemptAt;
}

/** Something got through. */
export async function nowWorks(world: World, subscription: Subscription): Promise<void> {
  if (subscription.status === 'active' && subscription.error === undefined) return;
  await world.subscriptions.setStatus(subscription, { status: 'active', at: new Date(world.now()).toISOString() });
}
