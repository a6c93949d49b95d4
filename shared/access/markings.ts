import type { FragmentVersion } from '../record/contribution.ts';

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality|';

/** Markings by the code of HL7 Confidentiality. */
const MARKINGS: Readonly<Record<string, string>> = { R: 'restricted', V: 'very-restricted' };

/** What makes a fragment sensitive, in the words of the policies; sorted. */
export function markingsOf({ labels }: Pick<FragmentVersion, 'labels'>): readonly string[] {
  if (labels.length === 0) return NONE;
  const marked = labels.flatMap((label) =>
    label.startsWith(CONFIDENTIALITY) ? (MARKINGS[label.slice(CONFIDENTIALITY.length)] ?? []) : [],
  );
  return [...new Set(marked)].sort();
}

const NONE: readonly string[] = [];
