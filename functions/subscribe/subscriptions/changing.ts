import { settleRule } from '../../../shared/bus/drift.ts';
import { isRefusal, type Refusal, refuse } from '../../../shared/fhir/outcomes.ts';
import type { HttpAnswer } from '../../../shared/lambda/http.ts';
import type { Subscription, SubscriptionStatus } from '../../../shared/signals/subscription.ts';
import type { SubscribeDependencies, SubscribeRequest } from '../context.ts';
import { asNamed, ownSubscription, tooLate } from '../owning.ts';
import { type Asked, readSubscription } from './asking.ts';
import { establish, refusalOfKept } from './creating.ts';
import { subscriptionAnswer } from './showing.ts';

/** `PUT Subscription/{id}`. A subscription is made by POST alone: an id is ours to give. */
export async function updateSubscription(
  dependencies: SubscribeDependencies,
  request: SubscribeRequest,
  id: string,
): Promise<HttpAnswer | Refusal> {
  const before = asNamed(request, await ownSubscription(dependencies, request, id));
  if (isRefusal(before)) return before;
  const asked = readSubscription(dependencies, request, before);
  if (isRefusal(asked)) return asked;
  const next = changed(before, asked, request);
  const kept = await dependencies.subscriptions.update(next, before);
  if (kept === 'changed') return tooLate(request);
  if (kept !== 'kept') return refusalOfKept(dependencies, request, kept, next);
  if (next.channel.type !== 'rest-hook' && before.channel.type === 'rest-hook') await dependencies.secrets.remove(id);
  if ((await settle(dependencies, next, request.at)) === 'settled') return subscriptionAnswer(200, next);
  // There was room for it until it was turned off.
  await dependencies.subscriptions.setStatus(next, {
    status: 'off',
    error: 'The event bus takes no more rules.',
    at: request.at,
  });
  return refuse('subscriptions-full');
}

function changed(before: Subscription, asked: Asked, { caller, at }: SubscribeRequest): Subscription {
  const { id, organisation, createdAt, version } = before;
  const status = statusAfter(before, asked);
  const stays = status === before.status && before.error !== undefined ? { error: before.error } : {};
  return { ...asked, ...stays, status, id, organisation, client: caller.client, createdAt, updatedAt: at, version: version + 1 };
}

/** Whoever is at an endpoint shakes hands once: another endpoint has to, and one that was off has to again. */
function statusAfter(before: Subscription, asked: Asked): SubscriptionStatus {
  const isElsewhere = before.channel.endpoint !== asked.channel.endpoint || before.channel.type !== asked.channel.type;
  if (asked.status === 'off') return 'off';
  return before.status === 'off' || isElsewhere ? 'requested' : before.status;
}

const settle = ({ rules, ...dependencies }: SubscribeDependencies, subscription: Subscription, at: string) =>
  subscription.status === 'off'
    ? settleRule({ rules, ...dependencies }, subscription.id)
    : establish({ rules, ...dependencies }, subscription, at);

/**
 * `DELETE Subscription/{id}`. It is turned off first, so that a crash between any two steps leaves a subscription that is off, with nothing that nobody knows of;
 * asked again, the rest is done.
 */
export async function deleteSubscription(
  dependencies: SubscribeDependencies,
  request: SubscribeRequest,
  id: string,
): Promise<HttpAnswer | Refusal> {
  const before = asNamed(request, await ownSubscription(dependencies, request, id));
  if (isRefusal(before)) return before;
  const { subscriptions, rules, directory, secrets } = dependencies;
  const off = before.status === 'off' ? before : await subscriptions.setStatus(before, { status: 'off', at: request.at });
  if (off === undefined) return tooLate(request);
  await settleRule({ rules, subscriptions, directory }, id);
  await secrets.remove(id);
  return (await subscriptions.remove(off)) ? { status: 204 } : refuse('contended');
}
