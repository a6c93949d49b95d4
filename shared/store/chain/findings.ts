/** What can be wrong, in words for whoever has to look into it. */
export const FINDINGS = {
  'changed-entry': 'an entry is not what was sealed',
  'missing-entry': 'an entry was sealed and is gone',
  'unsealed-entry': 'an entry is in no link: it was slipped in, or its link was removed',
  'noted-change': 'the stream told that an entry was changed',
  'noted-removal': 'the stream told that an entry was removed',
  'broken-link': 'a link is not what was written',
  'foreign-link': 'a link does not name the link before it',
  'missing-link': 'a number is missing: a link was removed',
  'unclosed-day': 'a day that is over has no link that closes it: its last link was removed',
  'link-after-close': 'a link stands behind the one that closed its day',
  'parted-day': 'a day does not begin with the hash that the day before it was closed with',
  'unknown-head': 'a hash that was noted elsewhere is in no link: the chain was written anew',
} as const;

export type FindingKind = keyof typeof FINDINGS;

/** Something that does not fit, with the key of what it is about. Keys name nobody. */
export interface Finding {
  readonly kind: FindingKind;
  readonly day?: string;
  /** Number of a link. */
  readonly link?: number;
  /** Number of the last of several that follow each other. */
  readonly upTo?: number;
  /** Where a link stands that has no number. */
  readonly place?: string;
  readonly person?: string;
  readonly access?: string;
  readonly hash?: string;
}

/** One line. */
export const findingLine = ({ kind, ...where }: Finding): string =>
  `${kind}: ${FINDINGS[kind]} (${Object.entries(where)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')})`;
