import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, FHIR_URL } from '../ingesting.ts';
import { addressIn, noticesIn, numbered, type Partner, type Partners, personIn, SAYING, startPartners } from '../partners.ts';
import { allergy, byMr, byNhs, mr, nhs, nhsNumber, nhsWithStatus, result, somebody, unique } from '../resources.ts';

let partners: Partners;
let hospital: Partner;
let practice: Partner;
beforeAll(async () => {
  partners = await startPartners();
  [hospital, practice] = [partners.partner('uhd'), partners.partner('surgery')];
});
afterAll(() => partners.stop());

/** A patient whom the hospital took for somebody else: three things that it said stand under the wrong number. */
async function mistaken() {
  const [mrn, wrong, right] = [unique('M'), nhsNumber(), nhsNumber()];
  await practice.post(somebody('Wrong', [nhs(wrong)]));
  await practice.post(allergy('egg', byNhs(wrong)));
  await practice.post(somebody('Right', [nhs(right)]));
  const ada = (number: string, more: object = {}) => somebody('Ada', [mr(mrn), nhs(number)], { id: mrn, ...more });
  const created = await hospital.post(ada(wrong));
  const penicillin = allergy('penicillin', byMr(mrn), { id: `penicillin-${mrn}` });
  const weight = result('weight', byNhs(wrong), { id: `weight-${mrn}` });
  const height = result('height', { reference: `Patient/${mrn}` }, { id: `height-${mrn}` });
  const said = [];
  for (const resource of [penicillin, weight, height]) said.push(addressIn(await hospital.post(resource)));
  expect(await partners.record(numbered(wrong))).toEqual(UNDER_WRONG);
  return { mrn, wrong, right, ada, created, said, penicillin, weight, height };
}
type Mistaken = Awaited<ReturnType<typeof mistaken>>;

const UNDER_WRONG = [
  'surgery AllergyIntolerance egg',
  'surgery Patient Wrong',
  'uhd AllergyIntolerance penicillin',
  'uhd Observation height',
  'uhd Observation weight',
  'uhd Patient Ada',
];
const DOUBTED = [
  'surgery AllergyIntolerance egg',
  'surgery Patient Wrong',
  'uhd AllergyIntolerance penicillin (about somebody else)',
  'uhd Observation height (about somebody else)',
  'uhd Observation weight (about somebody else)',
];

type Correct = (known: Mistaken) => Promise<Answer>;
const CORRECTIONS: Readonly<Record<string, Correct>> = {
  POST: ({ ada, right }) => hospital.post(ada(right), SAYING),
  'PUT to its own id': ({ ada, right, mrn }) => hospital.put(`Patient/${mrn}`, ada(right), SAYING),
  'PUT to our id': ({ ada, right, created }) => {
    const address = addressIn(created);
    return hospital.put(address, { ...ada(right), id: address.split('/')[1] }, SAYING);
  },
  'PATCH of our id': ({ right, created }) =>
    hospital.patch(addressIn(created), [{ op: 'replace', path: '/identifier/1/value', value: right }], SAYING),
  'POST with the old number marked old, by a source that traces none': ({ mrn, wrong, right }) =>
    hospital.post(somebody('Ada', [mr(mrn), nhs(wrong, { use: 'old' }), nhsWithStatus(right, '01')], { id: mrn }), SAYING),
};

describe.each(Object.keys(CORRECTIONS))('a number that is corrected by %s', (how) => {
  it('moves the Patient, and links nobody', async () => {
    const known = await mistaken();
    const answer = await CORRECTIONS[how]!(known);
    const { wrong, right, created } = known;
    expect([200, 201]).toContain(answer.status);
    expect(personIn(answer)).toBe(numbered(right));
    expect(await partners.linked(numbered(wrong))).toEqual([numbered(wrong)]);
    expect(await partners.linked(numbered(right))).toEqual([numbered(right)]);
    expect(await partners.record(numbered(right))).toEqual(['surgery Patient Right', 'uhd Patient Ada']);
    const [latest] = await partners.versions(addressIn(created));
    expect([latest!.action, latest!.body]).toEqual(['retracted', undefined]);
  });

  it('lists what the source said under the old number, and marks it until the source says what it is', async () => {
    const known = await mistaken();
    const answer = await CORRECTIONS[how]!(known);
    expect(noticesIn(answer)).toEqual(['number-corrected']);
    const { diagnostics } = answer.body.issue.find(
      ({ details }: { details: { coding: { code: string }[] } }) => details.coding[0]!.code === 'number-corrected',
    );
    for (const address of known.said) expect(diagnostics).toContain(address);
    expect(await partners.record(numbered(known.wrong))).toEqual(DOUBTED);
    expect(await partners.questions(numbered(known.wrong), numbered(known.right))).toContain('number-corrected');
  });

  it('hints at nothing to readers of the right number', async () => {
    const known = await mistaken();
    await CORRECTIONS[how]!(known);
    const { folds } = await partners.ingest.store.person(numbered(known.right));
    const said = JSON.stringify(folds.map((fold) => [...fold.fragments.values()].map(({ body }) => body)));
    expect(said).not.toContain(numbered(known.wrong));
    for (const address of known.said) expect(said).not.toContain(address.split('/')[1]);
  });

  it('lets the source say of each thing that it was right, or about the right person, or a mistake', async () => {
    const known = await mistaken();
    await CORRECTIONS[how]!(known);
    const { wrong, right, penicillin, weight, said } = known;
    // The allergy is the patient's: by the patient number it goes to the right person now, and leaves the wrong one.
    const moved = await hospital.post(penicillin);
    expect(personIn(moved)).toBe(numbered(right));
    // The weight was the other person's all along.
    const kept = await hospital.post(weight);
    expect([kept.status, addressIn(kept)]).toEqual([200, said[1]]);
    // The height was a mistake.
    expect((await hospital.delete(said[2]!)).status).toBe(204);
    expect(await partners.record(numbered(wrong))).toEqual([
      'surgery AllergyIntolerance egg',
      'surgery Patient Wrong',
      'uhd Observation weight',
    ]);
    expect(await partners.record(numbered(right))).toEqual([
      'surgery Patient Right',
      'uhd AllergyIntolerance penicillin',
      'uhd Patient Ada',
    ]);
  });

  it('changes nothing more when it is sent again', async () => {
    const known = await mistaken();
    const first = await CORRECTIONS[how]!(known);
    const before = await Promise.all([known.wrong, known.right].map((one) => partners.ingest.store.fold(numbered(one))));
    const again = await hospital.post(asSentNextNight(known, how));
    expect([again.status, addressIn(again), again.headers.etag]).toEqual([200, addressIn(first), first.headers.etag]);
    const after = await Promise.all([known.wrong, known.right].map((one) => partners.ingest.store.fold(numbered(one))));
    expect(after.map(({ sequence }) => sequence)).toEqual(before.map(({ sequence }) => sequence));
  });
});

/** What the source sends the next night. */
function asSentNextNight({ ada, mrn, wrong, right }: Mistaken, how: string) {
  const traced = [mr(mrn), nhs(wrong, { use: 'old' }), nhsWithStatus(right, '01')];
  return how.includes('marked old') ? somebody('Ada', traced, { id: mrn }) : ada(right);
}

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
});
