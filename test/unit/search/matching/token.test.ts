import { describe, expect, it } from 'vitest';
import { find, type Resource, refusalOf } from '../record.ts';

const SNOMED = 'http://snomed.info/sct';
const ACME = 'http://acme.org/conditions/codes';

const conditions: readonly Resource[] = [
  {
    resourceType: 'Condition',
    id: 'headache',
    code: {
      coding: [
        { system: ACME, code: 'ha125', display: 'Headache' },
        { system: SNOMED, code: '25064002' },
      ],
      text: 'Bad migraine',
    },
    clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] },
  },
  { resourceType: 'Condition', id: 'unsystematic', code: { coding: [{ code: 'HA125' }] } },
  { resourceType: 'Condition', id: 'words', code: { text: 'Headache after a fall' } },
  { resourceType: 'Condition', id: 'comma', code: { coding: [{ system: ACME, code: 'a,b|c' }] } },
  { resourceType: 'Condition', id: 'nothing' },
];

const patients: readonly Resource[] = [
  {
    resourceType: 'Patient',
    id: 'eve',
    gender: 'female',
    active: true,
    identifier: [
      {
        type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }], text: 'Hospital number' },
        system: 'http://acme.org/patient',
        value: '446053',
      },
    ],
    telecom: [
      { system: 'phone', use: 'home', value: '(01202) 555-123' },
      { system: 'email', value: 'Eve@example.org' },
    ],
  },
  { resourceType: 'Patient', id: 'adam', gender: 'male', deceasedDateTime: '2020-01-01' },
  { resourceType: 'Patient', id: 'kim', active: false, deceasedBoolean: false },
];

describe('a token', () => {
  it.each([
    [`Condition?code=${ACME}|ha125`, ['headache']],
    ['Condition?code=ha125', ['headache', 'unsystematic']],
    ['Condition?code=HA125', ['headache', 'unsystematic']],
    ['Condition?code=|ha125', ['unsystematic']],
    [`Condition?code=${SNOMED}|`, ['headache']],
    [`Condition?code=${ACME}|25064002`, []],
    [`Condition?code=${SNOMED}|25064002,|ha125`, ['headache', 'unsystematic']],
    ['Condition?code=ha125&clinical-status=active', ['headache']],
    [`Condition?code=${ACME}|a\\,b\\|c`, ['comma']],
    ['Condition?code=ha', []],
  ])('%s finds %j', (address, ids) => {
    expect(find(conditions, address)).toEqual(ids);
  });

  it.each([
    ['Condition?code:text=headache', ['headache', 'words']],
    ['Condition?code:text=migraine', ['headache']],
    ['Condition?code:text=eadache', []],
    ['Condition?code:not=ha125', ['words', 'comma', 'nothing']],
    [`Condition?code:not=ha125,${ACME}|a\\,b\\|c`, ['words', 'nothing']],
    ['Condition?code:missing=true', ['nothing']],
    ['Condition?clinical-status:missing=false', ['headache']],
  ])('%s finds %j', (address, ids) => {
    expect(find(conditions, address)).toEqual(ids);
  });

  it.each([
    ['Patient?gender=male', ['adam']],
    ['Patient?gender=http://hl7.org/fhir/administrative-gender|male', ['adam']],
    ['Patient?gender=http://elsewhere.example|male', []],
    ['Patient?gender:not=male', ['eve', 'kim']],
    ['Patient?active=true', ['eve']],
    ['Patient?active:missing=true', ['adam']],
    ['Patient?deceased=true', ['adam']],
    ['Patient?deceased=false', ['eve', 'kim']],
    ['Patient?identifier=http://acme.org/patient|446053', ['eve']],
    ['Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|446053', ['eve']],
    ['Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MC|446053', []],
    ['Patient?identifier:text=hospital', ['eve']],
    ['Patient?phone=01202555123', ['eve']],
    ['Patient?telecom=phone|01202 555 123', ['eve']],
    ['Patient?email=eve@example.org', ['eve']],
    ['Patient?email=01202555123', []],
    ['Patient?_id=adam,eve', ['eve', 'adam']],
  ])('%s finds %j', (address, ids) => {
    expect(find(patients, address)).toEqual(ids);
  });

  it.each([
    ['Condition?code=|', ['bad-parameter Condition?code']],
    ['Condition?code=a|b|c', ['bad-parameter Condition?code']],
    ['Condition?code:missing=perhaps', ['bad-parameter Condition?code:missing']],
    ['Condition?identifier:of-type=MR', ['bad-parameter Condition?identifier:of-type']],
    ['Condition?code:in=http://acme.org/fhir/ValueSet/cardiac', ['unknown-parameter Condition?code:in']],
    ['Condition?code:constructor=a', ['unknown-parameter Condition?code:constructor']],
    ['Condition?code:contains=a', ['unknown-parameter Condition?code:contains']],
  ])('%s is refused: %j', (address, issues) => {
    expect(refusalOf(address)).toEqual(issues);
  });
});
