import { isKnownAlready } from '../../../shared/fhir/answers/conditional.ts';
import { isRefusal, type Refusal } from '../../../shared/fhir/outcomes.ts';
import type { HttpAnswer } from '../../../shared/lambda/http.ts';
import type { Subscription } from '../../../shared/signals/subscription.ts';
import type { SubscribeDependencies, SubscribeRequest } from '../context.ts';
import { type Parameters, search } from '../finding.ts';
import { ownersOf, ownSubscription } from '../owning.ts';
import { stateOf, subscriptionAnswer, subscriptionText } from './showing.ts';

/** `GET Subscription/{id}`. */
export async function readOwnSubscription(
  dependencies: SubscribeDependencies,
  request: SubscribeRequest,
  id: string,
): Promise<HttpAnswer | Refusal> {
  const found = await ownSubscription(dependencies, request, id);
  if (isRefusal(found)) return found;
  const answer = subscriptionAnswer(200, found);
  return isKnownAlready(request.headers, stateOf(found)) ? { status: 304, headers: answer.headers } : answer;
}

/** http://hl7.org/fhir/R4/subscription.html#search */
const PARAMETERS: Parameters<Subscription> = {
  _id: ({ id }) => id,
  status: ({ status }) => status,
  criteria: ({ criteria }) => criteria,
  url: ({ channel }) => channel.endpoint,
  type: ({ channel }) => channel.type,
  payload: ({ channel }) => channel.payload,
};

/** `GET Subscription?…`: of the caller's own. */
export const searchSubscriptions = (dependencies: SubscribeDependencies, request: SubscribeRequest) =>
  search(dependencies, request, {
    type: 'Subscription',
    parameters: PARAMETERS,
    textOf: subscriptionText,
    all: async () => {
      const owners = ownersOf(dependencies, request);
      return (await Promise.all(owners.map((owner) => dependencies.subscriptions.ofOrganisation(owner)))).flat();
    },
  });
