import { demoNhsNumber, type Somebody } from '../../../infra/demo/feed.ts';

/** Each story has a thousand numbers of its own, from 999 7… on: the journeys share one system. */
const STORIES = [
  'client',
  'two-partners',
  'bad-input',
  'bad-tokens',
  'changes',
  'crash',
  'time',
  'persons',
  'inspect',
  'audit-verify',
  'break-glass',
  'logins',
  'replay',
  'bad-roles',
  'restricted',
  'freshness',
  'signals',
  'signals-crash',
  'whose-record',
  'full-disk',
] as const;

/** The name of everybody in the journeys: it stands nowhere else, so that a leak of it is found. */
export const FAMILY = 'Quillfeather';
export const GIVEN = 'Marigold';

export const PRACTICES = {
  ammonite: { code: 'X99001', name: 'Ammonite Street Surgery' },
  'golden-cap': { code: 'X99002', name: 'Golden Cap Practice' },
} as const;

/** Somebody with an NHS number. */
export type Numbered = Somebody & { readonly nhsNumber: string };

/** Makes people up: at each call somebody whom nobody has met. */
export function peopleOf(story: (typeof STORIES)[number]): (more?: Partial<Somebody>) => Numbered {
  let index = 700_000 + STORIES.indexOf(story) * 1_000;
  return (more = {}) => {
    let nhsNumber: string | undefined;
    while (nhsNumber === undefined) nhsNumber = demoNhsNumber(index++);
    const key = `${story}-${index}`;
    return { key, nhsNumber, family: FAMILY, given: [GIVEN], gender: 'female', birthDate: '1950-06', ...more };
  };
}

export const NHS_NUMBER = 'https://fhir.nhs.uk/Id/nhs-number';

/** A subject by NHS number. */
export const byNumber = (nhsNumber: string): fhir4.Reference => ({
  type: 'Patient',
  identifier: { system: NHS_NUMBER, value: nhsNumber },
});

/** One observation, named as the ward names it. */
export const heartRate = (name: string, subject: fhir4.Reference, perMinute = 72, more: object = {}): fhir4.Observation => ({
  resourceType: 'Observation',
  identifier: [{ system: 'https://ward.example/observations', value: name }],
  status: 'final',
  code: { coding: [{ system: 'http://snomed.info/sct', code: '364075005', display: 'Heart rate' }] },
  subject,
  effectiveDateTime: '2026-11-20T09:30:00Z',
  valueQuantity: { value: perMinute, unit: 'beats per minute', system: 'http://unitsofmeasure.org', code: '/min' },
  ...more,
});
