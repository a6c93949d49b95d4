import { settleRule } from '../../../shared/bus/drift.ts';
import { isRefusal, type Refusal, refuse } from '../../../shared/fhir/outcomes.ts';
import type { HttpAnswer } from '../../../shared/lambda/http.ts';
import type { Subscription } from '../../../shared/signals/subscription.ts';
import type { SubscribeDependencies, SubscribeRequest } from '../context.ts';
import { ownersOf } from '../owning.ts';
import { readSubscription } from './asking.ts';
import { subscriptionAnswer } from './showing.ts';

/** Of all rules, so much is for one organisation at most: it leaves room for the others. */
const MOST_SHARE = 1 / 3;

/**
 * `POST Subscription`. It is kept first, with the claim on its endpoint, and what belongs to it is made after: whatever a crash leaves undone is seen by
 * the check on drift, and is done then. Where nothing came back, whoever asks again is told which subscription has the endpoint.
 */
export async function createSubscription(
  dependencies: SubscribeDependencies,
  request: SubscribeRequest,
): Promise<HttpAnswer | Refusal> {
  const asked = readSubscription(dependencies, request);
  if (isRefusal(asked)) return asked;
  const { subscriptions, rules, mostRules, newId } = dependencies;
  const { caller, at } = request;
  const { organisation, client } = caller;
  if ((await subscriptions.ofOrganisation(organisation)).length >= Math.floor(mostRules * MOST_SHARE))
    return refuse('too-many-subscriptions');
  if ((await rules.count()) >= mostRules) return refuse('subscriptions-full');
  const subscription: Subscription = { ...asked, id: newId(), organisation, client, createdAt: at, updatedAt: at, version: 1 };
  const kept = await subscriptions.create(subscription);
  if (kept !== 'kept') return refusalOfKept(dependencies, request, kept, subscription);
  if ((await establish(dependencies, subscription, at)) === 'full') {
    await withdraw(dependencies, subscription);
    return refuse('subscriptions-full');
  }
  return subscriptionAnswer(201, subscription, { location: `${request.fhirUrl}/Subscription/${subscription.id}` });
}

/** Makes what belongs to a subscription that is on: key, rule, and that somebody sends. Can be repeated. */
export async function establish(
  { secrets, rules, subscriptions, directory, wake }: SubscribeDependencies,
  { id, channel }: Subscription,
  at: string,
): Promise<'settled' | 'full'> {
  if (channel.type === 'rest-hook') await secrets.ensure(id, at);
  const settled = await settleRule({ rules, subscriptions, directory }, id);
  if (settled === 'settled') await wake(id);
  return settled;
}

async function withdraw({ secrets, subscriptions }: SubscribeDependencies, { id }: Subscription): Promise<void> {
  await secrets.remove(id);
  const standing = await subscriptions.read(id);
  if (standing !== undefined) await subscriptions.remove(standing);
}

/** Why a subscription was not kept. The one that has the endpoint is named to nobody but its owner. */
export async function refusalOfKept(
  dependencies: SubscribeDependencies,
  request: SubscribeRequest,
  kept: 'endpoint-taken' | 'no-panel' | 'changed',
  { channel }: Subscription,
): Promise<Refusal> {
  if (kept === 'changed') return refuse('contended');
  if (kept === 'no-panel') return refuse('unknown-panel', { expression: 'Subscription.criteria' });
  const claim = await dependencies.subscriptions.claimOf(channel.endpoint);
  const isOwn = claim !== undefined && ownersOf(dependencies, request).includes(claim.organisation);
  return refuse('endpoint-taken', {
    expression: 'Subscription.channel.endpoint',
    ...(isOwn ? { diagnostics: `Subscription/${claim.id}` } : {}),
  });
}
