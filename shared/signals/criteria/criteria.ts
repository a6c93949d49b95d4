/** What events are chosen by, as it stands in their routing (`shared/changes/announcement.ts`). */
export const FACETS = ['eventType', 'generalpractitioner', 'source', 'urgency', 'section'] as const;
export type Facet = (typeof FACETS)[number];

/** What criteria can speak of: facets of events, and the panel of persons that they are about. */
export const FIELDS = [...FACETS, 'person'] as const;
export type Field = (typeof FIELDS)[number];

/** `field='value'`. Offsets are those of the text that was sent. */
export interface Test {
  readonly kind: 'is';
  readonly field: string;
  readonly fieldAt: number;
  readonly value: string;
  readonly valueAt: number;
}

/** Criteria as they were written: tests, joined by AND and OR. */
export type Criteria = Test | { readonly kind: 'and' | 'or'; readonly of: readonly Criteria[]; readonly at: number };

/** What is wrong with criteria, and where. */
export interface CriteriaProblem {
  readonly code: 'bad-criteria' | 'criteria-too-long' | 'criteria-too-complex';
  /** Offset in the text; absent where it is about all of it. */
  readonly at?: number;
  /** What is wrong and what to do, in a sentence or two. */
  readonly says: string;
}

export interface CriteriaProblems {
  readonly problems: readonly CriteriaProblem[];
}

export const hasProblems = (value: object): value is CriteriaProblems => 'problems' in value;

/** Every test, in the order of the text. */
export const testsOf = (criteria: Criteria): readonly Test[] =>
  criteria.kind === 'is' ? [criteria] : criteria.of.flatMap(testsOf);
