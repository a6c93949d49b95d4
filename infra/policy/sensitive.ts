import { type Marking, SENSITIVE_SETS, SENSITIVITY_CODES } from '../../shared/access/facts/sensitive-sets.ts';
import type { Table } from './tables.ts';

/** What makes a fragment sensitive, for whoever has to say whether the lists are right: SNOMED CT concepts, and labels that sources put on. */
export const sensitiveTable: Table = [
  ['marking', 'asked for by', 'SNOMED CT concepts', 'labels (HL7 ActCode)'],
  ...SENSITIVE_SETS.map(({ marking, source, concepts, unchecked = [] }) => [
    marking,
    source,
    Object.entries(concepts)
      .map(([id, meaning]) => `${meaning} (${id}${unchecked.includes(id) ? ', **not checked**' : ''})`)
      .join('; '),
    labelsOf(marking),
  ]),
  ['restricted', 'the source, by its label', '', `Confidentiality R; ${labelsOf('restricted')}`],
  ['very-restricted', 'the source, by its label', '', 'Confidentiality V'],
  ['third-party', 'the source, by its label', '', '`urn:chesil:security` third-party'],
  ['unknown-label', 'the source, by a label that is not known here', '', 'any other'],
];

function labelsOf(marking: Marking): string {
  return SENSITIVITY_CODES[marking]?.split(' ').join(', ') ?? '';
}
