import { saysSomething } from '../../shared/access/reasons.ts';
import { isRefusal, type Refusal, refuse, statusOf } from '../../shared/fhir/outcomes.ts';
import type { HttpAnswer } from '../../shared/lambda/http.ts';
import type { Watch } from '../../shared/store/oversight/watch-list.ts';
import type { JustifyDependencies, JustifyRequest } from './context.ts';
import { note } from './noting.ts';
import { readParameters } from './parameters.ts';

const DEFAULT_DAYS = 30;
const MAX_DAYS = 365;
const DAY_MS = 24 * 3_600_000;

/** `POST Patient/{id}/$watch`: has every look at one person's record reviewed, for some days. The record is not read, so that the answer tells nothing of it. */
export async function watch(
  dependencies: JustifyDependencies,
  request: JustifyRequest,
  person: string,
): Promise<HttpAnswer | Refusal> {
  const decided = dependencies.access.may(request.caller, 'review') ? readWatch(request, person) : refuse('may-not');
  const status = isRefusal(decided) ? statusOf(decided) : 200;
  const outcome = isRefusal(decided) ? 'refused' : 'shown';
  if (!(await note(dependencies, request, { interaction: 'watch', person, outcome, status }))) return refuse('unavailable');
  if (isRefusal(decided)) return decided;
  await dependencies.watchList.put(decided);
  const parameter = [{ name: 'until', valueInstant: decided.until }];
  return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
}

function readWatch({ body, caller, at }: JustifyRequest, person: string): Watch | Refusal {
  const values = readParameters(body, { note: 'text', days: 'number' });
  if (isRefusal(values)) return values;
  const { note: said = '', days = DEFAULT_DAYS } = values;
  if (!saysSomething(said)) return refuse('bad-reason');
  if (!(Number.isInteger(days) && days >= 1 && days <= MAX_DAYS)) return refuse('bad-days');
  const until = new Date(Date.parse(at) + days * DAY_MS).toISOString();
  const { staff = '', organisation } = caller;
  return { person, from: at, until, note: said, staff, organisation };
}
