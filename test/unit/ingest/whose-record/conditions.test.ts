import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, codesOf } from '../ingesting.ts';
import { addressIn, type Partner, type Partners, personIn, postEntry, startPartners, statusesIn } from '../partners.ts';
import { allergy, byMr, MRN, mr, NHS, nhs, nhsNumber, result, somebody, unique } from '../resources.ts';

let partners: Partners;
let hospital: Partner;
beforeAll(async () => {
  partners = await startPartners();
  hospital = partners.partner('uhd');
});
afterAll(() => partners.stop());

const HOUSEHOLD = 'https://council.example/household';
const condition = (system: string, value: string) => `Patient?identifier=${encodeURIComponent(`${system}|${value}`)}`;

/** Somebody with a patient number and a household number. */
async function registered() {
  const [number, home] = [unique('M'), unique('home')];
  const patient = somebody('Ada', [mr(number), { system: HOUSEHOLD, value: home }]);
  const created = await hospital.post(patient);
  return { number, home, patient, person: personIn(created), address: addressIn(created) };
}
type Registered = Awaited<ReturnType<typeof registered>>;

type Attempt = (known: Registered) => Promise<Answer>;
const ATTEMPTS: Readonly<Record<string, Attempt>> = {
  'a conditional update': ({ home, patient }) => hospital.put(condition(HOUSEHOLD, home), patient),
  'a conditional create': ({ home, patient }) =>
    hospital.post(patient, { headers: { 'if-none-exist': `identifier=${HOUSEHOLD}|${home}` } }),
  'a conditional delete': ({ home }) => hospital.delete(condition(HOUSEHOLD, home)),
  'a conditional patch': ({ home }) =>
    hospital.patch(condition(HOUSEHOLD, home), [{ op: 'add', path: '/gender', value: 'male' }]),
  'a conditional reference': ({ home }) =>
    hospital.post(allergy('latex', { reference: `Patient?identifier=${HOUSEHOLD}|${home}` })),
  'a conditional reference beside the Patient itself': ({ home, patient }) =>
    hospital.transaction(patient, allergy('latex', { reference: `Patient?identifier=${HOUSEHOLD}|${home}` })),
  'a conditional create in a transaction': ({ home, patient }) =>
    hospital.transaction(postEntry(patient, undefined, { ifNoneExist: `identifier=${HOUSEHOLD}|${home}` })),
};

describe('an identifier that names no patient', () => {
  it.each(Object.keys(ATTEMPTS))('is no condition: %s is refused, and says why', async (name) => {
    const known = await registered();
    const before = await partners.ingest.store.fold(known.person);
    const answer = await ATTEMPTS[name]!(known);
    expect([answer.status, codesOf(answer)]).toEqual([400, ['bad-parameter']]);
    expect(JSON.stringify(answer.body)).not.toContain(known.home);
    expect((await partners.ingest.store.fold(known.person)).sequence).toBe(before.sequence);
  });

  it('is refused alike whether or not somebody has it', async () => {
    const known = await registered();
    for (const attempt of Object.values(ATTEMPTS)) {
      const [one, other] = [await attempt(known), await attempt({ ...known, home: unique('nobody') })];
      expect([one.status, one.body.issue]).toEqual([other.status, other.body.issue]);
    }
  });

  it('is no subject either, alone or beside the Patient who has it', async () => {
    const { home, patient, person } = await registered();
    const subject = { type: 'Patient', identifier: { system: HOUSEHOLD, value: home } };
    const alone = await hospital.post(allergy('latex', subject));
    expect([alone.status, codesOf(alone)]).toEqual([422, ['unknown-subject']]);
    const together = await hospital.transaction(patient, allergy('latex', subject));
    expect([together.status, codesOf(together)]).toEqual([422, ['unknown-subject']]);
    expect(statusesIn(await hospital.batch(patient, allergy('latex', subject)))).toEqual([200, 422]);
    expect(await partners.record(person)).toEqual(['uhd Patient Ada']);
  });
});

describe('a patient number', () => {
  it('is a condition by which a Patient is updated, patched and retracted', async () => {
    const { number, patient, person, address } = await registered();
    const updated = await hospital.put(condition(MRN, number), { ...patient, gender: 'female' });
    expect([updated.status, addressIn(updated)]).toEqual([200, address]);
    const patched = await hospital.patch(condition(MRN, number), [{ op: 'replace', path: '/name/0/family', value: 'Ada Two' }]);
    expect([patched.status, addressIn(patched)]).toEqual([200, address]);
    expect(await partners.record(person)).toEqual(['uhd Patient Ada Two']);
    expect((await hospital.delete(condition(MRN, number))).status).toBe(204);
    expect(await partners.record(person)).toEqual([]);
  });

  it('is a condition under which nothing is created twice', async () => {
    const { number, patient, address } = await registered();
    const headers = { 'if-none-exist': `identifier=${MRN}|${number}` };
    const again = await hospital.post({ ...patient, gender: 'male' }, { headers });
    expect([again.status, addressIn(again), again.headers.etag]).toEqual([200, address, 'W/"1"']);
  });

  it('is a subject for its own organisation alone', async () => {
    const { number, person } = await registered();
    expect(personIn(await hospital.post(allergy('latex', byMr(number))))).toBe(person);
    expect(personIn(await hospital.post(result('weight', { reference: `Patient?identifier=${MRN}|${number}` })))).toBe(person);
    const theirs = await partners.partner('dch').post(allergy('latex', byMr(number)));
    expect([theirs.status, codesOf(theirs)]).toEqual([422, ['unknown-subject']]);
  });
});

describe('an NHS number', () => {
  it('is a condition, and a subject, whoever sends it', async () => {
    const number = nhsNumber();
    const created = await hospital.post(somebody('Ada', [nhs(number)]));
    const updated = await hospital.put(condition(NHS, number), somebody('Ada Two', [nhs(number)]));
    expect([updated.status, addressIn(updated)]).toEqual([200, addressIn(created)]);
    const theirs = await partners.partner('dch').post(allergy('latex', { reference: condition(NHS, number) }));
    expect(personIn(theirs)).toBe(personIn(created));
  });
});
