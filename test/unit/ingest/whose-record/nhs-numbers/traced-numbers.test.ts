import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressIn, noticesIn, numbered, type Partner, type Partners, SAYING, startPartners } from '../../partners.ts';
import { allergy, byNhs, mr, nhs, nhsNumber, nhsWithStatus, somebody, unique } from '../../resources.ts';

let partners: Partners;
/** The organisation's connection to the Personal Demographics Service, its patient system, and another organisation. */
let tracing: Partner;
let hospital: Partner;
let practice: Partner;
beforeAll(async () => {
  partners = await startPartners([{ organisation: 'uhd', name: 'pds', tracesNhsNumbers: true }]);
  tracing = partners.partner('uhd', 'pds');
  hospital = partners.partner('uhd');
  practice = partners.partner('surgery');
});
afterAll(() => partners.stop());

/** Somebody whose number was replaced: the practice knows them by the old one, the hospital by the new one. */
async function replaced(more: object = {}) {
  const [old, now] = [nhsNumber(), nhsNumber()];
  await practice.post(somebody('Ada', [nhs(old)], more));
  await practice.post(allergy('penicillin', byNhs(old)));
  await hospital.post(somebody('Ada', [nhs(now)]));
  await hospital.post(allergy('latex', byNhs(now)));
  return { old, now };
}
type Replaced = Awaited<ReturnType<typeof replaced>>;

const WHOLE = [
  'surgery AllergyIntolerance penicillin',
  'surgery Patient Ada',
  'uhd AllergyIntolerance latex',
  'uhd Patient Ada',
  'uhd Patient Traced',
];

/** What the tracing source says of a replaced number. */
const traced = ({ old, now }: Replaced, status = '01') =>
  somebody('Traced', [nhs(old, { use: 'old' }), nhsWithStatus(now, status)], { id: `pds-${now}` });

describe('a number that a tracing source says is replaced', () => {
  it('joins both: one record by either number, shown under the new one', async () => {
    const known = await replaced();
    const answer = await tracing.post(traced(known), SAYING);
    expect([answer.status, noticesIn(answer)]).toEqual([201, []]);
    for (const number of [known.old, known.now]) {
      expect(await partners.record(numbered(number))).toEqual(WHOLE);
      expect((await partners.ingest.store.person(numbered(number))).personId).toBe(numbered(known.now));
    }
  });

  it('joins the same when only one of them is known here yet', async () => {
    const [old, now] = [nhsNumber(), nhsNumber()];
    await practice.post(allergy('penicillin', byNhs(old)));
    await tracing.post(traced({ old, now }));
    expect(await partners.record(numbered(now))).toEqual(['surgery AllergyIntolerance penicillin', 'uhd Patient Traced']);
    await practice.post(allergy('egg', byNhs(now)));
    expect(await partners.record(numbered(old))).toHaveLength(3);
  });

  it('joins when the same Patient was sent with the old number before: it moves, and nothing is doubted', async () => {
    const known = await replaced();
    const { old, now } = known;
    await tracing.post(somebody('Traced', [nhsWithStatus(old, '01')], { id: `pds-${now}` }));
    const answer = await tracing.post(traced(known), SAYING);
    expect(noticesIn(answer)).toEqual([]);
    expect(await partners.record(numbered(old))).toEqual(WHOLE);
  });

  it.each(['by deleting its Patient', 'by sending it without the old number'])(
    'are two again when it takes it back %s',
    async (how) => {
      const known = await replaced();
      const sent = await tracing.post(traced(known));
      if (how.includes('deleting')) await tracing.delete(addressIn(sent));
      else await tracing.post(somebody('Traced', [nhsWithStatus(known.now, '01')], { id: `pds-${known.now}` }));
      expect(await partners.record(numbered(known.old))).toEqual([
        'surgery AllergyIntolerance penicillin',
        'surgery Patient Ada',
      ]);
      expect(await partners.record(numbered(known.now))).not.toContain('surgery AllergyIntolerance penicillin');
    },
  );

  it('stay one when it says so again, alone and in bundles, at no cost', async () => {
    const known = await replaced();
    await tracing.post(traced(known));
    const before = await partners.ingest.store.fold(numbered(known.now));
    await tracing.post(traced(known));
    await tracing.transaction(traced(known));
    await tracing.batch(traced(known));
    expect((await partners.ingest.store.fold(numbered(known.now))).sequence).toBe(before.sequence);
  });
});

describe('two numbers are never joined', () => {
  const OTHERS: readonly (readonly [string, (known: Replaced) => Promise<unknown>])[] = [
    ['by a source that traces none', (known) => hospital.post(traced(known))],
    ['by another organisation', (known) => practice.post(traced(known))],
    ['by a source of the same name in another organisation', (known) => partners.partner('surgery', 'pds').post(traced(known))],
    ['when the new one is not verified (02)', (known) => tracing.post(traced(known, '02'))],
    ['when the new one is not verified (03)', (known) => tracing.post(traced(known, '03'))],
    [
      'when the new one has no status',
      ({ old, now }) => tracing.post(somebody('Traced', [nhs(old, { use: 'old' }), nhs(now)], { id: `pds-${now}` })),
    ],
    [
      'when the old one is not marked old',
      async ({ old, now }) => {
        await tracing.post(somebody('Traced', [nhsWithStatus(old, '01')], { id: `pds-${now}` }));
        await tracing.post(somebody('Traced', [nhsWithStatus(now, '01')], { id: `pds-${now}` }));
      },
    ],
    [
      'when the old one is only marked temporary',
      ({ old, now }) =>
        tracing.post(somebody('Traced', [nhs(old, { use: 'temp' }), nhsWithStatus(now, '01')], { id: `pds-${now}` })),
    ],
    [
      'by two Patients of a tracing source',
      async ({ old, now }) => {
        await tracing.post(somebody('Traced', [nhs(old, { use: 'old' }), mr(unique('P'))], { id: `one-${now}` }));
        await tracing.post(somebody('Traced', [nhsWithStatus(now, '01')], { id: `two-${now}` }));
      },
    ],
    [
      'by a link of a tracing source',
      ({ old, now }) =>
        tracing.post(
          somebody('Traced', [nhsWithStatus(now, '01')], {
            id: `pds-${now}`,
            link: [{ other: byNhs(old), type: 'replaces' }],
          }),
        ),
    ],
    [
      'when the old one was never valid',
      ({ old, now }) =>
        tracing.post(
          somebody('Traced', [nhs(`${old.slice(0, 9)}${(Number(old[9]) + 1) % 10}`, { use: 'old' }), nhsWithStatus(now, '01')]),
        ),
    ],
  ];

  it.each(OTHERS)('%s', async (_how, say) => {
    const known = await replaced();
    await say(known);
    expect(await partners.linked(numbered(known.old))).toEqual([numbered(known.old)]);
    expect(await partners.linked(numbered(known.now))).toEqual([numbered(known.now)]);
  });

  it('by the same number twice, marked old and current', async () => {
    const number = nhsNumber();
    const answer = await tracing.post(somebody('Traced', [nhs(number, { use: 'old' }), nhsWithStatus(number, '01')]));
    expect(answer.status).toBe(201);
    expect(await partners.linked(numbered(number))).toEqual([numbered(number)]);
  });
});

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const labelled = (system: string, code: string) => ({ meta: { security: [{ system, code }] } });
const PROTECTED: readonly (readonly [string, object])[] = [
  ['restricted', labelled(CONFIDENTIALITY, 'R')],
  ['very restricted', labelled(CONFIDENTIALITY, 'V')],
  ['protected by the Gender Recognition Act', labelled('urn:chesil:security', 'gender-recognition')],
];

describe.each(PROTECTED)('somebody who is %s and has a new number', (_kind, label) => {
  it.each(['old', 'now'] as const)(
    'is never joined to the other one, nor hinted at: protected under the number %s',
    async (which) => {
      const known = await replaced(which === 'old' ? label : {});
      if (which === 'now') await practice.post(somebody('Ada', [nhs(known.now)], label));
      const open = await replaced();
      const [answer, openAnswer] = [await tracing.post(traced(known), SAYING), await tracing.post(traced(open), SAYING)];
      expect(await partners.linked(numbered(known.now))).toEqual([numbered(known.now)]);
      expect(await partners.linked(numbered(known.old))).toEqual([numbered(known.old)]);
      expect(await partners.questions(numbered(known.now), numbered(known.old))).toEqual([]);
      // The source is answered as for anybody else.
      expect([answer.status, answer.body]).toEqual([openAnswer.status, openAnswer.body]);
    },
  );

  it('is not joined when the tracing source itself says that they are', async () => {
    const known = await replaced();
    await tracing.post({ ...traced(known), ...label });
    expect(await partners.linked(numbered(known.now))).toEqual([numbered(known.now)]);
  });
});
