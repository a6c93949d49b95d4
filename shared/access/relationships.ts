import type { GroundKind } from '../record/contribution.ts';

/** How long a relationship stands. A day is 24 hours, counted from an instant; a date begins at its midnight in London. */
export interface RelationshipTerms {
  /** In plain English, as documents and audit say it. */
  readonly title: string;
  /** The ground of a fragment that it comes from; none where it comes from having contributed. */
  readonly ground?: GroundKind;
  /** Days before it begins from which it already stands. */
  readonly beforeDays: number;
  /** Days after its end for which it still stands. */
  readonly afterDays: number;
  /** Days from its beginning for which it stands at most while no end is known: somebody may have forgotten to write one. */
  readonly atMostDays?: number;
}

const relationships = <Name extends string>(rows: Readonly<Record<Name, RelationshipTerms>>) => rows;

/** Why an organisation may have to do with a person; the words are those of the policies. See decision 40. */
export const RELATIONSHIPS = relationships({
  contributor: { title: 'contributed to the record', beforeDays: 0, afterDays: 0 },
  'registered-practice': {
    title: 'registered practice',
    ground: 'registered-practice',
    beforeDays: 0,
    afterDays: 28,
  },
  // Beside `registered-practice`: see decision 72.
  'established-practice': {
    title: 'registered practice, confirmed or uncontested',
    ground: 'registered-practice',
    beforeDays: 0,
    afterDays: 28,
  },
  'confirmed-practice': {
    title: 'registered practice, confirmed',
    ground: 'registered-practice',
    beforeDays: 0,
    afterDays: 28,
  },
  encounter: { title: 'admission, attendance or contact', ground: 'encounter', beforeDays: 0, afterDays: 90, atMostDays: 400 },
  // Beside `encounter`, for as long as it is open.
  stay: { title: 'open emergency or inpatient stay', ground: 'stay', beforeDays: 0, afterDays: 0, atMostDays: 90 },
  // An encounter of an ambulance service.
  'emergency-call': { title: 'emergency call', ground: 'encounter', beforeDays: 0, afterDays: 7, atMostDays: 7 },
  caseload: { title: 'caseload or care team', ground: 'caseload', beforeDays: 0, afterDays: 90 },
  referral: { title: 'referral, sent or received', ground: 'referral', beforeDays: 0, afterDays: 90, atMostDays: 400 },
  appointment: { title: 'appointment', ground: 'appointment', beforeDays: 28, afterDays: 28, atMostDays: 28 },
});

/** Why an organisation may have to do with a person. */
export type Relationship = keyof typeof RELATIONSHIPS;
