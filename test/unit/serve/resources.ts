import { NHS_NUMBER, ODS_ORGANISATION } from '../../../shared/fhir/systems.ts';
import type { Sent } from './world.ts';

/** Made-up people; the NHS numbers are of the range that is never given to anybody. */
export const NHS_NUMBERS = ['9990000018', '9990000026', '9990000034', '9990000042'] as const;

export const patient = (nhsNumber: string, told: Record<string, unknown> = {}): Sent => ({
  source: `nhs-${nhsNumber}`,
  resource: {
    resourceType: 'Patient',
    identifier: [{ system: NHS_NUMBER, value: nhsNumber }],
    name: [{ family: 'Purbeck', given: ['Ada'] }],
    gender: 'female',
    birthDate: '1950-06',
    ...told,
  },
});

export const registeredWith = (code: string) => ({
  generalPractitioner: [{ type: 'Organization', identifier: { system: ODS_ORGANISATION, value: code } }],
});

export const observation = (personId: string, source: string, told: Record<string, unknown> = {}): Sent => ({
  source,
  resource: {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '8867-4', display: 'Heart rate' }] },
    subject: { reference: `Patient/${personId}` },
    effectiveDateTime: '2026-03-01T10:00:00Z',
    valueQuantity: { value: 72, unit: '/min' },
    ...told,
  },
});

export const condition = (personId: string, source: string, told: Record<string, unknown> = {}): Sent => ({
  source,
  resource: {
    resourceType: 'Condition',
    clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] },
    code: { coding: [{ system: 'http://snomed.info/sct', code: '44054006', display: 'Diabetes mellitus type 2' }] },
    subject: { reference: `Patient/${personId}` },
    onsetDateTime: '2019',
    ...told,
  },
});

export const practitioner = (source: string, family: string): Sent => ({
  source,
  resource: { resourceType: 'Practitioner', name: [{ family }] },
});

export const RESTRICTED = {
  meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] },
};
