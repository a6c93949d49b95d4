import { setTimeout as sleep } from 'node:timers/promises';
import { createTokens, type TokenOptions } from './tokens.ts';

export interface DemoSubscriber {
  readonly organisation: string;
  /** ARN of the queue that was made for it. */
  readonly queueArn: string;
}

export interface SubscribeOptions extends TokenOptions {
  readonly fhirUrl: string;
  readonly subscribers: readonly DemoSubscriber[];
}

/** Whatever happens to whomever the organisation may see. */
const EVERYTHING = ['A', 'B', 'C', 'D'].map((urgency) => `urgency='${urgency}'`).join(' OR ');

/** The same endpoint is subscribed: it was done at a former start. */
const ALREADY = 409;

const LOOK_EVERY_MS = 50;
const ACTIVE_WITHIN_MS = 30_000;

/**
 * Subscribes the demo's organisations, each for itself and through the public API, to all that it may hear of. Doing it again changes nothing.
 * Returns once each hears: what is contributed from then on is told.
 * @throws Error naming the organisation and the HTTP status when one was refused
 */
export async function subscribeDemo({ fhirUrl, subscribers, ...options }: SubscribeOptions): Promise<void> {
  const tokens = createTokens(options);
  const subscribe = async ({ organisation, queueArn }: DemoSubscriber) => {
    const headers = { authorization: `Bearer ${await tokens.of(organisation)}`, 'content-type': 'application/fhir+json' };
    const signal = options.signal ?? null;
    const body = JSON.stringify(subscriptionTo(queueArn));
    const response = await fetch(`${fhirUrl}/Subscription`, { method: 'POST', headers, body, signal });
    const answer = (await response.json()) as fhir4.Subscription;
    if (response.status === ALREADY) return;
    if (response.status !== 201)
      throw new Error(`subscribing ${organisation} was refused with ${response.status}`, { cause: answer });
    await becomesActive(organisation, async () => {
      const read = await fetch(`${fhirUrl}/Subscription/${answer.id}`, { headers, signal });
      return ((await read.json()) as fhir4.Subscription).status;
    });
  };
  await Promise.all(subscribers.map(subscribe));
}

const subscriptionTo = (queueArn: string): fhir4.Subscription => ({
  resourceType: 'Subscription',
  status: 'requested',
  reason: 'The demo: all that the organisation may hear of',
  criteria: EVERYTHING,
  channel: { type: 'message', endpoint: queueArn, payload: 'application/json' },
});

async function becomesActive(organisation: string, statusNow: () => Promise<string>): Promise<void> {
  const until = performance.now() + ACTIVE_WITHIN_MS;
  for (let status = await statusNow(); status !== 'active'; status = await statusNow()) {
    if (performance.now() > until) throw new Error(`the subscription of ${organisation} is ${status}, not active`);
    await sleep(LOOK_EVERY_MS);
  }
}
