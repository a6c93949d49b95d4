import { runAtOnce } from '../../../shared/concurrency/steps.ts';
import { createWork } from '../../../shared/concurrency/work.ts';
import { isRefusal } from '../../../shared/fhir/outcomes.ts';
import { createEntry, type SearchEntry, type Universe } from '../../../shared/fhir/search/entry.ts';
import { parseSearch, type SearchOptions } from '../../../shared/fhir/search/parse.ts';
import type { SearchPlan } from '../../../shared/fhir/search/plan.ts';
import { runSearch, type SearchResult } from '../../../shared/fhir/search/run.ts';

/** The person whose record the tests search, and somebody who was merged into them. */
export const PERSON = 'abcdefghijklmnopqrstuvwxyz';
export const MERGED = 'zyxwvutsrqponmlkjihgfedcba';

export type Resource = { readonly resourceType: string; readonly id: string } & Readonly<Record<string, unknown>>;

/** A record that holds these resources; references to either id of the person lead to `Patient/<PERSON>`. */
export function recordOf(resources: readonly Resource[]): Universe & { readonly fragments: readonly SearchEntry[] } {
  const fragments = resources.map((resource) => createEntry(resource.resourceType, resource.id, JSON.stringify(resource)));
  const index = new Map(fragments.map((entry) => [`${entry.type}/${entry.id}`, entry]));
  return { fragments, resolve: (reference) => index.get(reference.replace(MERGED, PERSON)) };
}

/** Parts `Observation?code=a&date=b` as an HTTP server does. */
export function queryOf(address: string): readonly [type: string, query: readonly [string, string][]] {
  const [type = '', query = ''] = address.split('?', 2);
  return [type, [...new URLSearchParams(address.slice(type.length + 1) || query)]];
}

/** Plans a search in the compartment of the person, so that cases need not name them. Throws when it is refused. */
export function planOf(address: string, options: Partial<SearchOptions> = {}): SearchPlan {
  const [type, query] = queryOf(address);
  const plan = parseSearch(type, query, { strict: true, person: PERSON, ...options });
  if (isRefusal(plan)) throw new Error(`${address}: ${JSON.stringify(plan.issues)}`);
  return plan;
}

/** What a search finds in a record. */
export const searchIn = (record: Universe, address: string, options: Partial<SearchOptions> = {}): SearchResult =>
  runAtOnce(runSearch(planOf(address, options), record));

/** Ids of what a search finds. */
export const find = (resources: readonly Resource[], address: string, options: Partial<SearchOptions> = {}): string[] =>
  searchIn(recordOf(resources), address, options).matches.map(({ id }) => id);

/**
 * What a search finds and what it includes with a page of it, and what both cost.
 * @param most how many entries are taken along with the page
 */
export async function searchCounted(
  resources: readonly Resource[],
  address: string,
  { pageSize = 100, most = Number.POSITIVE_INFINITY }: { readonly pageSize?: number; readonly most?: number } = {},
) {
  const work = createWork();
  const { matches, companions } = await work.run(runSearch(planOf(address), recordOf(resources)));
  const { along } = companions();
  const page = matches.slice(0, pageSize);
  const taken: SearchEntry[] = [];
  const take = (entry: SearchEntry) => taken.length < most && taken.push(entry) > 0;
  for (const match of page) await work.run(along(match, take));
  const included = taken.filter((entry) => !page.includes(entry)).map(({ id }) => id);
  return { found: matches.map(({ id }) => id), included, work };
}

/** The issues of a refused search, as `code expression`. */
export function refusalOf(address: string, options: Partial<SearchOptions> = {}): string[] {
  const [type, query] = queryOf(address);
  const plan = parseSearch(type, query, { strict: false, person: PERSON, ...options });
  return isRefusal(plan) ? plan.issues.map(({ code, expression }) => [code, expression].filter(Boolean).join(' ')) : [];
}
