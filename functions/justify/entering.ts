import { readWords } from '../../shared/access/reasons.ts';
import { isRefusal, type Refusal, refuse, statusOf } from '../../shared/fhir/outcomes.ts';
import type { HttpAnswer } from '../../shared/lambda/http.ts';
import type { JustifyDependencies, JustifyRequest } from './context.ts';
import { type Attempt, note } from './noting.ts';
import { readParameters } from './parameters.ts';

const DEFAULT_DAYS = 30;
const MAX_DAYS = 365;
const DAY_MS = 24 * 3_600_000;
const STAFF = /^[a-z][a-z0-9-]{1,19}\|[\x21-\x7e]{1,128}$/;

/** What a privacy officer enters about a person, for the review of the audit to go by. No record is read, so that the answer tells nothing of it. */
interface Entry {
  readonly interaction: Attempt['interaction'];
  /** @returns until when it stands, with what is to be kept; or what is wrong with the asking */
  read(request: JustifyRequest, person: string): { readonly until: string; keep(): Promise<void> } | Refusal;
}

/** `POST Patient/{id}/$watch`: has every look at one person's record reviewed, for some days. */
export const watch = (dependencies: JustifyDependencies, request: JustifyRequest, person: string) =>
  enter(dependencies, request, person, {
    interaction: 'watch',
    read: ({ body, caller, at }) => {
      const values = readParameters(body, { note: 'text', days: 'number' });
      if (isRefusal(values)) return values;
      const { note: words = '', days = DEFAULT_DAYS } = values;
      const said = readWords(words);
      if (said === undefined) return refuse('bad-reason');
      if (!isDays(days)) return refuse('bad-days');
      const { staff = '', organisation } = caller;
      const entry = { person, from: at, until: daysAfter(at, days), note: said, staff, organisation };
      return { until: entry.until, keep: () => dependencies.watchList.put(entry) };
    },
  });

/** `POST Patient/{id}/$know-as-staff`: says which member of staff of the officer's organisation a person is, for looks at oneself, at one's household and at colleagues to be found. */
export const knowAsStaff = (dependencies: JustifyDependencies, request: JustifyRequest, person: string) =>
  enter(dependencies, request, person, {
    interaction: 'know-as-staff',
    read: ({ body, caller, at }) => {
      const values = readParameters(body, { staff: 'text', days: 'number' });
      if (isRefusal(values)) return values;
      const { staff = '', days = MAX_DAYS } = values;
      if (!STAFF.test(staff)) return refuse('bad-staff');
      if (!isDays(days)) return refuse('bad-days');
      const entry = { person, staff, organisation: caller.organisation, from: at, until: daysAfter(at, days) };
      return { until: entry.until, keep: () => dependencies.staffRegister.put(entry) };
    },
  });

async function enter(
  dependencies: JustifyDependencies,
  request: JustifyRequest,
  person: string,
  { interaction, read }: Entry,
): Promise<HttpAnswer | Refusal> {
  const { caller, at } = request;
  const decided = dependencies.access.may(caller, 'review', { at }) ? read(request, person) : refuse('may-not');
  const status = isRefusal(decided) ? statusOf(decided) : 200;
  const outcome = isRefusal(decided) ? 'refused' : 'shown';
  if (!(await note(dependencies, request, { interaction, person, outcome, status }))) return refuse('audit-unavailable');
  if (isRefusal(decided)) return decided;
  await decided.keep();
  const parameter = [{ name: 'until', valueInstant: decided.until }];
  return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
}

const isDays = (days: number): boolean => Number.isInteger(days) && days >= 1 && days <= MAX_DAYS;

const daysAfter = (at: string, days: number): string => new Date(Date.parse(at) + days * DAY_MS).toISOString();
