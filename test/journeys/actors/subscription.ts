import { setTimeout as sleep } from 'node:timers/promises';
import type { Partner } from './partner.ts';

/** What an organisation asks to hear of, and where. */
export interface Wanted {
  readonly criteria: string;
  readonly channel: fhir4.SubscriptionChannel;
}

/** Whatever happens. */
export const EVERYTHING = ['A', 'B', 'C', 'D'].map((urgency) => `urgency='${urgency}'`).join(' OR ');

/** Subscribes, and waits until the subscription is active. @throws Error with the answer when it was refused */
export async function subscribeTo(partner: Partner, { criteria, channel }: Wanted): Promise<fhir4.Subscription> {
  const draft = { resourceType: 'Subscription', status: 'requested', reason: 'A journey', criteria, channel };
  const answer = await partner.post('Subscription', draft);
  if (answer.status !== 201) throw new Error(`the subscription was refused: ${answer.text}`);
  return becomesActive(partner, answer.json.id);
}

export async function becomesActive(partner: Partner, id: string, withinMs = 20_000): Promise<fhir4.Subscription> {
  const until = performance.now() + withinMs;
  for (;;) {
    const { json } = await partner.get(`Subscription/${id}`);
    if (json.status === 'active') return json;
    if (performance.now() > until) throw new Error(`the subscription is ${json.status}: ${json.error ?? 'no error'}`);
    await sleep(20);
  }
}

/** The organisation's own subscription with this kind of channel. */
export async function ownSubscription(partner: Partner, type: 'message' | 'rest-hook'): Promise<fhir4.Subscription> {
  const { json } = await partner.get(`Subscription?type=${type}`);
  const found = (json as fhir4.Bundle).entry?.[0]?.resource as fhir4.Subscription | undefined;
  if (found === undefined) throw new Error(`${partner.organisation} has no subscription of type ${type}`);
  return found;
}

/** What signatures of a subscription's webhook are made with. */
export async function secretsOf(partner: Partner, id: string): Promise<string[]> {
  const { json } = await partner.get(`Subscription/${id}/$secret`);
  return (json as fhir4.Parameters).parameter!.flatMap(
    ({ part }) => part?.find(({ name }) => name === 'secret')?.valueString ?? [],
  );
}
