import { beforeAll, describe, expect, inject, it } from 'vitest';
import { createFeed } from '../../infra/demo/feed.ts';
import * as tell from '../../infra/demo/fragments.ts';
import { type Partner, signIn } from './actors/partner.ts';
import { byNumber, heartRate, NHS_NUMBER, PRACTICES, peopleOf } from './actors/people.ts';
import { create, idsOf, push, type Written } from './actors/record.ts';

const somebody = peopleOf('persons');
const demo = inject('demo');
let hospital: Partner;
let practice: Partner;

beforeAll(async () => {
  [hospital, practice] = (await Promise.all(['uhd', 'ammonite'].map((each) => signIn(demo, each)))) as [Partner, Partner];
});

const byIdentifier = async (partner: Partner, system: string, value: string): Promise<string[]> => {
  const answer = await partner.post('Patient/_search', new URLSearchParams({ identifier: `${system}|${value}` }));
  return idsOf(answer.json);
};

/** A baby whom the hospital knows by its own number alone, with a birth weight; and then by the NHS number that arrives. */
async function babyWithNumber() {
  const { nhsNumber, ...baby } = somebody({ practice: PRACTICES.ammonite });
  const birth = createFeed('uhd', baby);
  tell.measurement(birth, { text: 'Birth weight' }, 3.4, 'kg', '2026-11-02');
  const [before, weight] = (await push(hospital, birth.push())) as [Written, Written];
  // The practice, to whom the number was told, has contributed under it already.
  const jab = await create(practice, heartRate('at the practice', byNumber(nhsNumber)));
  return { nhsNumber, baby, before, weight, jab };
}

describe('a baby who gets an NHS number', () => {
  it('has one record: under the old id, the new one, either Patient, and the number', async () => {
    const { nhsNumber, baby, before, weight, jab } = await babyWithNumber();
    expect(jab.personId).not.toBe(before.personId);
    // When the hospital sends the baby again, with the number
    const [after] = (await push(hospital, createFeed('uhd', { ...baby, nhsNumber }).push())) as [Written];
    // Then both records are read as one, whichever way
    const everything = async (partner: Partner, id: string) => {
      const { status, json } = await partner.get(`Patient/${id}/$everything`);
      expect(status).toBe(200);
      return idsOf(json).sort();
    };
    const whole = await everything(hospital, jab.personId);
    expect(whole).toEqual(
      expect.arrayContaining([`Patient/${jab.personId}`, `Observation/${weight.id}`, `Observation/${jab.id}`]),
    );
    for (const id of [before.personId, before.id, after.id])
      for (const partner of [hospital, practice]) expect(await everything(partner, id)).toEqual(whole);
    for (const [system, value] of [
      [NHS_NUMBER, nhsNumber],
      ['https://demo.chesil.example/uhd/patient', baby.key],
    ] as const)
      expect(await byIdentifier(hospital, system, value)).toEqual([`Patient/${jab.personId}`]);
    // And each address that was given out before still leads to the same thing
    const read = await hospital.get(`Patient/${before.personId}`);
    expect([read.status, read.json.id]).toEqual([200, jab.personId]);
    expect((await practice.get(`Observation/${weight.id}`)).json.valueQuantity.value).toBe(3.4);
    // And searches in the one find what is in the other
    const found = await practice.get(`Observation?patient=${before.personId}`);
    expect(found.json.total).toBe(2);
    // And what is sent by the hospital's own number goes to the same person
    const local = { type: 'Patient', identifier: { system: 'https://demo.chesil.example/uhd/patient', value: baby.key } };
    await create(hospital, heartRate('after', local));
    expect((await practice.get(`Observation?patient=${jab.personId}`)).json.total).toBe(3);
  });

  it('can be read as the two records were, before they were one', async () => {
    const { nhsNumber, baby, before, weight, jab } = await babyWithNumber();
    const apart = (await practice.get(`Observation/${jab.id}`)).json.meta.lastUpdated as string;
    await push(hospital, createFeed('uhd', { ...baby, nhsNumber }).push());
    const at = async (id: string) => {
      const { json } = await hospital.get(`Patient/${id}/$everything?_type=Observation&_at=${apart}`);
      return idsOf(json);
    };
    expect(await at(jab.personId)).toEqual([`Observation/${jab.id}`]);
    expect(await at(before.personId)).toEqual([`Observation/${weight.id}`]);
  });
});

describe('two records that were linked by mistake', () => {
  it('are two again when the source takes it back, and nothing of either is lost', async () => {
    // Given a visitor without a number, whom the hospital takes for one of its patients
    const patient = somebody();
    const { nhsNumber: _none, ...visitor } = somebody();
    const known = createFeed('uhd', patient);
    tell.allergy(known, { text: 'Penicillin' });
    const [knownPatient, allergy] = (await push(hospital, known.push())) as [Written, Written];
    const visit = createFeed('uhd', visitor);
    tell.measurement(visit, { text: 'Body weight' }, 80, 'kg', '2026-11-02');
    const [visitorPatient, weight] = (await push(hospital, visit.push())) as [Written, Written];
    const { json } = await hospital.get(`Patient/${visitorPatient.id}`);
    const link = [{ other: { reference: `Patient/${knownPatient.id}` }, type: 'replaced-by' }];
    expect((await hospital.put(`Patient/${visitorPatient.id}`, { ...json, link })).status).toBe(200);
    const both = [`AllergyIntolerance/${allergy.id}`, `Observation/${weight.id}`];
    const clinical = async (id: string) =>
      idsOf((await hospital.get(`Patient/${id}/$everything?_type=AllergyIntolerance,Observation`)).json).sort();
    expect(await clinical(visitorPatient.personId)).toEqual(both);
    // When it takes that back
    expect((await hospital.put(`Patient/${visitorPatient.id}`, json)).status).toBe(200);
    // Then each has what was theirs
    expect(await clinical(knownPatient.personId)).toEqual([both[0]]);
    expect(await clinical(visitorPatient.personId)).toEqual([both[1]]);
  });

  it('are never made one by two NHS numbers', async () => {
    const [one, other] = (await Promise.all(
      [somebody(), somebody()].map(async (person) => {
        const [patient] = (await push(hospital, createFeed('uhd', person).push())) as [Written];
        return patient;
      }),
    )) as [Written, Written];
    const { json } = await hospital.get(`Patient/${one.id}`);
    const link = [{ other: { reference: `Patient/${other.id}` }, type: 'replaced-by' }];
    await hospital.put(`Patient/${one.id}`, { ...json, link });
    expect((await hospital.get(`Patient/${one.personId}`)).json.id).toBe(one.personId);
    expect((await hospital.get(`Patient/${other.personId}`)).json.id).toBe(other.personId);
  });
});

const MEDICAL_RECORD_NUMBER = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] };

describe('local numbers', () => {
  it('of two organisations are two people’s, however alike', async () => {
    const { nhsNumber: _none, ...visitor } = somebody();
    const number = { system: 'https://shared.example/mrn', value: visitor.key };
    const identifier = [{ type: MEDICAL_RECORD_NUMBER, ...number }];
    const tellOf = (partner: Partner) =>
      create(partner, { resourceType: 'Patient', identifier, name: [{ family: visitor.family }] });
    const [ours, theirs] = [await tellOf(hospital), await tellOf(practice)];
    expect(ours.personId).not.toBe(theirs.personId);
    expect(await byIdentifier(hospital, number.system, number.value)).toEqual([`Patient/${ours.personId}`]);
    expect(await byIdentifier(practice, number.system, number.value)).toEqual([`Patient/${theirs.personId}`]);
    expect((await practice.get(`Patient/${ours.personId}`)).status).toBe(404);
  });
});
