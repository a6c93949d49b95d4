import { describe, expect, it } from 'vitest';
import { find, MERGED, PERSON, type Resource, refusalOf } from '../record.ts';

const URL = 'https://chesil.example/fhir/R4';
const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';

const record: readonly Resource[] = [
  {
    resourceType: 'Patient',
    id: PERSON,
    name: [{ family: 'Test' }],
    generalPractitioner: [{ reference: 'Organization/practice' }],
    identifier: [{ system: 'urn:local', value: '7' }],
  },
  { resourceType: 'Organization', id: 'practice', name: 'Poole Surgery', identifier: [{ system: ODS, value: 'Y02520' }] },
  { resourceType: 'Encounter', id: 'open', status: 'in-progress', subject: { reference: `Patient/${PERSON}` } },
  { resourceType: 'Encounter', id: 'over', status: 'finished', partOf: { reference: 'Encounter/open' } },
  {
    resourceType: 'Observation',
    id: 'in-open',
    subject: { reference: `Patient/${PERSON}` },
    encounter: { reference: 'Encounter/open/_history/3' },
    performer: [{ reference: 'Organization/practice', identifier: { system: ODS, value: 'Y02520' } }],
    code: { coding: [{ code: '1234-5' }] },
  },
  {
    resourceType: 'Observation',
    id: 'in-over',
    subject: { reference: `Patient/${MERGED}` },
    encounter: { reference: 'Encounter/over' },
    performer: [{ reference: 'https://elsewhere.example/Practitioner/9' }, { type: 'Patient', identifier: { value: '7' } }],
  },
  { resourceType: 'Observation', id: 'unbound', code: { coding: [{ code: '9999-9' }] } },
  {
    resourceType: 'MedicationRequest',
    id: 'contained',
    medicationReference: { reference: '#m' },
    contained: [{ resourceType: 'Medication', id: 'm', code: { coding: [{ system: 'https://dmd.nhs.uk', code: '42' }] } }],
  },
  {
    resourceType: 'Provenance',
    id: 'told',
    target: [{ reference: 'Observation/in-open' }],
    agent: [{ who: { reference: 'Organization/practice' } }],
  },
];

describe('a reference', () => {
  it.each([
    ['encounter=open', ['in-open']],
    ['encounter=Encounter/open', ['in-open']],
    ['encounter:Encounter=open', ['in-open']],
    [`encounter=${URL}/Encounter/open`, ['in-open']],
    ['encounter=https://elsewhere.example/Encounter/open', []],
    ['encounter=Encounter/open,Encounter/over', ['in-open', 'in-over']],
    ['encounter:missing=true', ['unbound']],
    ['performer=Practitioner/9', []],
    ['performer=https://elsewhere.example/Practitioner/9', ['in-over']],
    ['performer:Organization=practice', ['in-open']],
    ['performer:Practitioner=practice', []],
    [`performer:identifier=${ODS}|Y02520`, ['in-open']],
    ['performer:identifier=7', ['in-over']],
  ])('Observation?%s finds %j', (query, ids) => {
    expect(find(record, `Observation?${query}`, { fhirUrl: URL })).toEqual(ids);
  });

  it('to the person is the same by every id of theirs', () => {
    for (const id of [PERSON, MERGED, `${PERSON}.aaaaaaaaaaaaaaaa`, `Patient/${MERGED}`]) {
      expect(find(record, `Observation?subject=${id}`)).toEqual(['in-open', 'in-over']);
      expect(find(record, `Observation?subject=${id}`, { person: undefined })).toEqual(['in-open', 'in-over']);
    }
  });

  it.each([
    ['Observation?encounter=two words', 'bad-parameter Observation?encounter'],
    ['Observation?performer=https://fhir.nhs.uk/Id/x|y z', 'bad-parameter Observation?performer'],
    ['Observation?encounter=Nonsense/1', 'bad-parameter Observation?encounter'],
    ['Observation?encounter:exact=open', 'unknown-parameter Observation?encounter:exact'],
    ['Observation?status.code=x', 'bad-parameter Observation?status.code'],
    ['Observation?encounter:Thing.status=x', 'unknown-parameter Observation?encounter:Thing.status'],
  ])('%s is refused: %s', (address, issue) => {
    expect(refusalOf(address)).toEqual([issue]);
  });
});

describe('a chain', () => {
  it.each([
    ['Observation?encounter.status=in-progress', ['in-open']],
    ['Observation?encounter.part-of.status=in-progress', ['in-over']],
    ['Observation?subject:Patient.family=test', ['in-open', 'in-over']],
    ['Observation?patient.general-practitioner.name=poole', ['in-open', 'in-over']],
    ['Observation?patient.general-practitioner:Organization.name=poole', ['in-open', 'in-over']],
    ['Observation?encounter.status:not=finished', ['in-open']],
    ['Observation?encounter.date:missing=true', ['in-open', 'in-over']],
    ['Observation?patient.name=nobody', []],
    ['MedicationRequest?medication.code=https://dmd.nhs.uk|42', ['contained']],
    ['Provenance?target.code=1234-5', ['told']],
  ])('%s finds %j', (address, ids) => {
    expect(find(record, address)).toEqual(ids);
  });

  it.each([
    ['Observation?encounter.nothing=x', 'unknown-parameter'],
    ['Observation?encounter.date=nonsense', 'bad-parameter'],
    ['Observation?encounter.part-of.part-of.part-of.part-of.status=finished', 'bad-parameter'],
  ])('%s is refused: %s', (address, code) => {
    expect(refusalOf(address, { strict: true })[0]).toContain(code);
  });
});

describe('_has', () => {
  it.each([
    ['Patient?_has:Observation:patient:code=1234-5', [PERSON]],
    ['Patient?_has:Observation:patient:code=9999-9', []],
    ['Encounter?_has:Observation:encounter:code=1234-5', ['open']],
    ['Encounter?_has:Observation:encounter:_has:Provenance:target:agent=Organization/practice', ['open']],
    ['Encounter?_has:Observation:encounter:code:missing=true', ['over']],
    ['Encounter?_has:Encounter:part-of:status=finished', ['open']],
  ])('%s finds %j', (address, ids) => {
    expect(find(record, address)).toEqual(ids);
  });

  it.each([
    '_has:Observation:code:status=x',
    '_has:Nothing:patient:code=x',
    '_has:Observation:patient=x',
    '_has:Observation:patient:nothing=x',
  ])('%s is not known', (query) => {
    expect(refusalOf(`Patient?${query}`, { strict: true })[0]).toContain('unknown-parameter');
  });
});
