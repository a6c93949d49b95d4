import type { Subscription } from '../../shared/signals/subscription.ts';
import { isHeld, isMended } from '../../shared/store/signals/log/leasing.ts';
import type { LogState } from '../../shared/store/signals/log/state.ts';
import type { Undelivered } from '../../shared/store/signals/waiting.ts';

/** Why a subscription is woken. */
export type Reason = 'handshake' | 'retry' | 'unsent' | 'due' | 'heartbeat';

/**
 * Why a subscription is to be woken at an instant; `undefined` where it is not: it is off, somebody is at work for it, or it is not to be tried yet.
 * To wake one too often costs a look; to leave one asleep would lose what it waits for.
 * @param nowMs milliseconds since the epoch
 */
export function dueReason(
  subscription: Subscription,
  state: LogState,
  { isUnsent, retryAt = Number.POSITIVE_INFINITY }: Undelivered,
  nowMs: number,
): Reason | undefined {
  const { status } = subscription;
  const { nextAttemptAt, dueAt = Number.POSITIVE_INFINITY } = state;
  if (status === 'off' || isHeld(state, nowMs)) return undefined;
  if ((nextAttemptAt ?? 0) > nowMs && !isMended(subscription, state)) return undefined;
  if (status === 'requested') return 'handshake';
  if (nextAttemptAt !== undefined || retryAt <= nowMs) return 'retry';
  if (isUnsent) return 'unsent';
  // As whoever was at work last left word.
  if (dueAt <= nowMs) return 'due';
  return isHeartbeatDue(subscription, state, nowMs) ? 'heartbeat' : undefined;
}

/** Silence counts from what was sent last, or from the last change of the subscription. */
const isHeartbeatDue = ({ heartbeatSeconds, updatedAt }: Subscription, { lastSentAt }: LogState, nowMs: number): boolean =>
  heartbeatSeconds !== undefined && nowMs - (lastSentAt ?? Date.parse(updatedAt)) >= heartbeatSeconds * 1_000;
