import { CONFIDENTIALITY, SECURITY, SNOMED } from '../../../shared/fhir/systems.ts';
import type { Fragment } from '../../../shared/record/fold.ts';

/** What makes a fragment be marked, by the marking; what the person seals is marked by the record. */
export const MARKED: Readonly<Record<string, Partial<Fragment>>> = {
  sti: { codes: [`${SNOMED}|8098009`] },
  termination: { labels: [`${SECURITY}|termination`] },
  'assisted-conception': { labels: [`${SECURITY}|assisted-conception`] },
  'gender-recognition': { labels: [`${SECURITY}|gender-recognition`] },
  restricted: { labels: [`${CONFIDENTIALITY}|R`] },
  'very-restricted': { labels: [`${CONFIDENTIALITY}|V`] },
  'unknown-label': { labels: ['https://elsewhere.example/labels|purple'] },
  'third-party': { labels: [`${SECURITY}|third-party`] },
  'child-protection': { labels: [`${SECURITY}|child-protection`] },
};
