import type { HttpAnswer } from '../../../shared/lambda/http.ts';
import type { Subscription } from '../../../shared/signals/subscription.ts';
import type { SubscribeDependencies, SubscribeRequest } from '../context.ts';
import { instantOf } from './answering.ts';

/** Subscriptions R5 Backport, "R4 Subscription Status". */
export const STATUS_PROFILE = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-status-r4';

/**
 * `GET Subscription/{id}/$status`: where a subscription stands, as Parameters of the backport, and of ours beside them: how far its signals have come, what waits, what
 * was given up.
 */
export async function tellStatus(
  { log }: SubscribeDependencies,
  { fhirUrl }: SubscribeRequest,
  subscription: Subscription,
): Promise<HttpAnswer> {
  const { id, status, error } = subscription;
  const { lastNumber, ackedTo, retries, dead, failingSince, lastSentAt } = await log.status(id);
  const [[unsent], [aside]] = await Promise.all([lastNumber > ackedTo ? log.told(id, ackedTo + 1, 1) : [], log.retries(id)]);
  const waiting = [unsent?.announcedAt, aside?.signal.announcedAt].filter((ms) => ms !== undefined);
  const instant = (name: string, ms: number | undefined) => (ms === undefined ? [] : [{ name, valueInstant: instantOf(ms) }]);
  const parameter = [
    { name: 'subscription', valueReference: { reference: `${fhirUrl}/Subscription/${id}` } },
    { name: 'status', valueCode: status },
    { name: 'type', valueCode: 'query-status' },
    { name: 'events-since-subscription-start', valueString: String(lastNumber) },
    ...(error === undefined ? [] : [{ name: 'error', valueCodeableConcept: { text: error } }]),
    // Of what has its number: how much waits behind would tell of what may not be heard.
    { name: 'undelivered', valueUnsignedInt: lastNumber - ackedTo + retries },
    { name: 'dead-letters', valueUnsignedInt: dead },
    ...instant('oldest-undelivered', waiting.length === 0 ? undefined : Math.min(...waiting)),
    ...instant('last-delivered', lastSentAt),
    ...instant('failing-since', failingSince),
  ];
  return {
    status: 200,
    body: JSON.stringify({ resourceType: 'Parameters', id, meta: { profile: [STATUS_PROFILE] }, parameter }),
  };
}
