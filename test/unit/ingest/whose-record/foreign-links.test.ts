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
import { byNhs, mr, nhs, result, somebody, typed, unique } from '../resources.ts';
import { ADA, link, type ReferredPatient, referredPatient, strangerWithNumber } from './referred-patient.ts';

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

const FORMS: Readonly<Record<string, (known: ReferredPatient) => object>> = {
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
