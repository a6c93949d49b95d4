import type { Grant } from './grants.ts';

/** A reason for which staff may let themselves into a record. */
export interface ReasonDescription {
  /** In plain English, as forms, the review queue and the person's own audit say it. */
  readonly title: string;
}

/** What is asked of whoever lets themselves in. */
export interface GrantTerms {
  readonly reasons: Readonly<Record<string, ReasonDescription>>;
  /** How long it stands where the request does not say, and at most. */
  readonly defaultHours: number;
  readonly maxHours: number;
}

/** By kind of grant. Reasons are in the words that a privacy officer reviews them by. */
export const GRANT_TERMS: Readonly<Record<Grant['kind'], GrantTerms>> = {
  'break-glass': {
    defaultHours: 4,
    maxHours: 12,
    reasons: {
      emergency: { title: 'Emergency: life or health is in danger now' },
      'cannot-be-asked': { title: 'The person cannot be asked, and the decision cannot wait' },
      'risk-of-harm': { title: 'A child or an adult may be at risk of harm' },
      'mental-health-crisis': { title: 'Crisis in mental health' },
    },
  },
  claimed: {
    defaultHours: 24,
    maxHours: 7 * 24,
    reasons: {
      'in-my-care': { title: 'The person is in my care, and the record does not show it yet' },
      'asked-by-colleague': { title: 'A colleague who cares for the person asked me' },
      'contacted-by-person': { title: 'The person, or somebody who acts for them, asked me for help' },
      'team-meeting': { title: 'The team that plans their care meets about them' },
    },
  },
};

/** How much is to be said in one's own words. */
export const REASON_TEXT = { minCharacters: 10, maxCharacters: 1_000 } as const;

/** Whether a text says something: runs of spaces, and characters that nobody sees, count as one space. */
export function saysSomething(text: string): boolean {
  const said = text.replaceAll(/[\s\p{C}]+/gu, ' ').trim();
  return said.length >= REASON_TEXT.minCharacters && text.length <= REASON_TEXT.maxCharacters;
}
