import { CONFIDENTIALITY, SECURITY, SNOMED } from '../fhir/systems.ts';
import type { FragmentVersion } from '../record/contribution.ts';
import { type Marking, SENSITIVE_SETS, SENSITIVITY_CODES } from './facts/sensitive-sets.ts';

/** What of a fragment its markings depend on. */
export type Marked = Pick<FragmentVersion, 'type' | 'labels' | 'codes'>;

/** Markings that a partner may put on by themselves, as `meta.security` of Chesil's own system. */
const OWN_LABELS: readonly Marking[] = [
  ...(['third-party', 'child-protection', 'sti', 'termination'] as const),
  ...(['assisted-conception', 'gender-recognition'] as const),
];

/** HL7 Confidentiality; `U`, `L`, `M` and `N` are no more than what every record is. */
const CONFIDENTIAL: Readonly<Record<string, Marking | undefined>> = {
  U: undefined,
  L: undefined,
  M: undefined,
  N: undefined,
  R: 'restricted',
  V: 'very-restricted',
};

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

/** Labels that say for what, or how sure, and nothing of who may see. */
const HARMLESS = [
  'http://terminology.hl7.org/CodeSystem/v3-ActReason|',
  'http://terminology.hl7.org/CodeSystem/v3-ObservationValue|',
];

const labelled: ReadonlyMap<string, Marking | undefined> = new Map([
  ...Object.entries(CONFIDENTIAL).map(([code, marking]) => [`${CONFIDENTIALITY}|${code}`, marking] as const),
  ...Object.entries(SENSITIVITY_CODES).flatMap(([marking, codes]) =>
    codes.split(' ').map((code) => [`${ACT_CODE}|${code}`, marking as Marking] as const),
  ),
  ...OWN_LABELS.map((marking) => [`${SECURITY}|${marking}`, marking] as const),
]);

const coded: ReadonlyMap<string, Marking> = new Map(
  SENSITIVE_SETS.flatMap(({ marking, concepts }) =>
    Object.keys(concepts).map((concept) => [`${SNOMED}|${concept}`, marking] as const),
  ),
);

const concepts: ReadonlySet<string> = new Set(SENSITIVE_SETS.flatMap((set) => Object.keys(set.concepts)));

/** Whether a concept of SNOMED CT is in a sensitive set. */
export const isSensitiveConcept = (concept: string): boolean => concepts.has(concept);

const known = new WeakMap<Marked, readonly string[]>();
const NONE: readonly string[] = [];

/**
 * What makes a fragment sensitive, in the words of the policies; sorted, each once. By its labels (`meta.security`) and by the SNOMED CT codes of what it is
 * about. A label that nobody here can read marks it too: it was put on for a reason. Remembered per fragment.
 *
 * That a Patient is restricted says where somebody lives is not to be told, not that nobody may know who they are: it is a ground of the whole
 * record (`shared/fhir/grounds`) and no marking of the demographics.
 */
export function markingsOf(fragment: Marked): readonly string[] {
  const { labels, codes } = fragment;
  // Most have none: found out sooner than remembered.
  if (labels.length === 0 && !codes.some((code) => coded.has(code))) return NONE;
  let markings = known.get(fragment);
  if (markings === undefined) {
    markings = mark(fragment);
    known.set(fragment, markings);
  }
  return markings;
}

function mark({ type, labels, codes }: Marked): readonly string[] {
  const found = new Set<string>();
  for (const label of labels) {
    const ofPerson = type === 'Patient' && label.startsWith(`${CONFIDENTIALITY}|`);
    const marking = ofPerson || HARMLESS.some((system) => label.startsWith(system)) ? undefined : markingOfLabel(label);
    if (marking !== undefined) found.add(marking);
  }
  for (const code of codes) {
    const marking = coded.get(code);
    if (marking !== undefined) found.add(marking);
  }
  return found.size === 0 ? NONE : [...found].sort();
}

const markingOfLabel = (label: string): Marking | undefined => (labelled.has(label) ? labelled.get(label) : 'unknown-label');
