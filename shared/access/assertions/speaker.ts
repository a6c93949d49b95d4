import type { Relationship } from '../relationships.ts';

/** What can be stated about a person that opens or closes a record to others: the words of the policies. */
export const FACTS = [
  'practice-claim',
  'practice',
  'practice-by-silence',
  'proxy',
  'opt-out',
  'restricted',
  'sealed',
  'death-reported',
  'death',
] as const;
export type Fact = (typeof FACTS)[number];

/** What the policies are told of somebody who states something, and of the statement. */
export interface Speaker {
  /** An organisation; the person, signed in; the records office of the organisation that leads oversight. */
  readonly kind: 'organisation' | 'person' | 'records-office';
  /** Its source traces NHS numbers (Personal Demographics Service). */
  readonly traces: boolean;
  /** It opens something to the speaker itself. */
  readonly aboutItself: boolean;
  /** It is the registered practice, confirmed. */
  readonly isPractice: boolean;
  /** It was the registered practice, and states that it is so no longer. */
  readonly isEarlierPractice: boolean;
  /** Its relationships with the person of which another organisation told, at the instant that is asked about. */
  readonly toldByOthers: readonly Relationship[];
  /** Another organisation states the same, and not as a copy. */
  readonly corroborated: boolean;
  /** Nobody whose word counts has contested it, for as long as the settings ask. */
  readonly uncontested: boolean;
  /** Somebody whose word counts has contested it. */
  readonly contested: boolean;
}

/** An organisation of which nothing else is known. */
export const ANYBODY: Speaker = {
  kind: 'organisation',
  traces: false,
  aboutItself: false,
  isPractice: false,
  isEarlierPractice: false,
  toldByOthers: [],
  corroborated: false,
  uncontested: false,
  contested: false,
};
