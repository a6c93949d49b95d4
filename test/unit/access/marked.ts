import type { Fragment } from '../../../shared/record/fold.ts';

/** What makes a fragment be marked, by the marking. */
export const MARKED: Readonly<Record<string, Partial<Fragment>>> = {
  restricted: { labels: ['http://terminology.hl7.org/CodeSystem/v3-Confidentiality|R'] },
  'very-restricted': { labels: ['http://terminology.hl7.org/CodeSystem/v3-Confidentiality|V'] },
};
