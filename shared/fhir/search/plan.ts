import type { Steps } from '../../concurrency/steps.ts';
import type { Identifier } from '../../record/identity.ts';
import type { Issue } from '../outcomes.ts';
import type { SearchEntry, Universe } from './entry.ts';

/** What a source calls one of its own resources. */
export interface OwnAddress {
  readonly type: string;
  readonly id: string;
}

/**
 * Whose record is searched: a personId (or the logical id of one of the person's fragments cut down to it), a business identifier,
 * or what the caller's own system calls resources of that record.
 */
export type PersonSelector =
  | { readonly id: string }
  | { readonly identifier: Identifier }
  | { readonly own: readonly OwnAddress[] };

/** How much of each resource is answered (http://hl7.org/fhir/R4/search.html#summary). */
export type Summary = 'true' | 'text' | 'data' | 'count' | 'false';

/** A search under way: what it can see, with what it has worked out so far. */
export interface Search extends Universe {
  readonly fragments: readonly SearchEntry[];
  /** Remembered for this search: what `_has` found, by criterion. */
  readonly found: Map<Criterion, ReadonlySet<string>>;
  /** Remembered for this search: which of the resources that chains lead to meet their condition. */
  readonly met: Map<Criterion, Map<SearchEntry, boolean>>;
}

/** One condition; all conditions of a plan must hold. */
export interface Criterion {
  /** Where problems with it are said to be, such as `Observation?code`. */
  readonly at: string;
  /** What one test costs, in fragments visited. */
  readonly weight: number;
  test(entry: SearchEntry, search: Search): boolean;
  /**
   * Finds out in steps what a test has to know of other entries (a chain, `_has`), so that the test itself is short.
   * A test without it answers the same, all at once.
   */
  settle?(entry: SearchEntry, search: Search): Steps<void>;
}

/** One key of `_sort`: a negative number when the first comes first. What has no value comes last in either direction. */
export interface SortKey {
  /** Code of the parameter. */
  readonly code: string;
  readonly descending: boolean;
  key(entry: SearchEntry): string | number | undefined;
}

/** One `_include` or `_revinclude`. */
export interface Inclusion {
  readonly reverse: boolean;
  /** Whether it also applies to what was included (`:iterate`). */
  readonly iterate: boolean;
  /** Type that holds the reference; absent: any. */
  readonly source?: string;
  /** Code of the reference parameter; absent: any. */
  readonly parameter?: string;
  /** Type that the reference points at; absent: any. */
  readonly target?: string;
}

/** A search, understood. */
export interface SearchPlan {
  readonly type: string;
  /** `undefined`: the search says nothing of a person, and so is not bounded to one record. */
  readonly person: PersonSelector | undefined;
  readonly criteria: readonly Criterion[];
  readonly sort: readonly SortKey[];
  readonly inclusions: readonly Inclusion[];
  /** Matches on a page, as asked for. 0 is `summary: 'count'`. */
  readonly count: number | undefined;
  readonly summary: Summary;
  /** Elements asked for by `_elements`. */
  readonly elements: readonly string[] | undefined;
  readonly total: 'none' | 'estimate' | 'accurate' | undefined;
  /**
   * What can cost more than a visit of each fragment, with how to narrow it: named where a search is refused for its cost.
   * Empty: the search is short whatever it finds, and is never refused.
   */
  readonly costly: readonly Issue[];
  /** What was left out of account, for the outcome entry of the answer. */
  readonly ignored: readonly Issue[];
  /** The parameters that were taken into account, for the `self` link; without those that hold an identifier of the person. */
  readonly applied: readonly (readonly [name: string, value: string])[];
}
