import { createFeed, demoNhsNumber, type Somebody } from '../../infra/demo/feed.ts';
import * as tell from '../../infra/demo/fragments.ts';
import { createRandom } from '../../infra/demo/random.ts';

/** Somebody who is measured with. Numbers from 999 8… on, apart from the demo's people. */
export function somebody(index: number): Somebody {
  let number: string | undefined;
  for (let step = 0; number === undefined; step++) number = demoNhsNumber(800_000 + index * 10 + step);
  return { key: `bench-${index}`, nhsNumber: number, family: 'Bench', given: ['Able'], gender: 'female', birthDate: '1950-06' };
}

/** A transaction of one person with a number of fragments of the usual kinds, as a hospital would send it. */
export function bundleOf(index: number, fragments: number): fhir4.Bundle {
  const random = createRandom(index);
  const feed = createFeed('uhd', somebody(index));
  const day = () =>
    `20${random.between(10, 25)}-${String(random.between(1, 12)).padStart(2, '0')}-${String(random.between(1, 28)).padStart(2, '0')}`;
  const kinds = [
    () => tell.bloodPressure(feed, random.between(90, 180), random.between(50, 100), `${day()}T09:30:00Z`),
    () => tell.measurement(feed, { code: '27113001', text: 'Body weight' }, random.between(400, 1200) / 10, 'kg', day()),
    () =>
      tell.measurement(feed, { code: '364075005', text: 'Heart rate' }, random.between(50, 120), '/min', `${day()}T10:00:00Z`),
    () => tell.condition(feed, { code: '59621000', text: 'Essential hypertension' }, day()),
    () => tell.medicine(feed, { code: '319283006', text: 'Amlodipine 5mg tablets' }, 'One a day', day()),
    () => {
      const visit = day();
      return tell.encounter(
        feed,
        'ambulatory',
        { text: 'Outpatient appointment' },
        { start: `${visit}T10:00:00Z`, end: `${visit}T10:30:00Z` },
      );
    },
    () => tell.procedure(feed, { code: '52734007', text: 'Total replacement of hip' }, day()),
    () =>
      tell.letter(
        feed,
        'Clinic letter',
        `${day()}T12:00:00Z`,
        'Thank you for seeing this patient. '.repeat(random.between(4, 20)),
      ),
  ];
  for (let count = 1; count < fragments; count++) kinds[count % kinds.length]!();
  return feed.push().bundle;
}

/** One Observation of somebody, by NHS number: what a device or a ward sends all day. */
export function observationOf(index: number, nhsNumber: string, value: number): fhir4.Observation {
  return {
    resourceType: 'Observation',
    meta: { profile: ['https://fhir.hl7.org.uk/StructureDefinition/UKCore-Observation'] },
    identifier: [{ system: 'https://demo.chesil.example/uhd/single', value: String(index) }],
    status: 'final',
    category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] }],
    code: { coding: [{ system: 'http://snomed.info/sct', code: '364075005', display: 'Heart rate' }], text: 'Heart rate' },
    subject: { type: 'Patient', identifier: { system: 'https://fhir.nhs.uk/Id/nhs-number', value: nhsNumber } },
    effectiveDateTime: '2026-11-20T09:30:00Z',
    valueQuantity: { value, unit: 'beats per minute', system: 'http://unitsofmeasure.org', code: '/min' },
  };
}
