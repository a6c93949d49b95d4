import type { OrganisationKind } from '../../directory/directory.ts';

/**
 * Whose word about a person's demographics comes first. The registered practice is the one that the person deals with and that
 * checks its list against the national register; a hospital asks at every attendance; an ambulance crew takes what it is told.
 */
export const TRUST_ORDER: readonly ('registered-practice' | OrganisationKind)[] = [
  'registered-practice',
  'gp-practice',
  'trust',
  'council',
  'icb',
  'ambulance',
  'other',
];

/**
 * How an element of `Patient` is folded.
 * - `first`: taken whole from the first source that has it, so that an address of one source never mixes with that of another.
 * - `merge`: what every source has, the same thing (by its key) once.
 * - `death`: see `deathOf`: the one element in which being wrong either way does harm.
 */
export type ElementRule =
  | { readonly rule: 'first'; readonly element: string }
  | { readonly rule: 'merge'; readonly element: string; readonly key: readonly string[] }
  | { readonly rule: 'death'; readonly element: string };

/**
 * The elements of `Patient` (http://hl7.org/fhir/R4/patient.html) that the person shows, in the order in which they are written. An element ending in
 * `[x]` is a choice of types. Left out: `text` (the narrative of one source tells nothing of the others), `managingOrganization` (each contributor manages its
 * own), `link` (made anew). A `key` is a list of dotted paths; without one, the whole element is the key.
 */
export const PATIENT_ELEMENTS: readonly ElementRule[] = [
  { rule: 'merge', element: 'modifierExtension', key: [] },
  { rule: 'merge', element: 'identifier', key: ['system', 'value'] },
  { rule: 'first', element: 'active' },
  { rule: 'first', element: 'name' },
  { rule: 'merge', element: 'telecom', key: ['system', 'value'] },
  { rule: 'first', element: 'gender' },
  { rule: 'first', element: 'birthDate' },
  { rule: 'death', element: 'deceased[x]' },
  { rule: 'first', element: 'address' },
  { rule: 'first', element: 'maritalStatus' },
  { rule: 'first', element: 'multipleBirth[x]' },
  { rule: 'first', element: 'photo' },
  { rule: 'merge', element: 'contact', key: [] },
  { rule: 'merge', element: 'communication', key: ['language.coding.0.code', 'language.text'] },
  { rule: 'first', element: 'generalPractitioner' },
];
