import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codesOf } from '../ingesting.ts';
import {
  addressesIn,
  addressIn,
  numbered,
  type Partner,
  type Partners,
  personAt,
  personIn,
  type Resource,
  startPartners,
  statusesIn,
} from '../partners.ts';
import { byMr, mr, nhs, nhsNumber, result, somebody, unique } from '../resources.ts';

let partners: Partners;
let hospital: Partner;
beforeAll(async () => {
  partners = await startPartners();
  hospital = partners.partner('uhd');
});
afterAll(() => partners.stop());

/** A result about a Patient that it contains. */
const about = (identifier: readonly object[], more: object = {}): Resource => ({
  ...result('weight', { reference: '#p' }),
  contained: [{ ...somebody('Contained', identifier), id: 'p' }],
  ...more,
});

describe('a result whose subject is a contained Patient', () => {
  it('is about the person of the NHS number, and keeps what it contains', async () => {
    const number = nhsNumber();
    const answer = await hospital.post(about([nhs(number)]));
    expect([answer.status, personIn(answer)]).toEqual([201, numbered(number)]);
    expect(answer.body.subject.reference).toBe(`Patient/${numbered(number)}`);
    expect(answer.body.contained[0]).toMatchObject({ resourceType: 'Patient', id: 'p', name: [{ family: 'Contained' }] });
    // R4 dom-3: what is contained is referred to from within.
    expect(JSON.stringify(answer.body.subject.extension)).toContain('"#p"');
    expect(await partners.record(numbered(number))).toEqual(['uhd Observation weight']);
  });

  it('is found by number, in bundles, for every type that is about somebody', async () => {
    const number = nhsNumber();
    const identifier = nhs(number);
    const allergy = {
      resourceType: 'AllergyIntolerance',
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
      },
      code: { text: 'latex' },
      patient: { reference: '#p' },
      contained: [{ ...somebody('Contained', [identifier]), id: 'p' }],
    };
    for (const send of [hospital.transaction, hospital.batch]) {
      const answer = await send({ ...about([identifier]), id: unique('o') }, { ...allergy, id: unique('a') });
      expect(statusesIn(answer)).toEqual([201, 201]);
      expect(addressesIn(answer).map(personAt)).toEqual([numbered(number), numbered(number)]);
    }
  });

  it('is about the patient of a patient number that is known', async () => {
    const number = unique('M');
    const patient = await hospital.post(somebody('Ada', [mr(number)]));
    expect(personIn(await hospital.post(about([mr(number)])))).toBe(personIn(patient));
    expect(personIn(await hospital.post(result('plain', byMr(number))))).toBe(personIn(patient));
    const theirs = await partners.partner('dch').post(about([mr(number)]));
    expect(theirs.status === 201 ? personIn(theirs) : theirs.status).not.toBe(personIn(patient));
  });

  it('takes the NHS number before the patient number', async () => {
    const [number, own] = [nhsNumber(), unique('M')];
    const local = personIn(await hospital.post(somebody('Ada', [mr(own)])));
    const answer = await hospital.post(about([mr(own), nhs(number)]));
    expect(personIn(answer)).toBe(numbered(number));
    expect(await partners.linked(local)).toEqual([local]);
  });

  it.each<[string, readonly object[]]>([
    ['no identifier', []],
    ['a household number', [{ system: 'https://council.example/household', value: '12' }]],
    ['a number that was never issued', [nhs('0000000000')]],
    ['a superseded number', [nhs('9990000018', { use: 'old' })]],
    ['a temporary patient number', [mr('T1', { use: 'temp' })]],
  ])('is refused with %s: nobody can say whose it is', async (_case, identifier) => {
    const answer = await hospital.post(about(identifier));
    expect(answer.status).toBe(422);
    expect(['unknown-subject', 'no-subject']).toContain(codesOf(answer)[0]);
  });

  it('is refused where the reference leads to nothing contained, or to something else', async () => {
    const number = nhsNumber();
    const dangling = await hospital.post({
      ...result('weight', { reference: '#q' }),
      contained: [{ ...somebody('C', [nhs(number)]), id: 'p' }],
    });
    const device = await hospital.post({
      ...result('weight', { reference: '#p' }),
      contained: [{ resourceType: 'Device', id: 'p', identifier: [nhs(number)] }],
    });
    expect([dangling.status >= 400, dangling.status < 500, device.status >= 400, device.status < 500]).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it('is not about somebody whom another contained Patient names', async () => {
    const [number, other] = [nhsNumber(), nhsNumber()];
    const contained = [
      { ...somebody('Mother', [nhs(other)]), id: 'm' },
      { ...somebody('Child', [nhs(number)]), id: 'p' },
    ];
    const answer = await hospital.post(about([], { contained, focus: [{ reference: '#m' }] }));
    expect(personIn(answer)).toBe(numbered(number));
    expect(await partners.record(numbered(other))).toEqual([]);
  });

  it('is the same fragment when it is sent again, and when the subject is named without containing', async () => {
    const [number, id] = [nhsNumber(), unique('o')];
    const first = await hospital.post(about([nhs(number)], { id }));
    const again = await hospital.post(about([nhs(number)], { id }));
    expect([again.status, addressIn(again), again.headers.etag]).toEqual([200, addressIn(first), 'W/"1"']);
    const plain = await hospital.post(result('weight', { type: 'Patient', identifier: nhs(number) }, { id }));
    expect([plain.status, addressIn(plain), plain.headers.etag]).toEqual([200, addressIn(first), 'W/"2"']);
  });
});
