import { bundleText, outcomeEntry, PAGE, searchEntry } from '../../shared/fhir/answers/bundle.ts';
import { MEDIA_PARAMETERS, wantedOf } from '../../shared/fhir/answers/media.ts';
import { openPage, pageLinks } from '../../shared/fhir/answers/pages.ts';
import { type Query, withoutRepeats } from '../../shared/fhir/answers/query-parameters.ts';
import { type Issue, isRefusal, operationOutcome, type Refusal, refuse, refuseAll } from '../../shared/fhir/outcomes.ts';
import type { HttpAnswer } from '../../shared/lambda/http.ts';
import type { SubscribeDependencies, SubscribeRequest } from './context.ts';

/** What of a resource each search parameter looks at. */
export type Parameters<Item> = Readonly<Record<string, (item: Item) => string | undefined>>;

/** What is searched: everything of the caller's own. */
export interface Searched<Item> {
  readonly type: 'Subscription' | 'Group';
  readonly parameters: Parameters<Item>;
  readonly textOf: (item: Item) => string;
  readonly all: () => Promise<readonly Item[]>;
}

/** A search among few: each parameter is a list of values of which one has to be there as it is. */
export async function search<Item extends { readonly id: string }>(
  { cursorKey }: SubscribeDependencies,
  request: SubscribeRequest,
  { type, parameters, textOf, all }: Searched<Item>,
): Promise<HttpAnswer | Refusal> {
  const { caller, fhirUrl, at, headers } = request;
  const wanted = wantedOf(headers, request.query);
  if (isRefusal(wanted)) return wanted;
  const page = openPage(
    cursorKey,
    caller,
    type,
    request.query.filter(([name]) => !MEDIA_PARAMETERS.has(name)),
    wanted.form,
  );
  if (isRefusal(page)) return page;
  const asked = readQuery(page.query, parameters, wanted.strict);
  if (isRefusal(asked)) return asked;
  const { tests, count, ignored, taken } = asked;
  const found = (await all()).filter((item) => tests.every(([name, values]) => values.includes(parameters[name]!(item) ?? '')));
  const offset = page.cursor?.offset ?? 0;
  const shown = found.slice(offset, offset + count);
  const entries = shown.map((item) => searchEntry(`${fhirUrl}/${type}/${item.id}`, textOf(item), 'match'));
  const isMore = count > 0 && offset + count < found.length;
  const next = isMore ? { sequences: {}, at, offset: offset + count } : undefined;
  const links = pageLinks(cursorKey, caller, fhirUrl, page, taken, next);
  const outcome = ignored.length === 0 ? [] : [outcomeEntry(operationOutcome(ignored))];
  const head = { type: 'searchset' as const, timestamp: at, total: found.length, links };
  return { status: 200, body: bundleText(head, [...entries, ...outcome]) };
}

interface Asked {
  readonly tests: readonly (readonly [name: string, values: readonly string[]])[];
  readonly count: number;
  readonly ignored: readonly Issue[];
  /** The parameters that are taken into account. */
  readonly taken: Query;
}

function readQuery(sent: Query, parameters: Parameters<never>, strict: boolean): Asked | Refusal {
  const query = withoutRepeats(sent);
  const unknown = query.filter(([name]) => name !== '_count' && !Object.hasOwn(parameters, name));
  const issues = unknown.map(([name]): Issue => {
    const code = strict ? 'unknown-parameter' : 'ignored-parameter';
    return /^[_A-Za-z][A-Za-z:-]{0,39}$/.test(name) ? { code, diagnostics: name } : { code };
  });
  const refused = strict ? refuseAll(issues) : undefined;
  if (refused !== undefined) return refused;
  const taken = query.filter((each) => !unknown.includes(each));
  const [counted, ...others] = taken.flatMap(([name, value]) => (name === '_count' ? [value] : []));
  if (others.length > 0) return refuse('repeated-parameter', { diagnostics: '_count' });
  if (counted !== undefined && !/^\d{1,6}$/.test(counted)) return refuse('bad-parameter', { diagnostics: '_count' });
  return {
    tests: taken.filter(([name]) => name !== '_count').map(([name, value]) => [name, valuesOf(name, value)]),
    count: Math.min(Number(counted ?? PAGE.defaultEntries), PAGE.maxEntries),
    ignored: issues,
    taken,
  };
}

/** Criteria and addresses may hold a comma; of a token, commas mean or (http://hl7.org/fhir/R4/search.html#escaping). */
const valuesOf = (name: string, value: string): readonly string[] =>
  name === 'criteria' || name === 'url' ? [value] : value.split(',').map((each) => each.trim());
