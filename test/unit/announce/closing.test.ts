import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FragmentDraft } from '../../../shared/record/draft.ts';
import { createHearing } from '../../../shared/signals/hearing.ts';
import { type Announcing, access, giving, observation, patient, retraction, startAnnouncing } from './announcing.ts';
import type { Arrived } from './failing-bus.ts';

let announcing: Announcing;
let person: string;

beforeAll(async () => {
  announcing = await startAnnouncing();
});
afterAll(() => announcing.stop());
beforeEach(async () => {
  await announcing.renew();
  person = announcing.newPerson();
});

const contribute = (contributor: string, ...drafts: readonly FragmentDraft[]) =>
  announcing.contribute(person, contributor, drafts);

/** What is announced of the last contribution. */
async function lastTold(): Promise<readonly Arrived[]> {
  await announcing.renew();
  expect(await announcing.announcer()((await announcing.streamed(person)).slice(-1))).toEqual({ batchItemFailures: [] });
  return announcing.bus().arrived;
}

/** Which of what was announced an organisation hears, were it delivered now. */
async function hears(organisation: string, told: readonly Arrived[]): Promise<string[]> {
  const { mayHear } = createHearing({ records: announcing.store, access, now: () => new Date() });
  const heard = told.filter(({ audience }) => audience.includes(organisation));
  const may = await mayHear(
    organisation,
    heard.map(({ event, formerly, fragmentId }) => ({
      event,
      formerly: formerly.includes(organisation),
      announcedAt: 0,
      ...(fragmentId === undefined ? {} : { fragmentId }),
    })),
  );
  return heard.filter((_, index) => may[index]).map(({ type }) => type);
}

const ods = (code: string) => `https://fhir.nhs.uk/Id/ods-organization-code|${code}`;
const registered = (practice: string, ...grounds: NonNullable<FragmentDraft['grounds']>) =>
  patient(practice, {
    grounds: [{ kind: 'registered-practice', names: [ods(practice)] }, ...grounds],
    content: { meta: {}, rest: JSON.stringify({ active: true, id: `${practice}${grounds.length}` }) },
  });
const consent = giving('o', { kind: 'opt-out', names: [] });
const namesTo = (told: readonly Arrived[], organisation: string) =>
  told.filter(({ audience }) => audience.includes(organisation)).map(({ type }) => type);

describe('an opt-out', () => {
  it('is told to whoever could see the record, by its name alone, and then nothing more', async () => {
    await contribute('dch', registered('X99001'), observation('b'));
    const queued = await lastTold();
    await contribute('dhc', consent);
    const told = await lastTold();
    expect(namesTo(told, 'ammonite')).toEqual(['opt-out-changed']);
    const [closed] = told.filter(({ type }) => type === 'opt-out-changed');
    expect(closed).toMatchObject({ formerly: ['ammonite'] });
    expect(closed!.event.contributor).toBeUndefined();
    expect(closed!.event.dataref).toBe(`https://record.example/fhir/R4/Patient/${person}`);
    expect(closed!.fragmentId).toBeUndefined();
    expect(closed!.routing.source).toEqual(['*']);
    // What was queued stays there; that it closed is delivered.
    expect(await hears('ammonite', queued)).toEqual([]);
    expect(await hears('ammonite', told)).toEqual(['opt-out-changed']);
    await contribute('dch', observation('c'), retraction(observation('b')));
    expect(namesTo(await lastTold(), 'ammonite')).toEqual([]);
  });

  it('that is withdrawn is told to whoever may see the record again', async () => {
    await contribute('dch', registered('X99001'));
    await contribute('dhc', consent);
    await contribute('dhc', retraction(consent));
    const told = await lastTold();
    expect(namesTo(told, 'ammonite')).toContain('opt-out-changed');
    expect(await hears('ammonite', told)).toContain('opt-out-changed');
  });
});

describe('a record that is linked with one that is closed', () => {
  it.each([
    ['opted out', 'opt-out-changed', 'opt-out-changed', consent],
    ['restricted', 'restricted-flag-set', 'restricted-flag-lifted', giving('o', { kind: 'restricted', names: [] })],
  ] as const)(
    '(%s) is told to be so too, to whoever could see it, and opens again with the link',
    async (_, closing, opening, draft) => {
      const other = announcing.newPerson();
      await announcing.contribute(other, 'dhc', [observation('x'), { ...draft, fragmentId: 'q'.repeat(16), type: 'Patient' }]);
      await contribute('dch', registered('X99001'), observation('b'));
      const queued = await lastTold();
      await announcing.link('link', [person, other], 'dch');
      const told = await lastTold();
      expect(namesTo(told, 'ammonite')).toContain(closing);
      expect(await hears('ammonite', told)).toContain(closing);
      expect(await hears('ammonite', queued)).toEqual([]);
      expect(told.find(({ type }) => type === closing)!.event.contributor).toBeUndefined();
      await announcing.link('unlink', [person, other], 'dch');
      expect(await hears('ammonite', await lastTold())).toEqual(expect.arrayContaining(['persons-unlinked', opening]));
    },
  );
});

describe('a restriction', () => {
  it('is told without who set it, and what waits that says who contributed is not delivered', async () => {
    await contribute('dch', registered('X99001'));
    await contribute('dhc', observation('b'));
    const queued = await lastTold();
    expect(await hears('ammonite', queued)).toEqual(['fragment-created']);
    await contribute('dch', registered('X99001', { kind: 'restricted', names: [] }));
    const told = await lastTold();
    expect(namesTo(told, 'ammonite')).toEqual(['restricted-flag-set']);
    for (const { event, routing } of told) {
      expect(event.contributor).toBeUndefined();
      expect(routing).toMatchObject({ source: ['*'], generalpractitioner: ['*'] });
    }
    expect(await hears('ammonite', queued)).toEqual([]);
    expect(await hears('dhc', queued)).toEqual(['fragment-created']);
    expect(await hears('ammonite', told)).toEqual(['restricted-flag-set']);
  });
});

describe('a change of practice', () => {
  it('is told to the old and to the new, and rules by either let it through', async () => {
    await contribute('dch', registered('X99001'));
    await contribute('dch', registered('X99002'));
    const [told] = (await lastTold()).filter(({ type }) => type === 'gp-changed');
    expect(told).toMatchObject({ audience: ['ammonite', 'dch', 'golden-cap'], formerly: [] });
    expect(told!.routing.generalpractitioner).toEqual(['ammonite', 'golden-cap']);
    expect(await hears('ammonite', [told!])).toEqual(['gp-changed']);
  });
});

describe('an admission that is cancelled', () => {
  const stay = (status: string) =>
    observation('s', {
      type: 'Encounter',
      section: 'encounters',
      content: {
        meta: {},
        rest: JSON.stringify({ status, class: { code: 'IMP' }, period: { start: '2026-02-10T08:00:00Z' } }),
      },
    });

  it('is told to the practice that the person has left since, and to whoever asked to hear of admissions', async () => {
    const on = (day: string, contributor: string, draft: FragmentDraft) =>
      announcing.contribute(person, contributor, [draft], `${day}T09:00:00.000Z`);
    await on('2026-01-10', 'dch', registered('X99001'));
    await on('2026-02-10', 'uhd', stay('in-progress'));
    expect(namesTo(await lastTold(), 'ammonite')).toEqual(['admitted']);
    await on('2026-02-12', 'dch', registered('X99002'));
    await on('2026-06-10', 'uhd', stay('entered-in-error'));
    const [told] = (await lastTold()).filter(({ type }) => type === 'admission-cancelled');
    expect(told).toMatchObject({ audience: ['ammonite', 'dch', 'golden-cap', 'uhd'], formerly: ['ammonite'] });
    expect(told!.routing).toMatchObject({ generalpractitioner: ['ammonite', 'golden-cap'] });
    expect(told!.routing.eventType).toEqual(expect.arrayContaining(['admission-cancelled', 'admitted']));
    expect(await hears('ammonite', [told!])).toEqual(['admission-cancelled']);
  });
});
