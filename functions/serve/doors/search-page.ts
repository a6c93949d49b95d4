import type { Steps } from '../../../shared/concurrency/steps.ts';
import {
  bundleText,
  fillPageWithIncluded,
  outcomeEntry,
  PAGE,
  type PageWithIncluded,
  searchEntry,
} from '../../../shared/fhir/answers/bundle.ts';
import { type PageRequest, pageLinks } from '../../../shared/fhir/answers/pages.ts';
import type { Query } from '../../../shared/fhir/answers/query-parameters.ts';
import { type Issue, operationOutcome, type Refusal, refuse, refuseAll } from '../../../shared/fhir/outcomes.ts';
import type { SearchEntry } from '../../../shared/fhir/search/entry.ts';
import type { SearchPlan } from '../../../shared/fhir/search/plan.ts';
import { runSearch } from '../../../shared/fhir/search/run.ts';
import { answeredBody } from '../../../shared/fhir/search/summary.ts';
import type { HttpAnswer } from '../../../shared/lambda/http.ts';
import type { ServeDependencies, ServeRequest } from '../context.ts';
import type { SearchableRecord } from './universe.ts';

/** One page of one search. */
export interface Searched {
  readonly page: PageRequest;
  readonly plan: SearchPlan;
}

/** Where a page is taken from. */
export interface Found {
  readonly record: SearchableRecord | undefined;
  readonly sequences: Readonly<Record<string, number>>;
  readonly self: Query;
  /** What the first page says of the record beside what it found. */
  readonly issues?: readonly Issue[];
}

/** A person who is not known and one who must not be seen give the same answer: nothing matches. */
export const NOBODY = { record: undefined, sequences: {} } as const;

/** One page, with the entries that it shows; none where the search is refused for what it would cost. */
export interface Page {
  readonly answer: HttpAnswer | Refusal;
  readonly shown?: readonly SearchEntry[];
}

/** Carries out a search, in steps and within the budget of one request, and writes a page of what it found. */
export async function pageOf(
  dependencies: ServeDependencies,
  request: ServeRequest,
  searched: Searched,
  found: Found,
): Promise<Page> {
  const { costly } = searched.plan;
  const steps = fill(request, searched, found);
  const isShort = costly.length === 0;
  const filled = await (isShort ? request.work.run(steps) : request.work.runWithin(dependencies.searchBudget, steps));
  if (filled === 'over-budget') return { answer: refuseAll(costly) ?? refuse('too-costly') };
  const { shown, included } = filled;
  return { answer: bundleOf(dependencies, request, searched, found, filled), shown: [...shown, ...included] };
}

interface Filled extends PageWithIncluded<SearchEntry> {
  /** Matches on all pages. */
  readonly total: number;
  /** Matches on this page and all later ones. */
  readonly left: number;
}

function* fill({ fhirUrl }: ServeRequest, { page, plan }: Searched, { record }: Found): Steps<Filled> {
  const result = record === undefined ? undefined : yield* runSearch(plan, record);
  const matches = result?.matches ?? [];
  const remaining = plan.summary === 'count' ? [] : matches.slice(page.cursor?.offset ?? 0);
  const companions = plan.inclusions.length === 0 ? undefined : result?.companions();
  const base = JSON.stringify(fhirUrl).slice(1, -1);
  const content = {
    items: remaining,
    entryOf: (entry: SearchEntry, mode: 'match' | 'include') =>
      searchEntry(`${base}/${entry.type}/${entry.id}`, answeredBody(entry, plan), mode),
    *along(match: SearchEntry, take: (entry: SearchEntry) => boolean): Steps<void> {
      if (companions !== undefined) yield* companions.along(match, take);
    },
  };
  const most = Math.min(plan.count ?? PAGE.defaultEntries, PAGE.maxEntries);
  return { ...(yield* fillPageWithIncluded(content, most)), total: matches.length, left: remaining.length };
}

function bundleOf(
  { cursorKey }: ServeDependencies,
  { caller, fhirUrl, at }: ServeRequest,
  { page, plan }: Searched,
  { sequences, self, issues = [] }: Found,
  { shown, entries, isCut, total, left }: Filled,
): HttpAnswer {
  const said = [...(page.cursor === undefined ? [...plan.ignored, ...issues] : []), ...(isCut ? [INCLUDED_CUT] : [])];
  const told = said.length === 0 ? entries : [...entries, outcomeEntry(operationOutcome(said))];
  const isLast = shown.length === left || shown.length === 0;
  const offset = (page.cursor?.offset ?? 0) + shown.length;
  const next = isLast ? undefined : { sequences, at: page.cursor?.at ?? at, offset };
  const links = pageLinks(cursorKey, caller, fhirUrl, page, self, next);
  const head = { type: 'searchset', timestamp: at, total: plan.total === 'none' ? undefined : total, links } as const;
  return { status: 200, body: bundleText(head, told) };
}

const INCLUDED_CUT: Issue = { code: 'included-cut' };
