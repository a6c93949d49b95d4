import { identity } from './ingesting.ts';

export const NHS = 'https://fhir.nhs.uk/Id/nhs-number';
export const MRN = 'https://uhd.example/mrn';
export const RESULTS = 'https://uhd.example/results';

export const patient = (identifiers: readonly [string, string][], more: object = {}) => ({
  resourceType: 'Patient',
  identifier: identifiers.map(([system, value]) => ({ system, value })),
  name: [{ family: 'Example', given: ['Testing'] }],
  ...more,
});

export const observation = (value: string, more: object = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  identifier: [{ system: RESULTS, value }],
  code: { coding: [{ system: 'http://snomed.info/sct', code: '75367002', display: 'Blood pressure' }] },
  ...more,
});

export const of = (nhsNumber: string) => ({ subject: { identifier: { system: NHS, value: nhsNumber } } });

/** Valid 999 numbers, never the same twice. */
let serial = 0;
export function nhsNumber(): string {
  for (;;) {
    const nine = `999${String(++serial).padStart(6, '0')}`;
    const sum = [...nine].reduce((total, digit, index) => total + Number(digit) * (10 - index), 0);
    const check = (11 - (sum % 11)) % 11;
    if (check < 10) return `${nine}${check}`;
  }
}

export const personOf = (number: string) => identity.person({ system: NHS, value: number });

const IDENTIFIER_TYPES = 'http://terminology.hl7.org/CodeSystem/v2-0203';

/** An identifier of a type of HL7's table 0203: `MR` is a patient number, the others say something else. */
export const typed = (code: string, system: string, value: string, more: object = {}) => ({
  type: { coding: [{ system: IDENTIFIER_TYPES, code }] },
  system,
  value,
  ...more,
});

/** A patient number. */
export const mr = (value: string, more: object = {}) => typed('MR', MRN, value, more);

export const nhs = (value: string, more: object = {}) => ({ system: NHS, value, ...more });

const VERIFICATION = 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus';

/** An NHS number whose source says how sure it is of it: 01 is verified. */
export const nhsWithStatus = (value: string, code: string, more: object = {}) => ({
  extension: [{ url: VERIFICATION, valueCodeableConcept: { coding: [{ code }] } }],
  ...nhs(value),
  ...more,
});

/** A Patient with a family name, by which tests tell people apart. */
export const somebody = <More extends object = object>(family: string, identifier: readonly object[], more?: More) => ({
  resourceType: 'Patient',
  ...(identifier.length === 0 ? {} : { identifier }),
  name: [{ family }],
  ...(more as More),
});

const CLINICAL_STATUSES = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical';

/** Something dangerous to miss, and dangerous to show in another record. */
export const allergy = <More extends object = object>(text: string, patient: object, more?: More) => ({
  resourceType: 'AllergyIntolerance',
  clinicalStatus: { coding: [{ system: CLINICAL_STATUSES, code: 'active' }] },
  code: { text },
  patient,
  ...(more as More),
});

/** A result; its code is the text alone unless `more` says otherwise. */
export const result = <More extends object = object>(text: string, subject: object, more?: More) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text },
  subject,
  ...(more as More),
});

/** Somebody by an organisation's patient number, and by NHS number. */
export const byMr = (value: string) => ({ type: 'Patient', identifier: { system: MRN, value } });
export const byNhs = (value: string) => ({ type: 'Patient', identifier: { system: NHS, value } });

/** A name that no other test uses. */
export const unique = (text: string): string => `${text}-${++serial}`;
