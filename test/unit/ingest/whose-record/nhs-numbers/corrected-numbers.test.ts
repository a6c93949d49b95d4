import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FHIR_URL } from '../../ingesting.ts';
import { addressIn, noticesIn, numbered, type Partner, type Partners, personIn, SAYING, startPartners } from '../../partners.ts';
import { allergy, byMr, byNhs, mr, nhs, nhsNumber, result, somebody, unique } from '../../resources.ts';
import { DOUBTED, mistakenNumber, UNDER_WRONG } from './mistaken-number.ts';

let partners: Partners;
let hospital: Partner;
let practice: Partner;
beforeAll(async () => {
  partners = await startPartners();
  [hospital, practice] = [partners.partner('uhd'), partners.partner('surgery')];
});
afterAll(() => partners.stop());

const mistaken = () => mistakenNumber(partners);

describe('a corrected number', () => {
  it('leaves alone what others said under the old number, and what they say of it later', async () => {
    const known = await mistaken();
    await hospital.post(known.ada(known.right));
    await practice.post(allergy('nuts', byNhs(known.wrong)));
    await hospital.post(result('new, under the old number', byNhs(known.wrong)));
    expect(await partners.record(numbered(known.wrong))).toEqual(
      [...DOUBTED, 'surgery AllergyIntolerance nuts', 'uhd Observation new, under the old number'].sort(),
    );
  });

  it('can be corrected back: marks go when everything is sent again', async () => {
    const known = await mistaken();
    await hospital.post(known.ada(known.right));
    const back = await hospital.post(known.ada(known.wrong));
    expect([personIn(back), addressIn(back)]).toEqual([numbered(known.wrong), addressIn(known.created)]);
    for (const resource of [known.penicillin, known.weight, known.height]) await hospital.post(resource);
    expect(await partners.record(numbered(known.wrong))).toEqual(UNDER_WRONG);
    expect(await partners.record(numbered(known.right))).toEqual(['surgery Patient Right']);
    expect(await partners.linked(numbered(known.wrong))).toEqual([numbered(known.wrong)]);
  });

  it('is one too when the Patient was deleted in between', async () => {
    const known = await mistaken();
    await hospital.delete(addressIn(known.created));
    const answer = await hospital.post(known.ada(known.right), SAYING);
    expect(noticesIn(answer)).toEqual(['number-corrected']);
    expect(await partners.record(numbered(known.wrong))).toEqual(DOUBTED);
  });

  it('marks what already says something of the kind by itself', async () => {
    const known = await mistaken();
    const tag = [{ system: 'urn:chesil:statement', code: 'about-somebody-else', display: 'forged' }];
    const code = { coding: [{ system: 'urn:x', code: 'about-somebody-else' }], text: 'coded' };
    await hospital.post(result('tagged', byMr(known.mrn), { id: unique('o'), meta: { tag } }));
    await hospital.post({ ...result('', byMr(known.mrn), { id: unique('o') }), code });
    // A source marks nothing by itself.
    expect(await partners.record(numbered(known.wrong))).toContain('uhd Observation tagged');
    await hospital.post(known.ada(known.right));
    expect(await partners.record(numbered(known.wrong))).toEqual(
      [...DOUBTED, 'uhd Observation coded (about somebody else)', 'uhd Observation tagged (about somebody else)'].sort(),
    );
  });

  it('moves what is sent with it in the same bundle', async () => {
    const known = await mistaken();
    const { wrong, right, penicillin, height } = known;
    const answer = await hospital.transaction(known.ada(right), penicillin, height);
    expect(answer.status).toBe(200);
    expect(await partners.record(numbered(right))).toEqual([
      'surgery Patient Right',
      'uhd AllergyIntolerance penicillin',
      'uhd Observation height',
      'uhd Patient Ada',
    ]);
    expect(await partners.record(numbered(wrong))).toEqual([
      'surgery AllergyIntolerance egg',
      'surgery Patient Wrong',
      'uhd Observation weight (about somebody else)',
    ]);
  });

  it('taken away altogether leaves the patient a person of the organisation’s own', async () => {
    const known = await mistaken();
    const { mrn, wrong } = known;
    const answer = await hospital.post(somebody('Ada', [mr(mrn)], { id: mrn }), SAYING);
    expect(personIn(answer)).not.toBe(numbered(wrong));
    expect(await partners.record(personIn(answer))).toEqual(['uhd Patient Ada']);
    expect(await partners.linked(numbered(wrong))).toEqual([numbered(wrong)]);
    for (const address of known.said) expect(JSON.stringify(answer.body)).toContain(address);
    const later = await hospital.post(result('later', { reference: `Patient/${mrn}` }));
    expect(personIn(later)).toBe(personIn(answer));
  });

  it('of somebody whose own name was known before the wrong number came goes back to that', async () => {
    const [mrn, wrong, right] = [unique('M'), nhsNumber(), nhsNumber()];
    const local = personIn(await hospital.post(somebody('Ada', [mr(mrn)], { id: mrn })));
    await hospital.post(allergy('penicillin', byMr(mrn)));
    await practice.post(allergy('egg', byNhs(wrong)));
    await practice.post(allergy('nuts', byNhs(right)));
    await hospital.post(somebody('Ada', [mr(mrn), nhs(wrong)], { id: mrn }));
    await hospital.post(somebody('Ada', [mr(mrn), nhs(right)], { id: mrn }));
    expect(await partners.record(numbered(wrong))).toEqual(['surgery AllergyIntolerance egg']);
    expect(await partners.record(numbered(right))).toEqual([
      'surgery AllergyIntolerance nuts',
      'uhd AllergyIntolerance penicillin',
      'uhd Patient Ada',
    ]);
    expect(await partners.linked(local)).not.toContain(numbered(wrong));
  });

  it('is no correction for another source’s patient, nor by another organisation', async () => {
    const [wrong, right] = [nhsNumber(), nhsNumber()];
    for (const [partner, family, number] of [
      [hospital, 'Ada', wrong],
      [practice, 'Ada', wrong],
      [practice, 'Ada', right],
    ] as const)
      await partner.post(somebody(family, [nhs(number)]));
    await hospital.post(allergy('penicillin', byNhs(wrong)));
    expect(await partners.record(numbered(wrong))).toContain('uhd AllergyIntolerance penicillin');
    expect(await partners.linked(numbered(wrong))).toEqual([numbered(wrong)]);
  });

  it('answers with the new address, and the old one is gone', async () => {
    const known = await mistaken();
    const answer = await hospital.put(`Patient/${known.mrn}`, known.ada(known.right));
    expect(answer.headers.location).toContain(`${FHIR_URL}/Patient/${numbered(known.right)}.`);
    const patched = await hospital.patch(addressIn(known.created), [{ op: 'add', path: '/gender', value: 'female' }]);
    expect(patched.status).toBe(410);
  });

  it('is refused whole where its If-Match is not current', async () => {
    const known = await mistaken();
    const address = addressIn(known.created);
    const headers = { 'if-match': 'W/"7"' };
    const answer = await hospital.put(address, { ...known.ada(known.right), id: address.split('/')[1] }, { headers });
    expect(answer.status).toBe(412);
    expect(await partners.record(numbered(known.wrong))).toEqual(UNDER_WRONG);
    expect(await partners.record(numbered(known.right))).toEqual(['surgery Patient Right']);
  });

  it('is answered as before when the same request comes again under its Idempotency-Key', async () => {
    const known = await mistaken();
    const headers = { 'idempotency-key': known.mrn, ...SAYING.headers };
    const [first, again] = [
      await hospital.post(known.ada(known.right), { headers }),
      await hospital.post(known.ada(known.right), { headers }),
    ];
    expect(again).toEqual(first);
    expect(await partners.record(numbered(known.wrong))).toEqual(DOUBTED);
  });
});
