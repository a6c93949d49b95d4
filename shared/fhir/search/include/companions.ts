import type { Steps } from '../../../concurrency/steps.ts';
import type { SearchEntry } from '../entry.ts';
import type { Inclusion, Search } from '../plan.ts';
import { keyOf, pointedAt } from '../reference-targets.ts';
import { type WantedReferences, wantedReferences } from './wanted.ts';

/** Takes an entry; false when there is no room for it, nor for any further one. */
export type Take = (entry: SearchEntry) => boolean;

/**
 * What `_include` and `_revinclude` add to a page, one match after the other
 * (http://hl7.org/fhir/R4/search.html#include).
 */
export interface Companions {
  /** Hands over what one more match brings along, nearest first, each entry once a page. Stops when one is not taken. */
  along(match: SearchEntry, take: Take): Steps<void>;
}

/** The references of one direction: those of matches, and those of what was included (`:iterate`). */
interface Direction {
  readonly ofMatches: WantedReferences;
  readonly ofIncluded: WantedReferences;
}

/** Every entry is looked at once or twice, and each reference is followed once, whatever is asked for. */
export function createCompanions(inclusions: readonly Inclusion[], search: Search): Companions {
  const forward = directionOf(inclusions.filter(({ reverse }) => !reverse));
  const backward = directionOf(inclusions.filter(({ reverse }) => reverse));
  const ofMatches = pointersIn(search, backward.ofMatches);
  const isSame = backward.ofMatches === backward.ofIncluded;
  const pointers = { ofMatches, ofIncluded: isSame ? ofMatches : pointersIn(search, backward.ofIncluded) };
  const isReverse = inclusions.some(({ reverse }) => reverse);
  const iterates = inclusions.some(({ iterate }) => iterate);
  const seen = new Set<SearchEntry>();

  function* nextTo(sources: readonly SearchEntry[], which: keyof Direction, take: Take): Steps<readonly SearchEntry[] | 'full'> {
    const fresh: SearchEntry[] = [];
    const isTaken = (entry: SearchEntry): boolean => {
      if (seen.has(entry)) return true;
      seen.add(entry);
      fresh.push(entry);
      return take(entry);
    };
    for (const source of sources) {
      yield 1;
      for (const { reference, targets } of forward[which](source.type)) {
        for (const pointer of reference.values(source)) {
          yield 1;
          // A contained resource is answered already, inside the resource that contains it.
          const target = pointer.text?.startsWith('#') ? undefined : pointedAt(pointer, source, search);
          if (target !== undefined && (targets?.has(target.type) ?? true) && !isTaken(target)) return 'full';
        }
      }
    }
    if (!isReverse) return fresh;
    for (const entry of yield* pointingAt(sources, yield* pointers[which](), search)) {
      yield 1;
      if (!isTaken(entry)) return 'full';
    }
    return fresh;
  }

  return {
    *along(match, take) {
      seen.add(match);
      let sources = yield* nextTo([match], 'ofMatches', take);
      while (iterates && sources !== 'full' && sources.length > 0) sources = yield* nextTo(sources, 'ofIncluded', take);
    },
  };
}

function directionOf(inclusions: readonly Inclusion[]): Direction {
  const ofMatches = wantedReferences(inclusions);
  const iterated = inclusions.filter(({ iterate }) => iterate);
  return { ofMatches, ofIncluded: iterated.length === inclusions.length ? ofMatches : wantedReferences(iterated) };
}

/** By what is pointed at: the places of the entries that point there, in the order of the record. */
type Pointers = ReadonlyMap<string, readonly number[]>;

/** The index is made when it is first asked for, and once. */
function pointersIn(search: Search, wanted: WantedReferences): () => Steps<Pointers> {
  let index: Pointers | undefined;
  return function* () {
    index ??= yield* indexPointers(search, wanted);
    return index;
  };
}

function* indexPointers(search: Search, wanted: WantedReferences): Steps<Pointers> {
  const index = new Map<string, number[]>();
  for (const [place, entry] of search.fragments.entries()) {
    yield 1;
    for (const { reference, targets } of wanted(entry.type)) {
      for (const { type, id } of reference.values(entry)) {
        yield 1;
        if (id === undefined || type === undefined || !(targets?.has(type) ?? true)) continue;
        const key = keyOf(type, id, search);
        const places = index.get(key);
        if (places === undefined) index.set(key, [place]);
        else if (places.at(-1) !== place) places.push(place);
      }
    }
  }
  return index;
}

function* pointingAt(sources: readonly SearchEntry[], pointers: Pointers, search: Search): Steps<readonly SearchEntry[]> {
  const places = new Set<number>();
  for (const { type, id } of sources) {
    yield 1;
    for (const place of pointers.get(keyOf(type, id, search)) ?? []) places.add(place);
  }
  return [...places].sort((one, other) => one - other).map((place) => search.fragments[place]!);
}
