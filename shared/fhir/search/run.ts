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
  const pointers = pointersIn(search);
  let sources = page;
  let asked = inclusions;
  while (sources.length > 0 && asked.length > 0) {
    const fresh: SearchEntry[] = [];
    for (const inclusion of asked) {
      const found = inclusion.reverse
        ? pointingAt(sources, inclusion, search, pointers)
        : pointedFrom(sources, inclusion, search);
      for (const entry of found) {
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

/** In the order of the record. */
function pointingAt(
  targets: readonly SearchEntry[],
  inclusion: Inclusion,
  search: Search,
  pointers: Pointers,
): readonly SearchEntry[] {
  const { target } = inclusion;
  const asked = targets.filter(({ type }) => target === undefined || type === target);
  const places = new Set(asked.flatMap(({ type, id }) => pointers(inclusion).get(keyOf(type, id, search)) ?? []));
  return [...places].sort((one, other) => one - other).map((place) => search.fragments[place]!);
}

/** For what `_revinclude` asks: by what is pointed at, the places of the fragments that point there. */
type Pointers = (inclusion: Inclusion) => ReadonlyMap<string, readonly number[]>;

/** Each index is made once: a chain of references is as long as the record, and every link of it asks again. */
function pointersIn(search: Search): Pointers {
  const known = new Map<string, ReadonlyMap<string, readonly number[]>>();
  return ({ source, parameter }) => {
    const name = `${source} ${parameter}`;
    const index = known.get(name) ?? indexPointers(search, source, parameter);
    known.set(name, index);
    return index;
  };
}

function indexPointers(search: Search, source: string | undefined, parameter: string | undefined): ReadonlyMap<string, number[]> {
  const index = new Map<string, number[]>();
  for (const [place, entry] of search.fragments.entries()) {
    if (source !== undefined && entry.type !== source) continue;
    for (const { type, id } of referencesOf(entry.type, parameter).flatMap((reference) => reference.values(entry))) {
      if (id === undefined) continue;
      const key = keyOf(type, id, search);
      const places = index.get(key);
      if (places === undefined) index.set(key, [place]);
      else places.push(place);
    }
  }
  return index;
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
