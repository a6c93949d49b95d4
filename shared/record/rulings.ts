import type { Contribution, Submission } from './contribution.ts';
import type { Fold } from './fold.ts';

/** What a statement is about that somebody confirms or contests. */
export type RuledFact = 'practice' | 'proxy' | 'opt-out' | 'sealed' | 'restricted' | 'death';

/**
 * Whose word a ruling is, the strongest first: the person's own; that of the records office of the organisation that leads oversight;
 * that of the registered practice; that of any other organisation, which has no effect by itself.
 */
export const RULERS = ['person', 'records-office', 'practice', 'organisation'] as const;
export type Ruler = (typeof RULERS)[number];

/** What somebody says of a statement that another made about the person. */
export interface Ruling {
  readonly fact: RuledFact;
  /** Of a practice: the organisation, by its internal id. Of anything else: the id of the fragment that states it. */
  readonly about: string;
  readonly decision: 'confirmed' | 'contested';
  readonly by: Ruler;
}

/** A ruling with who made it, and when. */
export interface RecordedRuling extends Ruling {
  /** Internal id of the organisation; `people` for the person. */
  readonly organisation: string;
  /** ISO 8601 instant, UTC. */
  readonly recordedAt: string;
}

const keyOf = ({ fact, about, by, organisation }: RecordedRuling): string => `${fact} ${about} ${by} ${organisation}`;

/** The rulings of a record after another contribution: a later one by the same ruler replaces the one before. */
export function foldRulings(
  known: readonly RecordedRuling[],
  { rulings = [], contributor: organisation, recordedAt }: Pick<Contribution, 'rulings' | 'contributor' | 'recordedAt'>,
): readonly RecordedRuling[] {
  if (rulings.length === 0) return known;
  const fresh = rulings.map((ruling) => ({ ...ruling, organisation, recordedAt }));
  const replaced = new Set(fresh.map(keyOf));
  return [...known.filter((ruling) => !replaced.has(keyOf(ruling))), ...fresh];
}

/**
 * The contribution that records a ruling; nothing where the same ruler has said the same.
 * @param now ISO 8601 instant; a contribution is always recorded after the one that it follows
 */
export function rulingContribution(fold: Fold, submission: Submission, ruling: Ruling, now: string): Contribution | undefined {
  const said = { ...ruling, organisation: submission.contributor, recordedAt: now };
  const before = fold.rulings.find((known) => keyOf(known) === keyOf(said));
  if (before?.decision === ruling.decision) return undefined;
  const after = Date.parse(fold.recordedAt ?? '') + 1;
  const recordedAt = after > Date.parse(now) ? new Date(after).toISOString() : now;
  const { contributor, client, source, requestId } = submission;
  return {
    ...{ subject: fold.subject, sequence: fold.sequence + 1, recordedAt },
    ...{ contributor, client, source, requestId },
    rulings: [ruling],
    ...{ fragments: [], bodies: [] },
  };
}
