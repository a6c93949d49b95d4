import type { CloudEvent } from './inbox.ts';

/** What `demo.json` says that a partner's system has to know. */
export interface Partner {
  readonly fhirUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What we ask to hear of, and where. */
export interface Wanted {
  readonly endpoint: string;
  readonly criteria: string;
}

/** A Subscription (http://hl7.org/fhir/R4/subscription.html), as far as it is looked at here. */
export interface Subscription {
  readonly resourceType: 'Subscription';
  readonly id: string;
  readonly status: string;
  readonly reason: string;
  readonly error?: string;
  readonly criteria: string;
  readonly channel: { readonly type: string; readonly endpoint: string; readonly payload: string };
}

/** A page of what was told. */
export interface Told {
  readonly events: readonly CloudEvent[];
  /** The number with which the next page begins. */
  readonly next?: number;
}

/** Chesil's API, as a partner's system uses it. */
export interface Chesil {
  /** Subscribes, or finds the subscription that stands. */
  subscribe(wanted: Wanted): Promise<Subscription>;
  /** The secrets that signatures of a subscription are made with: one, or several while they rotate. */
  secrets(subscription: string): Promise<readonly string[]>;
  /** What was told, from a number on. */
  eventsFrom(subscription: string, number: number): Promise<Told>;
  /** What is there now, at an address that a signal named. */
  fetch(dataref: string): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
  readonly json: any;
}

/** A token is fetched anew this long before it ends. */
const RENEW_MS = 60_000;

export function connect(partner: Partner): Chesil {
  const token = tokenOf(partner);
  const send = async (method: string, address: string, body?: object): Promise<Answer> => {
    const response = await fetch(address.startsWith('http') ? address : `${partner.fhirUrl}/${address}`, {
      method,
      headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/fhir+json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, json: text === '' ? undefined : JSON.parse(text) };
  };
  const expect = async (statuses: readonly number[], method: string, address: string, body?: object) => {
    const answer = await send(method, address, body);
    if (statuses.includes(answer.status)) return answer;
    throw new Error(`${method} ${address} answered ${answer.status}: ${problemsOf(answer)}`);
  };
  return {
    async subscribe(wanted) {
      const answer = await expect([201, 409], 'POST', 'Subscription', draftOf(wanted));
      if (answer.status === 201) return answer.json;
      // The endpoint is subscribed: by us, at a former start.
      const { json } = await expect([200], 'GET', `Subscription?url=${encodeURIComponent(wanted.endpoint)}`);
      const ours: Subscription | undefined = json.entry?.[0]?.resource;
      if (ours === undefined) throw new Error('the endpoint is taken, but not by a subscription of ours');
      if (ours.criteria === wanted.criteria && ours.status !== 'off') return ours;
      const changed = { ...ours, status: 'requested', criteria: wanted.criteria };
      return (await expect([200], 'PUT', `Subscription/${ours.id}`, changed)).json;
    },
    async secrets(subscription) {
      const { json } = await expect([200], 'GET', `Subscription/${subscription}/$secret`);
      const keys: readonly { readonly part: readonly { readonly name: string; readonly valueString?: string }[] }[] =
        json.parameter;
      return keys.flatMap(({ part }) => part.find(({ name }) => name === 'secret')?.valueString ?? []);
    },
    async eventsFrom(subscription, number) {
      const { json, headers } = await expect([200], 'GET', `Subscription/${subscription}/$events?from=${number}`);
      const next = /[?&]from=(\d+)[^>]*>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
      return { events: json, ...(next === undefined ? {} : { next: Number(next) }) };
    },
    fetch: (dataref) => send('GET', dataref),
  };
}

const draftOf = ({ endpoint, criteria }: Wanted) => ({
  resourceType: 'Subscription',
  status: 'requested',
  reason: 'Sample subscriber: shows what a partner hears',
  criteria,
  channel: { type: 'rest-hook', endpoint, payload: 'application/json' },
});

function tokenOf({ tokenUrl, clientId, clientSecret }: Partner): () => Promise<string> {
  let token: { readonly text: string; readonly untilMs: number } | undefined;
  return async () => {
    if (token !== undefined && Date.now() < token.untilMs) return token.text;
    const response = await fetch(tokenUrl, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    if (!response.ok) throw new Error(`no token was given: ${response.status}`);
    const answer = (await response.json()) as { access_token: string; expires_in: number };
    token = { text: answer.access_token, untilMs: Date.now() + answer.expires_in * 1_000 - RENEW_MS };
    return token.text;
  };
}

/** What an OperationOutcome says, in one line. */
const problemsOf = ({ json }: Answer): string =>
  ((json?.issue ?? []) as { diagnostics?: string; details?: { text?: string } }[])
    .map(({ diagnostics, details }) => diagnostics ?? details?.text ?? '')
    .join('; ');
