import { MEDIA_PARAMETERS } from '../../../shared/fhir/answers/media.ts';
import { countReader, type ParameterTable, readParameters } from '../../../shared/fhir/answers/query-parameters.ts';
import { isRefusal, type Refusal, refuse } from '../../../shared/fhir/outcomes.ts';
import type { HttpAnswer } from '../../../shared/lambda/http.ts';
import { cloudEvent } from '../../../shared/signals/payload/cloud-event.ts';
import type { NumberedSignal } from '../../../shared/signals/signal.ts';
import type { Subscription } from '../../../shared/signals/subscription.ts';
import type { SubscribeDependencies, SubscribeRequest } from '../context.ts';
import { STATUS_PROFILE } from './status.ts';

const DEFAULT_COUNT = 100;
const MOST_COUNT = 1_000;
/** Rounds of numbering before an answer: what waits behind them is on a later page. */
const MOST_ROUNDS = 20;

const PARAMETERS: ParameterTable<{ readonly from: number; readonly count: number }> = {
  from: { read: (value) => (/^[1-9]\d{0,11}$/.test(value) ? { from: Number(value) } : undefined) },
  _count: countReader(MOST_COUNT, 1),
};

/** A page of signals. */
interface Page {
  readonly signals: readonly NumberedSignal[];
  /** Address of the next page, where there is one. */
  readonly next?: string;
  readonly lastNumber: number;
}

/**
 * `GET Subscription/{id}/$events?from=…&_count=…`: signals by their numbers, for whoever has missed some. What still waits gets its number first, so that nothing is
 * left out; who may hear of each person is asked anew, and what may not be told any more leaves a gap.
 */
export async function tellEvents(
  dependencies: SubscribeDependencies,
  request: SubscribeRequest,
  subscription: Subscription,
): Promise<HttpAnswer | Refusal> {
  // A list of CloudEvents has no place to say what was ignored, so nothing is.
  const query = request.query.filter(([name]) => !MEDIA_PARAMETERS.has(name));
  const asked = readParameters(query, PARAMETERS, { strict: true });
  if (isRefusal(asked)) return asked;
  const page = await readPage(dependencies, request, subscription, { from: 1, count: DEFAULT_COUNT, ...asked.values });
  return subscription.channel.payload === 'application/json'
    ? eventList(page, subscription)
    : eventBundle(page, subscription, request);
}

async function readPage(
  { log, hearing }: SubscribeDependencies,
  { fhirUrl }: SubscribeRequest,
  subscription: Subscription,
  { from, count }: { readonly from: number; readonly count: number },
): Promise<Page> {
  const { id, organisation } = subscription;
  for (let round = 0; round < MOST_ROUNDS; round++) if (!(await log.number(subscription, hearing.mayHear)).more) break;
  const found = await log.told(id, from, count + 1);
  const { lastNumber } = await log.state(id);
  const told = found.slice(0, count);
  const may = await hearing.mayHear(organisation, told);
  const signals = told.filter((_, index) => may[index] === true);
  const follows = found[count];
  const next = `${fhirUrl}/Subscription/${id}/$events?from=${follows?.number}&_count=${count}`;
  return { signals, lastNumber, ...(follows === undefined ? {} : { next }) };
}

/** CloudEvents 1.0, JSON format, section 4: a batch. Its next page is named in a header (RFC 8288). */
const eventList = ({ signals, next }: Page, { id }: Subscription): HttpAnswer => ({
  status: 200,
  headers: {
    'content-type': 'application/cloudevents-batch+json; charset=utf-8',
    ...(next === undefined ? {} : { link: `<${next}>; rel="next"` }),
  },
  body: JSON.stringify(signals.map(({ event, number }) => cloudEvent(event, number, id))),
});

/** The answer to `$events` of the Subscriptions R5 Backport: a history that holds the status with all events. */
function eventBundle(
  { signals, next, lastNumber }: Page,
  subscription: Subscription,
  { fhirUrl, at }: SubscribeRequest,
): HttpAnswer {
  const address = `${fhirUrl}/Subscription/${subscription.id}`;
  const parameter = [
    { name: 'subscription', valueReference: { reference: address } },
    { name: 'status', valueCode: subscription.status },
    { name: 'type', valueCode: 'query-event' },
    { name: 'events-since-subscription-start', valueString: String(lastNumber) },
    ...signals.map(({ event, number }) => ({
      name: 'notification-event',
      part: [
        { name: 'event-number', valueString: String(number) },
        { name: 'timestamp', valueInstant: event.time },
        { name: 'focus', valueReference: { reference: event.dataref } },
        { name: 'event-id', valueString: event.id },
        { name: 'event-type', valueString: event.type },
      ],
    })),
  ];
  const resource = { resourceType: 'Parameters', id: subscription.id, meta: { profile: [STATUS_PROFILE] }, parameter };
  const link = next === undefined ? {} : { link: [{ relation: 'next', url: next }] };
  const entry = [
    {
      fullUrl: `${address}/$status`,
      resource,
      request: { method: 'GET', url: `${address}/$status` },
      response: { status: '200' },
    },
  ];
  return { status: 200, body: JSON.stringify({ resourceType: 'Bundle', type: 'history', timestamp: at, ...link, entry }) };
}

/** `GET Subscription/{id}/$dead-letters`: what was given up after three days, as far as it may still be told. */
export async function tellDeadLetters(
  { log, hearing }: SubscribeDependencies,
  _: SubscribeRequest,
  { id, organisation }: Subscription,
): Promise<HttpAnswer> {
  const letters = await log.dead(id);
  const may = await hearing.mayHear(
    organisation,
    letters.map(({ signal }) => signal),
  );
  const parameter = letters
    .filter((_letter, index) => may[index] === true)
    .map(({ signal, attempts, since, code }) => ({
      name: 'dead-letter',
      part: [
        { name: 'event-number', valueString: String(signal.number) },
        { name: 'event-id', valueString: signal.event.id },
        { name: 'event-type', valueString: signal.event.type },
        { name: 'attempts', valueUnsignedInt: attempts },
        { name: 'since', valueInstant: new Date(since).toISOString() },
        ...(code === undefined ? [] : [{ name: 'code', valueCode: code }]),
      ],
    }));
  return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', ...(parameter.length === 0 ? {} : { parameter }) }) };
}

/** `POST Subscription/{id}/$redrive`: all dead letters are sent again. */
export async function redrive(
  { log, wake }: SubscribeDependencies,
  _: SubscribeRequest,
  { id, status }: Subscription,
): Promise<HttpAnswer | Refusal> {
  if (status === 'off') return refuse('not-active');
  const count = await log.redrive(id);
  await wake(id);
  const parameter = [{ name: 'count', valueUnsignedInt: count }];
  return { status: 202, body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
}
