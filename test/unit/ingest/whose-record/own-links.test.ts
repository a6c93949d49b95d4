import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressIn, noticesIn, numbered, type Partner, type Partners, personIn, SAYING, startPartners } from '../partners.ts';
import { allergy, byMr, byNhs, mr, nhs, nhsNumber, result, somebody, typed, unique } from '../resources.ts';
import { ADA, link, referredPatient, strangerWithNumber } from './referred-patient.ts';

let partners: Partners;
let hospital: Partner;
let other: Partner;
beforeAll(async () => {
  partners = await startPartners();
  [hospital, other] = [partners.partner('uhd'), partners.partner('dch')];
});
afterAll(() => partners.stop());

const referred = () => referredPatient(partners);
const stranger = () => strangerWithNumber(partners);

describe('a link by number that is the doing of its own organisation', () => {
  /** A baby with an allergy whom the hospital knew without a number, and now by number too. */
  async function baby() {
    const [id, number] = [unique('baby'), nhsNumber()];
    const without = somebody('Baby', [mr(id)], { id });
    const born = await hospital.post(without);
    await hospital.post(allergy('latex', { reference: `Patient/${id}` }));
    const withNumber = somebody('Baby', [mr(id), nhs(number)], { id });
    await hospital.post(withNumber);
    await other.post(result('seen', byNhs(number)));
    return { id, number, local: personIn(born), without, withNumber };
  }

  it('stands whatever another organisation says and takes back', async () => {
    const { number, local, withNumber } = await baby();
    const theirs = (more: object) => somebody('Baby', [nhs(number)], more);
    const said = await other.post(theirs(link('replaces', { reference: `Patient/${local}` })));
    const known = ['dch Observation seen', 'dch Patient Baby', 'uhd AllergyIntolerance latex', 'uhd Patient Baby'];
    const withoutTheirs = known.filter((line) => line !== 'dch Patient Baby');
    expect(await partners.record(numbered(number))).toEqual(known);
    await other.post(theirs({}));
    expect(await partners.record(numbered(number))).toEqual(known);
    await other.post(theirs(link('replaced-by', { reference: `Patient/${local}` })));
    await other.delete(addressIn(said));
    expect(await partners.record(numbered(number))).toEqual(withoutTheirs);
    await hospital.post(withNumber);
    expect(await partners.record(numbered(number))).toEqual(withoutTheirs);
    expect(await partners.linked(local)).toEqual([local, numbered(number)].sort());
  });

  it('ends when it takes the number back, though another goes on saying it', async () => {
    const { number, local, without } = await baby();
    await other.post(somebody('Baby', [nhs(number)], link('replaces', { reference: `Patient/${local}` })));
    await hospital.post(without);
    expect(await partners.linked(local)).toEqual([local]);
    expect(await partners.record(numbered(number))).toEqual(['dch Observation seen', 'dch Patient Baby']);
    expect(await partners.record(local)).toEqual(['uhd AllergyIntolerance latex', 'uhd Patient Baby']);
  });
});

describe('a link between two patients of one organisation', () => {
  it('stands while one of its Patients says so, and ends exactly', async () => {
    const [keep, drop] = [unique('keep'), unique('drop')];
    const kept = await hospital.post(somebody('Kept', [mr(keep)], { id: keep }));
    const dropped = await hospital.post(somebody('Dropped', [mr(drop)], { id: drop }));
    await hospital.post(allergy('latex', byMr(keep)));
    await hospital.post(allergy('egg', byMr(drop)));
    const [one, two] = [personIn(kept), personIn(dropped)];
    await hospital.post(somebody('Dropped', [mr(drop)], { id: drop, ...link('replaced-by', { reference: `Patient/${keep}` }) }));
    await hospital.post(somebody('Kept', [mr(keep)], { id: keep, ...link('replaces', { reference: `Patient/${drop}` }) }));
    expect(await partners.linked(one)).toEqual([one, two].sort());
    // Said while they are one, by the names of each
    await hospital.post(result('after, kept', byMr(keep)));
    await hospital.post(result('after, dropped', byMr(drop)));
    await hospital.post(somebody('Dropped', [mr(drop)], { id: drop }));
    expect(await partners.linked(one)).toEqual([one, two].sort());
    await hospital.post(somebody('Kept', [mr(keep)], { id: keep }));
    expect(await partners.record(one)).toEqual([
      'uhd AllergyIntolerance latex',
      'uhd Observation after, kept',
      'uhd Patient Kept',
    ]);
    expect(await partners.record(two)).toEqual([
      'uhd AllergyIntolerance egg',
      'uhd Observation after, dropped',
      'uhd Patient Dropped',
    ]);
  });

  it('ends when the Patient that says so is deleted', async () => {
    const [keep, drop] = [unique('keep'), unique('drop')];
    const kept = await hospital.post(somebody('Kept', [mr(keep)], { id: keep }));
    const dropped = await hospital.post(
      somebody('Dropped', [mr(drop)], { id: drop, ...link('replaced-by', { reference: `Patient/${keep}` }) }),
    );
    expect(await partners.linked(personIn(kept))).toHaveLength(2);
    expect((await hospital.delete(addressIn(dropped))).status).toBe(204);
    expect(await partners.linked(personIn(kept))).toEqual([personIn(kept)]);
  });

  it('of two NHS numbers is kept and has no effect, alone and by way of a patient without', async () => {
    const [a, b, local] = [nhsNumber(), nhsNumber(), unique('between')];
    for (const number of [a, b]) await hospital.post(somebody(`Number ${number}`, [nhs(number)]));
    const direct = await hospital.post(
      somebody('Direct', [nhs(a), mr(unique('A'))], link('replaces', { reference: `Patient/${numbered(b)}` })),
      SAYING,
    );
    expect([direct.status, noticesIn(direct)]).toEqual([201, ['link-without-effect']]);
    const both = { link: [a, b].map((number) => ({ other: byNhs(number), type: 'replaced-by' })) };
    await hospital.post(somebody('Between', [mr(local)], both));
    await hospital.post(somebody('Between', [mr(local), nhs(a)], both));
    expect(await partners.linked(numbered(a))).not.toContain(numbered(b));
    expect(await partners.linked(numbered(b))).not.toContain(numbered(a));
  });

  it('is not made by a Patient who names somebody by a number that its organisation has no Patient under', async () => {
    const number = await stranger();
    const patient = somebody('Impostor', [typed('MR', 'urn:dch', unique('D'))], link('replaced-by', byNhs(number)));
    const answer = await other.post(patient, SAYING);
    expect([answer.status, noticesIn(answer)]).toEqual([201, ['link-without-effect']]);
    expect(await partners.linked(numbered(number))).toEqual([numbered(number)]);
    expect(await partners.record(personIn(answer))).toEqual(['dch Patient Impostor']);
  });

  it('is not made by an id or a number that only looks like another organisation’s', async () => {
    const known = await referred();
    const identifier = [typed('MR', 'urn:dch', unique('D'))];
    for (const target of [
      byMr(known.number),
      { reference: `Patient/${unique('nobody')}` },
      { reference: `Patient?identifier=${byMr(known.number).identifier.system}|${known.number}` },
    ]) {
      const answer = await other.post(somebody('Impostor', identifier, link('replaces', target)));
      expect([200, 201]).toContain(answer.status);
      expect(await partners.linked(known.local)).toEqual([known.local]);
    }
  });

  it('is not made by a resource whose id is spelt like another organisation’s Patient', async () => {
    const known = await referred();
    const id = known.address.split('/')[1]!;
    for (const answer of [
      await other.post(somebody('Impostor', [typed('MR', 'urn:dch', unique('D'))], { id })),
      await other.put(known.address, somebody('Impostor', [], { id })),
      await other.put(`Patient/${known.local}`, somebody('Impostor', [], { id: known.local })),
      await other.post(somebody('Impostor', [], { id: known.local })),
    ])
      expect(answer.status === 201 ? personIn(answer) : 'refused').not.toBe(known.local);
    expect(await partners.record(known.local)).toEqual(ADA);
  });
});
