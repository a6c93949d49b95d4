import { isUnderWay, type SubscriptionReplay } from '../../../shared/bus/replays.ts';
import { parseJson } from '../../../shared/fhir/json.ts';
import { isRefusal, type Refusal, refuse } from '../../../shared/fhir/outcomes.ts';
import type { HttpAnswer } from '../../../shared/lambda/http.ts';
import type { Subscription } from '../../../shared/signals/subscription.ts';
import { isObject } from '../body.ts';
import type { SubscribeDependencies, SubscribeRequest } from '../context.ts';
import { parametersAnswer } from './answering.ts';

/** As long as signals are kept, and events archived. */
const MOST_DAYS = 30;
const DAY_MS = 86_400_000;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))$/;

/**
 * `POST Subscription/{id}/$replay`: a period of the archive goes through the rule of the subscription once more. Its events come as signals with new numbers
 * and the ids that they had, after who may hear of each person has been asked anew.
 */
export async function replay(
  { replays, rules }: SubscribeDependencies,
  request: SubscribeRequest,
  { id, status }: Subscription,
): Promise<HttpAnswer | Refusal> {
  const period = readPeriod(request);
  if (isRefusal(period)) return period;
  const rule = status === 'active' ? await rules.arnOf(id) : undefined;
  if (rule === undefined) return refuse('not-active');
  if ((await replays.of(id)).some(isUnderWay)) return refuse('replay-runs');
  const started = await replays.start(id, rule, period);
  if (started === 'busy') return refuse('throttled', { diagnostics: 'As many periods as can be are being replayed.' });
  return parametersAnswer(
    [
      { name: 'name', valueString: started.name },
      { name: 'start', valueInstant: period.start.toISOString() },
      { name: 'end', valueInstant: period.end.toISOString() },
    ],
    202,
  );
}

/** `GET Subscription/{id}/$replay`: how far replays have come. */
export async function tellReplays(
  { replays }: SubscribeDependencies,
  _: SubscribeRequest,
  { id }: Subscription,
): Promise<HttpAnswer> {
  return parametersAnswer((await replays.of(id)).map(parameterOf));
}

const parameterOf = ({ name, state, start, end, reached }: SubscriptionReplay) => ({
  name: 'replay',
  part: [
    { name: 'name', valueString: name },
    { name: 'state', valueCode: state.toLowerCase() },
    { name: 'start', valueInstant: start },
    { name: 'end', valueInstant: end },
    ...(reached === undefined ? [] : [{ name: 'reached', valueInstant: reached }]),
  ],
});

function readPeriod({ body, at }: SubscribeRequest): { readonly start: Date; readonly end: Date } | Refusal {
  if (body.byteLength === 0) return refuse('body-required');
  const resource = parseJson(body);
  if (isRefusal(resource)) return resource;
  const sent =
    isObject(resource) && resource.resourceType === 'Parameters' && Array.isArray(resource.parameter) ? resource.parameter : [];
  const [start, end] = [instantNamed(sent, 'start'), instantNamed(sent, 'end')];
  if (start === undefined || end === undefined || sent.length !== 2) return refuse('bad-parameters');
  const nowMs = Date.parse(at);
  const isWithin = start < end && end.getTime() <= nowMs && start.getTime() >= nowMs - MOST_DAYS * DAY_MS;
  return isWithin ? { start, end } : refuse('replay-beyond', { diagnostics: `Events are archived for ${MOST_DAYS} days.` });
}

function instantNamed(parameters: readonly unknown[], name: string): Date | undefined {
  const found = parameters.find((each) => isObject(each) && each.name === name) as Readonly<Record<string, unknown>> | undefined;
  const value = found?.valueInstant ?? found?.valueDateTime;
  const ms = typeof value === 'string' && INSTANT.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : new Date(ms);
}
