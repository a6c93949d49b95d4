import type { Fragment } from '../record/fold.ts';
import type { PersonStanding } from './facts/person-standing.ts';

/** What became of a class of fragments. */
export type ClassDecision = 'shown' | 'redacted' | 'withheld';

/** What one viewer sees of one record. */
export interface View {
  /** False when nothing of the record may be seen: the answer is then the same as for a person who is not known. */
  readonly permitted: boolean;
  /** What may be seen, as it may be seen, retracted fragments included (they answer 410, and have a history). In the order of the record. */
  readonly fragments: readonly Fragment[];
  /** How many fragments were shown and withheld, by class, as access notes it. */
  readonly shown: Readonly<Record<string, number>>;
  readonly withheld: Readonly<Record<string, number>>;
  /** Whether one fragment (any version of it) may be seen: one whose class now or then is withheld may not. */
  sees(fragment: Fragment): boolean;
  /** What was decided of one fragment (any version of it): `sees` with how. */
  decisionOf(fragment: Fragment): ClassDecision;
  /** A fragment (any version of it) as it may be seen: itself, a copy, or nothing. Of a copy something is left out or renamed. */
  show(fragment: Fragment): Fragment | undefined;
  /** The class of a fragment (any version of it): its key in `decisions`. */
  classOf(fragment: Fragment): string;
  /** What was decided of each class, as access notes it: with it the view can be made again (`Access.recallView`). */
  readonly decisions: Readonly<Record<string, ClassDecision>>;
  /** Why the viewer may look: kinds of relationships, and the ids of grants that were used. For the audit. */
  readonly relationships: readonly string[];
  /**
   * Whether the viewer sees whatever a record in these circumstances may hold. By the policies alone: it tells nothing of what
   * this record holds.
   */
  seesEverything(): boolean;
  /** Whether something is left out of what is shown: then no copy that the viewer has may be called current. */
  readonly redacts: boolean;
  /** Whether it may be said that some information is withheld: only where saying so reveals nothing of this record. */
  readonly saysWithheld: boolean;
  /** What of the statements about the person is shown as so. */
  readonly stands: PersonStanding;
}
