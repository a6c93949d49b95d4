import { describe, expect, it } from 'vitest';
import { SENSITIVE_SETS } from '../../../shared/access/facts/sensitive-sets.ts';
import { markingsOf } from '../../../shared/access/markings.ts';
import { describe as describeResource } from '../../../shared/fhir/describe.ts';

const HL7 = 'http://terminology.hl7.org/CodeSystem';
const SNOMED = 'http://snomed.info/sct';

const marked = (labels: readonly string[], codes: readonly string[] = [], type = 'Condition') =>
  markingsOf({ type, labels, codes });

/** Every row: label, and what it marks. */
const LABELS: readonly (readonly [label: string, marking?: string])[] = [
  [`${HL7}/v3-Confidentiality|U`],
  [`${HL7}/v3-Confidentiality|L`],
  [`${HL7}/v3-Confidentiality|M`],
  [`${HL7}/v3-Confidentiality|N`],
  [`${HL7}/v3-Confidentiality|R`, 'restricted'],
  [`${HL7}/v3-Confidentiality|V`, 'very-restricted'],
  [`${HL7}/v3-Confidentiality|X`, 'unknown-label'],
  [`${HL7}/v3-ActCode|STD`, 'sti'],
  [`${HL7}/v3-ActCode|HIV`, 'sti'],
  [`${HL7}/v3-ActCode|SDV`, 'child-protection'],
  [`${HL7}/v3-ActCode|PSY`, 'restricted'],
  [`${HL7}/v3-ActCode|ETH`, 'restricted'],
  [`${HL7}/v3-ActCode|SEX`, 'restricted'],
  [`${HL7}/v3-ActCode|NORDSCLCD`, 'unknown-label'],
  [`${HL7}/v3-ActReason|TREAT`],
  [`${HL7}/v3-ObservationValue|PATRPT`],
  ['urn:chesil:security|third-party', 'third-party'],
  ['urn:chesil:security|child-protection', 'child-protection'],
  ['urn:chesil:security|gender-recognition', 'gender-recognition'],
  ['urn:chesil:security|sealed', 'unknown-label'],
  ['|R', 'unknown-label'],
  ['https://elsewhere.test/labels|secret', 'unknown-label'],
];

describe('the markings of a fragment', () => {
  for (const [label, marking] of LABELS)
    it(`by the label ${label}: ${marking ?? 'none'}`, () => {
      expect(marked([label])).toEqual(marking === undefined ? [] : [marking]);
    });

  for (const { marking, concepts } of SENSITIVE_SETS)
    it(`by what it is about: ${marking}`, () => {
      for (const concept of Object.keys(concepts)) expect(marked([], [`${SNOMED}|${concept}`])).toEqual([marking]);
    });

  it('are sorted, each once, from labels and codes together', () => {
    const labels = [`${HL7}/v3-ActCode|STD`, `${HL7}/v3-Confidentiality|R`, 'urn:chesil:security|third-party'];
    expect(marked(labels, [`${SNOMED}|86406008`, `${SNOMED}|44054006`])).toEqual(['restricted', 'sti', 'third-party']);
  });

  it('are none for what is like any other, and for the same number in another terminology', () => {
    expect(marked([], [`${SNOMED}|44054006`, 'http://loinc.org|86406008'])).toEqual([]);
  });

  const HIV = { system: SNOMED, code: '86406008' };
  const PADDING = Array.from({ length: 60 }, (_, index) => ({ system: SNOMED, code: `4405400${index}` }));
  it.each([
    ['why a medicine is given', { resourceType: 'MedicationRequest', reasonCode: [{ coding: [HIV] }] }],
    ['why somebody was admitted', { resourceType: 'Encounter', reasonCode: [{ coding: [HIV] }] }],
    ['what a report concludes', { resourceType: 'DiagnosticReport', conclusionCode: [{ coding: [HIV] }] }],
    ['a contained condition', { resourceType: 'Procedure', contained: [{ resourceType: 'Condition', code: { coding: [HIV] } }] }],
    ['an extension', { resourceType: 'Flag', extension: [{ url: 'https://x.test', valueCodeableConcept: { coding: [HIV] } }] }],
    ['a code behind many others', { resourceType: 'Condition', code: { coding: [...PADDING, HIV] } }],
  ])('come of what is mentioned too: %s', (_where, resource) => {
    const { codes, labels } = describeResource(resource);
    expect(marked(labels, codes, resource.resourceType)).toEqual(['sti']);
  });

  it('do not hide who a restricted person is, but honour what else is put on a Patient', () => {
    expect(marked([`${HL7}/v3-Confidentiality|R`, `${HL7}/v3-Confidentiality|V`], [], 'Patient')).toEqual([]);
    expect(marked(['https://elsewhere.test/labels|secret'], [], 'Patient')).toEqual(['unknown-label']);
  });
});

describe('the sensitive sets', () => {
  it('name concepts by ids with a right check digit, each in one set, and say which were not checked', () => {
    const ids = SENSITIVE_SETS.flatMap(({ concepts }) => Object.keys(concepts));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !hasCheckDigit(id))).toEqual([]);
    for (const { unchecked = [], concepts } of SENSITIVE_SETS) for (const id of unchecked) expect(concepts).toHaveProperty(id);
  });
});

/** SNOMED CT identifiers end in a digit by Verhoeff's scheme (SNOMED CT Release File Specifications, 5.5). */
function hasCheckDigit(id: string): boolean {
  const turn = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
  const times = (a: number, b: number) =>
    a < 5 ? (b < 5 ? (a + b) % 5 : 5 + ((a + b) % 5)) : b < 5 ? 5 + ((a - b + 5) % 5) : (a - b + 5) % 5;
  let check = 0;
  [...id].reverse().forEach((digit, place) => {
    let moved = Number(digit);
    for (let step = 0; step < place % 8; step++) moved = turn[moved]!;
    check = times(check, moved);
  });
  return check === 0;
}
