import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FragmentDraft } from '../../../shared/record/draft.ts';
import { type Announcing, giving, observation, patient, retraction, startAnnouncing } from './announcing.ts';

const RESTRICTED = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality|R';

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

const contribute = (on: string, contributor: string, ...drafts: readonly FragmentDraft[]) =>
  announcing.contribute(person, contributor, drafts, `${on}T09:00:00.000Z`);

/** What is announced of the last contribution by a function that has just started. */
async function lastTold(subject = person) {
  expect(await announcing.announcer()((await announcing.streamed(subject)).slice(-1))).toEqual({ batchItemFailures: [] });
  return announcing.bus().arrived;
}

const plain = observation('b');

describe('what is taken back', () => {
  it('is told to whoever could see it as it stood, however long ago they had to do with the person', async () => {
    await contribute('2024-01-10', 'dch', patient('X99001'), plain);
    await contribute('2024-06-10', 'dch', patient('X99002'));
    await contribute('2026-06-10', 'dch', retraction(plain));
    const [told] = await lastTold();
    expect(told).toMatchObject({
      type: 'fragment-retracted',
      audience: ['ammonite', 'dch', 'golden-cap'],
      formerly: ['ammonite'],
    });
    expect(told!.routing.generalpractitioner).toEqual(['ammonite', 'golden-cap']);
  });

  it('is told to those who have merged since under the names under which they subscribed, too', async () => {
    const stay = {
      kind: 'encounter',
      from: '2024-01-01',
      to: '2024-01-12',
      names: ['https://fhir.nhs.uk/Id/ods-organization-code|R0D'],
    } as const;
    await contribute('2024-01-10', 'dch', plain, giving('s', stay));
    await contribute('2026-06-10', 'dch', retraction(plain));
    expect(await lastTold()).toMatchObject([{ audience: ['dch', 'uhd'], formerly: ['poole-hospital', 'rbch', 'uhd'] }]);
  });

  it('is told to whoever came to see it and went between two of its versions', async () => {
    const stay = {
      kind: 'encounter',
      from: '2024-03-01',
      to: '2024-03-02',
      names: ['https://fhir.nhs.uk/Id/ods-organization-code|RDY'],
    } as const;
    await contribute('2024-01-10', 'dch', plain);
    await contribute('2024-03-02', 'dch', giving('s', stay));
    await contribute('2025-01-10', 'dch', observation('c'));
    await contribute('2026-06-10', 'dch', retraction(plain));
    expect(await lastTold()).toMatchObject([{ audience: ['dch', 'dhc'], formerly: ['dhc'] }]);
  });

  it('is not told to whoever had left before it was told, nor of anything that is only changed', async () => {
    await contribute('2023-01-10', 'dch', patient('X99001'));
    await contribute('2023-06-10', 'dch', patient('X99002'));
    await contribute('2024-01-10', 'dch', plain);
    await contribute('2025-01-10', 'dch', patient('X99003'));
    await contribute('2026-05-10', 'dch', observation('b', { text: 'second' }));
    expect(await lastTold()).toMatchObject([{ type: 'fragment-updated', formerly: [] }]);
    await announcing.renew();
    await contribute('2026-06-10', 'dch', retraction(plain));
    expect(await lastTold()).toMatchObject([{ type: 'fragment-retracted', formerly: ['golden-cap'] }]);
  });

  it('is not told where it was sensitive by then, restricted or opted out of, but to its source', async () => {
    const laterOn: readonly (readonly FragmentDraft[])[] = [
      [observation('b', { labels: [RESTRICTED], text: 'second' })],
      [giving('o', { kind: 'opt-out', names: [] })],
      [giving('r', { kind: 'restricted', names: [] })],
      [giving('s', { kind: 'sealed', names: [plain.fragmentId] })],
    ];
    for (const drafts of laterOn) {
      person = announcing.newPerson();
      await announcing.renew();
      await contribute('2024-01-10', 'dch', patient('X99001'), plain);
      await contribute('2024-06-10', 'dch', patient('X99002'));
      await contribute('2026-01-10', 'dch', ...drafts);
      const label = drafts[0]!.labels;
      await contribute('2026-06-10', 'dch', retraction({ ...plain, labels: label }));
      const [told] = await lastTold();
      expect(told!.formerly).toEqual([]);
      expect(told!.audience).not.toContain('ammonite');
      expect(told!.audience).toContain('dch');
    }
  });

  it('of somebody with two linked records is told to whoever had to do with either', async () => {
    const other = announcing.newPerson();
    await contribute('2024-01-10', 'dch', plain);
    await announcing.contribute(other, 'dch', [patient('X99001')], '2024-02-10T09:00:00.000Z');
    await announcing.link('link', [person, other], 'dch');
    await announcing.contribute(other, 'dch', [patient('X99002')]);
    await announcing.contribute(person, 'dch', [retraction(plain)]);
    expect(await lastTold()).toMatchObject([{ audience: ['ammonite', 'dch', 'golden-cap'], formerly: ['ammonite'] }]);
  });

  it('reads the log once, however many fragments and versions there are, and from there on when it comes again', async () => {
    await contribute('2024-01-10', 'dch', patient('X99001'), plain, observation('c'));
    for (let version = 2; version <= 500; version++)
      await announcing.contribute(
        person,
        'dch',
        [observation('b', { text: `${version}` })],
        `2025-01-10T09:${String(Math.floor(version / 60)).padStart(2, '0')}:${String(version % 60).padStart(2, '0')}.000Z`,
      );
    await contribute('2026-06-10', 'dch', retraction(plain), retraction(observation('c')));
    await contribute('2026-06-11', 'dch', observation('b', { text: 'stands again' }));
    await contribute('2026-06-12', 'dch', retraction(plain));
    const read: number[] = [];
    const contributions = (subject: string, after = 0) => {
      read.push(after);
      return announcing.store.contributions(subject, after);
    };
    const announce = announcing.announcer(60_000, () => new Date(), { ...announcing.store, contributions });
    expect(await announce((await announcing.streamed(person)).slice(-3))).toEqual({ batchItemFailures: [] });
    expect(announcing.bus().arrived).toHaveLength(4);
    expect(read).toEqual([0, 503]);
  });
});

describe('what rules choose by', () => {
  it('is the name, the urgency, the section, the source and the practices of now and until now', async () => {
    await contribute('2026-06-10', 'dch', patient('X99001'));
    await contribute('2026-06-11', 'dch', patient('a81001'), plain);
    const told = await lastTold();
    expect(told.map(({ routing }) => routing)).toEqual([
      {
        eventType: ['fragment-updated'],
        urgency: ['D'],
        section: ['demographics'],
        source: ['dch'],
        generalpractitioner: ['A81001', 'ammonite'],
      },
      {
        eventType: ['fragment-created'],
        urgency: ['D'],
        section: ['findings'],
        source: ['dch'],
        generalpractitioner: ['A81001', 'ammonite'],
      },
    ]);
    expect(told.map(({ fragmentId }) => fragmentId)).toEqual([patient('X99001').fragmentId, plain.fragmentId]);
  });

  it('tells of nobody where they are who is, or until now was, restricted', async () => {
    const flag = giving('r', { kind: 'restricted', names: [] });
    await contribute('2026-06-10', 'dch', patient('X99001'), flag);
    await contribute('2026-06-11', 'dch', retraction(flag));
    for (const { event, routing } of await lastTold()) {
      expect(event.contributor).toBeUndefined();
      expect(routing).toMatchObject({ source: ['*'], generalpractitioner: ['*'] });
    }
  });

  it('is every section that a fragment which is taken back was in', async () => {
    await contribute('2026-01-10', 'dch', patient('X99001'), observation('b', { section: 'problems' }));
    await contribute('2026-01-11', 'dch', observation('b', { section: 'assessments', text: 'second' }));
    await contribute('2026-06-10', 'dch', retraction(observation('b')));
    expect((await lastTold())[0]!.routing.section).toEqual(['assessments', 'problems']);
  });

  it('holds no practice that only something sensitive names', async () => {
    await contribute('2026-06-10', 'dch', plain, patient('X99001', { labels: ['https://elsewhere.example/labels|purple'] }));
    for (const { routing } of await lastTold()) expect(routing.generalpractitioner).toEqual([]);
  });
});

it('announces without a write: whoever is not interested costs nothing', async () => {
  const asked = new Set<string>();
  announcing.engine.client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        asked.add(String(commandName));
        return next(args);
      },
    { step: 'initialize', name: 'asked', override: true },
  );
  await contribute('2026-06-10', 'dch', patient('X99001'), plain);
  await contribute('2026-06-11', 'dch', patient('X99002'));
  await contribute('2026-06-12', 'dch', retraction(plain));
  const records = await announcing.streamed(person);
  asked.clear();
  expect(await announcing.announcer()(records.slice(1))).toEqual({ batchItemFailures: [] });
  announcing.engine.client.middlewareStack.remove('asked');
  expect(announcing.bus().arrived).toHaveLength(2);
  expect([...asked]).toEqual(['QueryCommand']);
});
