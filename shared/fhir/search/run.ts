import { keyOf, pointedAt } from './criteria.ts';
import type { SearchEntry, Universe } from './entry.ts';
import { sortEntries } from './order.ts';
import { type ParameterType, parametersOf, type SimpleParameter } from './parameters.ts';
import type { Inclusion, Search, SearchPlan } from './plan.ts';

/** What a search found. */
export interface SearchResult {
  /** Every match, on all pages, in order. */
  readonly matches: readonly SearchEntry[];
  /**
   * What `_include` and `_revinclude` add to a page of matches: each once, and none that is on that page itself. It does not count
   * as a match (http://hl7.org/fhir/R4/search.html#include).
   */
  included(page: readonly SearchEntry[]): readonly SearchEntry[];
}

/** Carries out a search in what can be seen. */
export function runSearch(plan: SearchPlan, universe: Universe): SearchResult {
  const search: Search = {
    fragments: [...universe.fragments],
    resolve: (reference) => universe.resolve(reference),
    found: new Map(),
    met: new Map(),
  };
  const { type, criteria, sort, inclusions } = plan;
  const matches = search.fragments.filter(
    (entry) => entry.type === type && criteria.every((criterion) => criterion(entry, search)),
  );
  return {
    matches: sortEntries(matches, sort),
    included: (page) => (inclusions.length === 0 ? [] : includedWith(page, inclusions, search)),
  };
}

/** Adds what the page asks for, then (for `:iterate`) what that asks for, until nothing is new. */
function includedWith(page: readonly SearchEntry[], inclusions: readonly Inclusion[], search: Search): readonly SearchEntry[] {
  const seen = new Set(page);
  const added: SearchEntry[] = [];
  const iterated = inclusions.filter(({ iterate }) => iterate);
  let sources = page;
  let asked = inclusions;
  while (sources.length > 0 && asked.length > 0) {
    const fresh: SearchEntry[] = [];
    for (const inclusion of asked) {
      for (const entry of inclusion.reverse ? pointingAt(sources, inclusion, search) : pointedFrom(sources, inclusion, search)) {
        if (seen.has(entry)) continue;
        seen.add(entry);
        fresh.push(entry);
      }
    }
    added.push(...fresh);
    sources = fresh;
    asked = iterated;
  }
  return added;
}

function* pointedFrom(
  sources: readonly SearchEntry[],
  { source, parameter, target }: Inclusion,
  search: Search,
): Generator<SearchEntry> {
  for (const entry of sources) {
    if (source !== undefined && entry.type !== source) continue;
    for (const reference of referencesOf(entry.type, parameter)) {
      for (const pointer of reference.values(entry)) {
        // What is contained is there already, inside what contains it.
        const found = pointer.text?.startsWith('#') ? undefined : pointedAt(pointer, entry, search);
        if (found !== undefined && (target === undefined || found.type === target)) yield found;
      }
    }
  }
}

function* pointingAt(
  targets: readonly SearchEntry[],
  { source, parameter, target }: Inclusion,
  search: Search,
): Generator<SearchEntry> {
  const keys = new Set(
    targets.filter(({ type }) => target === undefined || type === target).map(({ type, id }) => keyOf(type, id, search)),
  );
  for (const entry of search.fragments) {
    if (source !== undefined && entry.type !== source) continue;
    const points = referencesOf(entry.type, parameter).some((reference) =>
      reference.values(entry).some(({ type, id }) => id !== undefined && keys.has(keyOf(type, id, search))),
    );
    if (points) yield entry;
  }
}

const referencesByType = new Map<string, readonly SimpleParameter<'reference'>[]>();

/** The reference parameters of a type, or the one that is asked for. */
function referencesOf(type: string, code: string | undefined): readonly SimpleParameter<'reference'>[] {
  let references = referencesByType.get(type);
  if (references === undefined) {
    references = [...parametersOf(type).values()].filter(
      (parameter): parameter is SimpleParameter<'reference'> => (parameter.type as ParameterType) === 'reference',
    );
    referencesByType.set(type, references);
  }
  return code === undefined ? references : references.filter((reference) => reference.code === code);
}
