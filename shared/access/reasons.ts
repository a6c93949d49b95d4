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

/** How much is to be said in one's own words: of a text of dots, or of one letter again and again, nobody learns why. */
const REASON_TEXT = { minCharacters: 10, minLetters: 4, maxCharacters: 1_000 } as const;

/** Runs of spaces, and of characters that nobody sees, count as one space. The blank of Braille is a symbol to Unicode. */
const UNSEEN = /[\s\p{C}\p{Default_Ignorable_Code_Point}\u2800]+/gu;

/** What shows a text in another order than it is written in (Unicode Bidirectional Algorithm, explicit formatting). Scripts from right to left need none of it. */
const REORDERING = /[\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Reads what somebody says in their own words.
 * @returns the words as they are kept; `undefined` where they say nothing, or more than anybody reads
 */
export function readWords(text: string): string | undefined {
  const { minCharacters, minLetters, maxCharacters } = REASON_TEXT;
  if (text.length > maxCharacters) return undefined;
  const seen = text.replaceAll(UNSEEN, ' ').trim();
  const letters = new Set(seen.match(/[\p{L}\p{N}]/gu));
  return seen.length >= minCharacters && letters.size >= minLetters ? text.replaceAll(REORDERING, '') : undefined;
}
