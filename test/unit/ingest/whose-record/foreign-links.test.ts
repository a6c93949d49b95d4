import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, FHIR_URL } from '../ingesting.ts';
import {
  addressesIn,
  addressIn,
  noticesIn,
  numbered,
  type Partner,
  type Partners,
  personAt,
  personIn,
  type Resource,
  SAYING,
  startPartners,
  statusesIn,
} from '../partners.ts';
import { allergy, byMr, byNhs, mr, nhs, nhsNumber, result, somebody, typed, unique } from '../resources.ts';

let partners: Partners;
let hospital: Partner;
let other: Partner;
beforeAll(async () => {
  partners = await startPartners();
  [hospital, other] = [partners.partner('uhd'), partners.partner('dch')];
});
afterAll(() => partners.stop());

const link = (type: string, target: object) => ({ link: [{ other: target, type }] });
const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';

/** A patient whom the hospital knows by its own number alone, with an allergy, and whom it has referred to the other. */
async function referred() {
  const number = unique('M');
  const created = await hospital.post(somebody('Ada', [mr(number)]));
  await hospital.post(allergy('penicillin', byMr(number)));
  const referral = await hospital.post({
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    authoredOn: new Date().toISOString().slice(0, 10),
    code: { text: 'clinic' },
    subject: byMr(number),
    performer: [{ type: 'Organization', identifier: { system: ODS, value: 'TDCH' } }],
  });
  expect(referral.status).toBe(201);
  const local = personIn(created);
  const seen = await other.post(result('seen', { reference: `Patient/${local}` }));
  expect(seen.status, 'the other may see the patient').toBe(201);
  return { number, local, address: addressIn(created) };
}
type Referred = Awaited<ReturnType<typeof referred>>;

const ADA = ['dch Observation seen', 'uhd AllergyIntolerance penicillin', 'uhd Patient Ada', 'uhd ServiceRequest clinic'];

/** Somebody with an NHS number and something to be read. */
async function stranger() {
  const number = nhsNumber();
  await partners.partner('surgery').post(somebody('Stranger', [nhs(number)]));
  await partners.partner('surgery').post(allergy('secret', byNhs(number)));
  return number;
}

const FORMS: Readonly<Record<string, (known: Referred) => object>> = {
  'its person': ({ local }) => ({ reference: `Patient/${local}` }),
  'its Patient': ({ address }) => ({ reference: address }),
  'its absolute address': ({ local }) => ({ reference: `${FHIR_URL}/Patient/${local}` }),
};

const SENDINGS: Readonly<Record<string, (patient: Resource) => Promise<readonly [number, string, Answer]>>> = {
  alone: async (patient) => {
    const answer = await other.post(patient, SAYING);
    return [answer.status, addressIn(answer), answer];
  },
  'put to its own id': async (patient) => {
    const id = unique('own');
    const answer = await other.put(`Patient/${id}`, { ...patient, id }, SAYING);
    return [answer.status, addressIn(answer), answer];
  },
  'in a transaction': async (patient) => {
    const answer = await other.transaction(patient);
    return [statusesIn(answer)[0]!, addressesIn(answer)[0]!, answer];
  },
  'in a batch': async (patient) => {
    const answer = await other.batch(patient);
    return [statusesIn(answer)[0]!, addressesIn(answer)[0]!, answer];
  },
};

const CASES = ['replaces', 'replaced-by'].flatMap((type) =>
  Object.keys(FORMS).flatMap((form) => Object.keys(SENDINGS).map((sending) => [type, form, sending] as const)),
);

describe("a link to another organisation's local patient", () => {
  it.each(CASES)(
    '%s, by %s, %s: is kept, said to be without effect, asked about, and links nobody',
    async (type, form, sending) => {
      const known = await referred();
      const number = await stranger();
      const patient = somebody('Impostor', [nhs(number), typed('MR', 'urn:dch', unique('D'))], link(type, FORMS[form]!(known)));
      const [status, address, answer] = await SENDINGS[sending]!(patient);
      expect([status, noticesIn(answer)]).toEqual([201, ['link-without-effect']]);
      expect(personAt(address)).toBe(numbered(number));
      expect(await partners.linked(known.local)).toEqual([known.local]);
      expect(await partners.record(known.local)).toEqual(ADA);
      expect(await partners.record(numbered(number))).toEqual([
        'dch Patient Impostor',
        'surgery AllergyIntolerance secret',
        'surgery Patient Stranger',
      ]);
      expect(await partners.questions(known.local, numbered(number))).toEqual(['link-without-effect']);
      const [body] = (await partners.versions(address)).map((one) => JSON.parse(one.body!));
      expect(body.link).toHaveLength(1);
    },
  );

  it.each(['refer', 'seealso'])('of type %s links nobody either', async (type) => {
    const known = await referred();
    const number = await stranger();
    const answer = await other.post(somebody('Impostor', [nhs(number)], link(type, { reference: `Patient/${known.local}` })));
    expect(answer.status).toBe(201);
    expect(await partners.linked(known.local)).toEqual([known.local]);
    expect(await partners.linked(numbered(number))).toEqual([numbered(number)]);
  });

  it('links nobody when it is sent again, left out, or its Patient is deleted', async () => {
    const known = await referred();
    const number = await stranger();
    const identifier = [nhs(number), typed('MR', 'urn:dch', unique('D'))];
    const said = somebody('Impostor', identifier, link('replaces', { reference: `Patient/${known.local}` }));
    const first = await other.post(said);
    await other.post(said);
    await other.post(somebody('Impostor', identifier));
    await other.post(said);
    await other.delete(addressIn(first));
    await other.post(said);
    expect(await partners.linked(known.local)).toEqual([known.local]);
    expect(await partners.record(known.local)).toEqual(ADA);
  });

  it('sinks no bundle: everything else of it is kept', async () => {
    const known = await referred();
    const number = await stranger();
    const identifier = [nhs(number), typed('MR', 'urn:dch', unique('D'))];
    const patient = somebody('Impostor', identifier, link('replaces', { reference: `Patient/${known.local}` }));
    for (const send of [other.transaction, other.batch]) {
      const answer = await send(patient, result(unique('weight'), byNhs(number)), result(unique('height'), byNhs(number)));
      expect(statusesIn(answer).every((status) => status === 200 || status === 201)).toBe(true);
    }
    expect(await partners.linked(known.local)).toEqual([known.local]);
  });

  it('has no effect by a Patient without a number either', async () => {
    const known = await referred();
    for (const type of ['replaces', 'replaced-by']) {
      const patient = somebody(
        'Impostor',
        [typed('MR', 'urn:dch', unique('D'))],
        link(type, { reference: `Patient/${known.local}` }),
      );
      const answer = await other.post(patient, SAYING);
      expect([answer.status, noticesIn(answer)]).toEqual([201, ['link-without-effect']]);
      expect(await partners.linked(known.local)).toEqual([known.local]);
      expect(await partners.linked(personIn(answer))).toEqual([personIn(answer)]);
    }
  });

  it('has no effect when a patch adds it', async () => {
    const known = await referred();
    const number = await stranger();
    const created = await other.post(somebody('Impostor', [nhs(number)]));
    const value = [{ other: { reference: `Patient/${known.local}` }, type: 'replaces' }];
    const patched = await other.patch(addressIn(created), [{ op: 'add', path: '/link', value }], SAYING);
    expect([patched.status, noticesIn(patched)]).toEqual([200, ['link-without-effect']]);
    expect(await partners.linked(known.local)).toEqual([known.local]);
  });

  it('tells nobody whether the patient exists who may not see them', async () => {
    const number = unique('M');
    const hidden = personIn(await hospital.post(somebody('Ada', [mr(number)])));
    const made = `${hidden.startsWith('aaaa') ? 'bbbb' : 'aaaa'}${hidden.slice(4)}`;
    const tell = async (local: string) => {
      const patient = somebody('Impostor', [nhs(await stranger())], link('replaces', { reference: `Patient/${local}` }));
      const { status, body } = await other.post(patient, SAYING);
      return [status, JSON.stringify(body).replaceAll(local, '<local>')];
    };
    expect(await tell(hidden)).toEqual(await tell(made));
    expect(await partners.linked(hidden)).toEqual([hidden]);
  });
});

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
