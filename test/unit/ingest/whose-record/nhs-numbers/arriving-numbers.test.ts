import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addressesIn,
  addressIn,
  noticesIn,
  numbered,
  type Partner,
  type Partners,
  personIn,
  postEntry,
  SAYING,
  startPartners,
  statusesIn,
} from '../../partners.ts';
import { allergy, byMr, byNhs, mr, nhs, nhsNumber, result, somebody, unique } from '../../resources.ts';

let partners: Partners;
let hospital: Partner;
let practice: Partner;
beforeAll(async () => {
  partners = await startPartners();
  [hospital, practice] = [partners.partner('uhd'), partners.partner('surgery')];
});
afterAll(() => partners.stop());

/** A baby whom the hospital knows by its own number, and by its own id where `id` says so. */
async function baby({ withId = true }: { readonly withId?: boolean } = {}) {
  const [mrn, number] = [unique('baby'), nhsNumber()];
  const named = withId ? { id: mrn } : {};
  const without = somebody('Baby', [mr(mrn)], named);
  const born = await hospital.post(without);
  const about = withId ? { reference: `Patient/${mrn}` } : byMr(mrn);
  const told = allergy('latex', about, { id: `allergy-${mrn}` });
  const birth = await hospital.post(told);
  const withNumber = somebody('Baby', [mr(mrn), nhs(number)], named);
  return { mrn, number, local: personIn(born), born, birth, told, about, without, withNumber };
}

describe.each([{ withId: true }, { withId: false }])(
  'a number that arrives for a patient of the organisation’s own, %o',
  (how) => {
    it('links the two: one record by number, every address as before, nothing doubled when all is sent again', async () => {
      const { number, local, born, birth, told, withNumber } = await baby(how);
      await practice.post(somebody('Baby', [nhs(number)]));
      const arrived = await hospital.post(withNumber);
      expect([arrived.status, addressIn(arrived)]).toEqual([200, addressIn(born)]);
      const whole = ['surgery Patient Baby', 'uhd AllergyIntolerance latex', 'uhd Patient Baby'];
      expect(await partners.record(numbered(number))).toEqual(whole);
      expect(await partners.record(local)).toEqual(whole);
      const again = [await hospital.post(withNumber), await hospital.post(told)];
      expect(again.map(({ status, headers }) => [status, headers.etag])).toEqual([
        [200, arrived.headers.etag],
        [200, birth.headers.etag],
      ]);
      expect(again.map(addressIn)).toEqual([addressIn(born), addressIn(birth)]);
      expect(await partners.record(numbered(number))).toEqual(whole);
    });

    it('leaves what the organisation says by its own names in its own partition, and what it says by number at the number', async () => {
      const { mrn, number, local, about, withNumber } = await baby(how);
      await hospital.post(withNumber);
      const byOwnName = await hospital.post(result('by own name', about));
      const byPatientNumber = await hospital.post(result('by patient number', byMr(mrn)));
      const byNumber = await hospital.post(result('by number', byNhs(number)));
      expect([byOwnName, byPatientNumber, byNumber].map(personIn)).toEqual([local, local, numbered(number)]);
    });

    it('is taken back exactly: each has what was said of it, and what bore the number is listed', async () => {
      const { number, local, born, about, without, withNumber } = await baby(how);
      await practice.post(somebody('Somebody', [nhs(number)]));
      await practice.post(allergy('egg', byNhs(number)));
      await hospital.post(withNumber);
      await hospital.post(result('by own name', about));
      const bore = await hospital.post(result('by number', byNhs(number)));
      const back = await hospital.post(without, SAYING);
      expect([back.status, addressIn(back)]).toEqual([200, addressIn(born)]);
      expect(JSON.stringify(back.body)).toContain(addressIn(bore));
      expect(await partners.linked(local)).toEqual([local]);
      expect(await partners.record(local)).toEqual([
        'uhd AllergyIntolerance latex',
        'uhd Observation by own name',
        'uhd Patient Baby',
      ]);
      expect(await partners.record(numbered(number))).toEqual([
        'surgery AllergyIntolerance egg',
        'surgery Patient Somebody',
        'uhd Observation by number',
      ]);
    });

    it('is taken back and given again any number of times', async () => {
      const { number, local, without, withNumber } = await baby(how);
      for (let times = 0; times < 3; times++) {
        await hospital.post(withNumber);
        expect(await partners.linked(local)).toEqual([local, numbered(number)].sort());
        await hospital.post(without);
        expect(await partners.linked(local)).toEqual([local]);
      }
      expect(await partners.record(local)).toEqual(['uhd AllergyIntolerance latex', 'uhd Patient Baby']);
    });

    it('ends with its Patient', async () => {
      const { number, local, born, withNumber } = await baby(how);
      await hospital.post(withNumber);
      expect((await hospital.delete(addressIn(born))).status).toBe(204);
      expect(await partners.linked(local)).toEqual([local]);
      expect(await partners.record(numbered(number))).toEqual([]);
      await hospital.post(withNumber);
      expect(await partners.linked(local)).toEqual([local, numbered(number)].sort());
    });

    it('links when it comes by PUT or PATCH of the address that was answered', async () => {
      for (const method of ['put', 'patch'] as const) {
        const { number, local, born, withNumber } = await baby(how);
        const address = addressIn(born);
        const answer =
          method === 'put'
            ? await hospital.put(address, { ...withNumber, id: address.split('/')[1] })
            : await hospital.patch(address, [{ op: 'add', path: '/identifier/-', value: nhs(number) }]);
        expect([answer.status, addressIn(answer)]).toEqual([200, address]);
        expect(await partners.linked(numbered(number))).toEqual([local, numbered(number)].sort());
      }
    });

    it('links in a bundle with everything else', async () => {
      const { number, local, withNumber } = await baby(how);
      const url = 'urn:uuid:6f4a3d4e-5b1d-4a57-9b5f-0e3d1c9a7f01';
      const answer = await hospital.transaction(
        postEntry(withNumber, url),
        postEntry(result('with the number', { reference: url })),
      );
      expect(statusesIn(answer)).toEqual([200, 201]);
      expect(addressesIn(answer)[1]).toContain(local);
      expect(await partners.record(numbered(number))).toEqual([
        'uhd AllergyIntolerance latex',
        'uhd Observation with the number',
        'uhd Patient Baby',
      ]);
    });
  },
);

describe('a number that arrives for the wrong patient', () => {
  const born = '1950-02-03';

  it('joins nobody when date of birth and family name both say that it is somebody else', async () => {
    const [mrn, number] = [unique('M'), nhsNumber()];
    await hospital.post(somebody('Brackwater', [nhs(number)], { birthDate: '1938-01-01' }));
    await hospital.post(allergy('penicillin', byNhs(number)));
    const local = await hospital.post(somebody('Ashdown', [mr(mrn)], { birthDate: born, id: mrn }));
    await hospital.post(allergy('latex', byMr(mrn)));
    const arrived = await hospital.post(somebody('Ashdown', [mr(mrn), nhs(number)], { birthDate: born, id: mrn }), SAYING);
    expect(noticesIn(arrived)).toContain('two-persons');
    expect(await partners.linked(personIn(local))).toEqual([personIn(local)]);
    expect(await partners.questions(personIn(local), numbered(number))).toContain('possible-duplicate');
  });

  it('never joins two patients of one organisation who both claim it and are not the same', async () => {
    const [a, b, number] = [unique('A'), unique('B'), nhsNumber()];
    const first = await hospital.post(somebody('Ada', [mr(a)], { id: a, birthDate: '1950-02-03' }));
    const second = await hospital.post(somebody('Ben', [mr(b)], { id: b, birthDate: '1990-05-06' }));
    await hospital.post(allergy('penicillin', byMr(a)));
    await hospital.post(allergy('latex', byMr(b)));
    await hospital.post(somebody('Ada', [mr(a), nhs(number)], { id: a, birthDate: '1950-02-03' }));
    const claim = await hospital.post(somebody('Ben', [mr(b), nhs(number)], { id: b, birthDate: '1990-05-06' }), SAYING);
    expect(noticesIn(claim)).toContain('two-persons');
    expect(await partners.record(personIn(first))).not.toContain('uhd AllergyIntolerance latex');
    expect(await partners.record(numbered(number))).not.toContain('uhd AllergyIntolerance latex');
    expect(await partners.linked(personIn(second))).toEqual([personIn(second)]);
  });
});
