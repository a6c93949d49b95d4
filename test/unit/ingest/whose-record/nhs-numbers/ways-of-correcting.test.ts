import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, FHIR_URL } from '../../ingesting.ts';
import { addressIn, noticesIn, numbered, type Partner, type Partners, personIn, SAYING, startPartners } from '../../partners.ts';
import { MRN, mr, nhs, nhsWithStatus, somebody } from '../../resources.ts';
import { DOUBTED, type MistakenNumber, mistakenNumber } from './mistaken-number.ts';

let partners: Partners;
let hospital: Partner;
beforeAll(async () => {
  partners = await startPartners();
  hospital = partners.partner('uhd');
});
afterAll(() => partners.stop());

const mistaken = () => mistakenNumber(partners);

type Correct = (known: MistakenNumber) => Promise<Answer>;
const CORRECTIONS: Readonly<Record<string, Correct>> = {
  POST: ({ ada, right }) => hospital.post(ada(right), SAYING),
  'PUT to its own id': ({ ada, right, mrn }) => hospital.put(`Patient/${mrn}`, ada(right), SAYING),
  'PUT to our id': ({ ada, right, created }) => {
    const address = addressIn(created);
    return hospital.put(address, { ...ada(right), id: address.split('/')[1] }, SAYING);
  },
  'PATCH of our id': ({ right, created }) =>
    hospital.patch(addressIn(created), [{ op: 'replace', path: '/identifier/1/value', value: right }], SAYING),
  'PATCH of its own id': ({ right, mrn }) =>
    hospital.patch(`Patient/${mrn}`, [{ op: 'replace', path: '/identifier/1/value', value: right }], SAYING),
  'PUT to our id with If-Match': ({ ada, right, created }) => {
    const [address, headers] = [addressIn(created), { ...SAYING.headers, 'if-match': created.headers.etag! }];
    return hospital.put(address, { ...ada(right), id: address.split('/')[1] }, { headers });
  },
  'PUT by its patient number': ({ ada, right, mrn }) =>
    hospital.put(`Patient?${new URLSearchParams({ identifier: `${MRN}|${mrn}` })}`, ada(right), SAYING),
  transaction: async ({ ada, right }) => firstOf(await hospital.transaction(ada(right))),
  batch: async ({ ada, right }) => firstOf(await hospital.batch(ada(right))),
  'POST with the old number marked old, by a source that traces none': ({ mrn, wrong, right }) =>
    hospital.post(somebody('Ada', [mr(mrn), nhs(wrong, { use: 'old' }), nhsWithStatus(right, '01')], { id: mrn }), SAYING),
};

/** The first entry of a bundle's answer, as if it had been sent alone. */
function firstOf({ status, body }: Answer): Answer {
  const [{ response }] = body.entry ?? [{ response: {} }];
  const headers = { location: `${FHIR_URL}/${response.location}`, etag: response.etag };
  return { status: status === 200 ? Number(response.status.slice(0, 3)) : status, headers, body: response.outcome };
}

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
function asSentNextNight({ ada, mrn, wrong, right }: MistakenNumber, how: string) {
  const traced = [mr(mrn), nhs(wrong, { use: 'old' }), nhsWithStatus(right, '01')];
  return how.includes('marked old') ? somebody('Ada', traced, { id: mrn }) : ada(right);
}
