/** One look at a record, as far as the review of the audit asks: by a member of staff, who was shown something. */
export interface Look {
  /** Sort key in the audit: instant and id. */
  readonly access: string;
  /** ISO 8601 instant, UTC. */
  readonly at: string;
  readonly person: string;
  readonly organisation: string;
  /** As `Viewer.staff`, with what the provider calls them. */
  readonly staff: string;
  readonly name?: string;
  readonly role: string;
}

/** What is known of somebody that tells whether two are one, or live together. */
export interface Particulars {
  /** Family names, of all contributors' Patients. */
  readonly families: readonly string[];
  /** Whole names, `given family`. */
  readonly names: readonly string[];
  /** Where they live: first line and postcode. */
  readonly homes: readonly string[];
}

/** What rules are told beside the look itself. */
export interface LookFacts {
  /** Of the person who was looked at. */
  readonly person: Particulars;
  /** The viewer's own personId, and what is known of them, where the organisation's privacy officer has entered it. */
  readonly viewer?: { readonly person: string; readonly particulars: Particulars };
  /** The member of staff that the person is, where that is known: of the viewer's organisation. */
  readonly colleague?: string;
  /** Whether the record was watched at that instant. */
  readonly watched: boolean;
}

/** Something to look for in single looks: a pure function of the look and of what is known. */
export interface LookRule {
  readonly name: string;
  /** What was found, in plain English, as the privacy officer reads it. */
  readonly title: string;
  finds(look: Look, facts: LookFacts): boolean;
}

/** A name or a line of an address as it is compared: without case, accents, punctuation and titles. */
export const compared = (text: string): string =>
  text
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .replace(/^(?:dr|mr|mrs|ms|miss|prof|professor|sister|nurse) /, '')
    .trim();

/** Whether two lists have something in common, as it is compared. */
export function haveCommon(one: readonly string[], other: readonly string[]): boolean {
  const known = new Set(one.map(compared).filter((text) => text !== ''));
  return other.some((text) => known.has(compared(text)));
}
