import type { Steps } from '../../concurrency/steps.ts';
import type { SearchEntry, Universe } from './entry.ts';
import { type Companions, createCompanions } from './include/companions.ts';
import { sortEntries } from './order.ts';
import type { Criterion, Search, SearchPlan } from './plan.ts';

/** What a search found. */
export interface SearchResult {
  /** Every match, on all pages, in order. */
  readonly matches: readonly SearchEntry[];
  /** What `_include` and `_revinclude` add to one page of matches. It does not count as a match. */
  companions(): Companions;
}

/** Carries out a search in what can be seen. */
export function* runSearch(plan: SearchPlan, universe: Universe): Steps<SearchResult> {
  const search: Search = {
    fragments: [...universe.fragments],
    resolve: (reference) => universe.resolve(reference),
    found: new Map(),
    met: new Map(),
  };
  const { type, criteria, sort, inclusions } = plan;
  const matches: SearchEntry[] = [];
  for (const entry of search.fragments)
    if (entry.type === type && (yield* meetsAll(entry, criteria, search))) matches.push(entry);
  return { matches: yield* sortEntries(matches, sort), companions: () => createCompanions(inclusions, search) };
}

function* meetsAll(entry: SearchEntry, criteria: readonly Criterion[], search: Search): Steps<boolean> {
  yield 1;
  for (const criterion of criteria) {
    yield criterion.weight;
    if (criterion.settle !== undefined) yield* criterion.settle(entry, search);
    if (!criterion.test(entry, search)) return false;
  }
  return true;
}
