import { describe, expect, it } from 'vitest';
import { answeredBody } from '../../../shared/fhir/search/summary.ts';
import { validate } from '../../../shared/fhir/validate/validate.ts';
import { planOf } from './record.ts';

const patient =
  '{"resourceType":"Patient","id":"p","meta":{"versionId":"2","tag":[{"system":"urn:chesil:organisation","code":"uhd"}]},"text":{"status":"generated","div":"<div>x</div>"},' +
  '"active":true,"_gender":{"extension":[{"url":"u","valueString":"v"}]},"name":[{"family":"Test"}],"birthDate":"1950","_birthDate":{"id":"b"},' +
  '"maritalStatus":{"text":"m"},"contact":[{"name":{"family":"Daughter"}}],"communication":[{"language":{"text":"en"}}],"link":[{"other":{"reference":"Patient/q"},"type":"seealso"}]}';

const observation =
  '{"resourceType":"Observation","id":"o","contained":[{"resourceType":"Device","id":"d"}],"extension":[{"url":"u","valueString":"v"}],"modifierExtension":[{"url":"m","valueBoolean":true}],' +
  '"status":"final","category":[{"text":"c"}],"code":{"text":"k"},"valueQuantity":{"value":1.50},"device":{"reference":"#d"},"note":[{"text":"n"}],' +
  '"component":[{"code":{"text":"a"},"valueQuantity":{"value":2.0},"interpretation":[{"text":"i"}]}]}';

const SUBSETTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };

const answered = (type: string, body: string, query: string) => answeredBody({ type, body }, planOf(`${type}?${query}`));
const elementsOf = (type: string, body: string, query: string) => Object.keys(JSON.parse(answered(type, body, query)));

describe('an answer', () => {
  it('is passed on byte for byte when nothing is to be cut', () => {
    expect(answered('Patient', patient, '_summary=false')).toBe(patient);
    expect(answered('Observation', observation, 'status=final')).toBe(observation);
  });

  it.each([
    ['_elements=name', ['resourceType', 'id', 'meta', 'active', 'name', 'link']],
    ['_elements=birthDate,gender', ['resourceType', 'id', 'meta', 'active', '_gender', 'birthDate', '_birthDate', 'link']],
    ['_elements=id', ['resourceType', 'id', 'meta', 'active', 'link']],
    ['_summary=text', ['resourceType', 'id', 'meta', 'text', 'active', 'link']],
    ['_summary=true', ['resourceType', 'id', 'meta', 'active', '_gender', 'name', 'birthDate', '_birthDate', 'link']],
    [
      '_summary=data',
      [
        'resourceType',
        'id',
        'meta',
        'active',
        '_gender',
        'name',
        'birthDate',
        '_birthDate',
        'maritalStatus',
        'contact',
        'communication',
        'link',
      ],
    ],
  ])('to Patient?%s has %j', (query, elements) => {
    expect(elementsOf('Patient', patient, query)).toEqual(elements);
  });

  it.each([
    ['_elements=value', ['resourceType', 'id', 'modifierExtension', 'status', 'code', 'valueQuantity', 'meta']],
    ['_elements=device', ['resourceType', 'id', 'modifierExtension', 'status', 'code', 'device', 'meta', 'contained']],
    ['_elements=extension', ['resourceType', 'id', 'extension', 'modifierExtension', 'status', 'code', 'meta']],
    ['_summary=true', ['resourceType', 'id', 'modifierExtension', 'status', 'code', 'valueQuantity', 'component', 'meta']],
  ])('to Observation?%s has %j', (query, elements) => {
    expect(elementsOf('Observation', observation, query)).toEqual(elements);
  });

  it('that was cut says so, beside the tags that it had', () => {
    expect(JSON.parse(answered('Patient', patient, '_elements=name')).meta).toEqual({
      versionId: '2',
      tag: [{ system: 'urn:chesil:organisation', code: 'uhd' }, SUBSETTED],
    });
    expect(JSON.parse(answered('Observation', observation, '_summary=true')).meta).toEqual({ tag: [SUBSETTED] });
  });

  it('keeps decimals as they were written', () => {
    expect(answered('Observation', observation, '_elements=value')).toContain('"value":1.50');
  });

  it('cuts down nested elements in a summary', () => {
    expect(JSON.parse(answered('Observation', observation, '_summary=true')).component).toEqual([
      { code: { text: 'a' }, valueQuantity: { value: 2 } },
    ]);
  });

  it('leaves what was included whole when elements of the searched type are asked for', () => {
    expect(answeredBody({ type: 'Patient', body: patient }, planOf('Observation?_elements=code&_include=*'))).toBe(patient);
  });

  it('is still valid when it was cut', () => {
    for (const query of ['_elements=id', '_summary=true', '_summary=data']) {
      expect(validate(JSON.parse(answered('Patient', patient, query))), query).toEqual(validate(JSON.parse(patient)));
    }
  });
});
