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
