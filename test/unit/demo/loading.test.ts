import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { population } from '../../../infra/demo/population.ts';
import { storyNumber } from '../../../infra/demo/stories/story.ts';
import { markingsOf } from '../../../shared/access/markings.ts';
import { NHS_NUMBER } from '../../../shared/fhir/systems.ts';
import type { Fragment } from '../../../shared/record/fold.ts';
import { type Ingest, identity, startIngest } from '../ingest/ingesting.ts';

const PRACTICES = [{ organisation: 'ammonite', code: 'X99001', name: 'Ammonite Street Surgery' }];
const FIRST_DAY = new Date('2026-11-24T09:00:00Z');
const WEEKS_LATER = new Date('2027-01-10T09:00:00Z');

let ingest: Ingest;
beforeAll(async () => {
  ingest = await startIngest();
  await load(FIRST_DAY);
});
afterAll(() => ingest?.engine.stop());

async function load(now: Date): Promise<void> {
  for (const { pushes } of population(10, PRACTICES, now)) {
    for (const { organisation, bundle } of pushes) {
      const answer = await ingest.send('POST', '/', bundle, { as: organisation });
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    }
  }
}

const personOf = (story: number) => identity.person({ system: NHS_NUMBER, value: storyNumber(story) });

async function fragmentsOf(story: number): Promise<readonly Fragment[]> {
  return [...(await ingest.store.fold(personOf(story))).fragments.values()];
}

async function groundsOf(story: number, kind: string) {
  const fragments = await fragmentsOf(story);
  return fragments.flatMap(({ owner, grounds = [] }) =>
    grounds.filter((one) => one.kind === kind).map((one) => ({ owner, ...one })),
  );
}

describe('the stories, loaded', () => {
  it('tell who has a reason to see them', async () => {
    expect(await groundsOf(2, 'encounter')).toEqual([
      { kind: 'encounter', owner: 'swasft', from: '2026-11-20T22:41:00Z', to: '2026-11-20T23:36:00Z', names: [] },
      { kind: 'encounter', owner: 'uhd', from: '2026-11-21T00:12:00Z', names: [] },
    ]);
    const referrals = await groundsOf(11, 'referral');
    expect(referrals.map(({ names }) => names)).toEqual([[], ['https://fhir.nhs.uk/Id/ods-organization-code|RN5']]);
    const caseload = await groundsOf(1, 'caseload');
    expect(caseload.map(({ owner }) => owner).sort()).toEqual(['dhc', 'dorset-council']);
  });

  it('tell who acts for whom, by id', async () => {
    expect((await groundsOf(5, 'proxy')).map(({ names }) => names)).toEqual([[personOf(26)]]);
    expect((await groundsOf(13, 'proxy')).map(({ names }) => names)).toEqual([[personOf(27)]]);
  });

  it('tell who is restricted, who opted out, and what is sealed', async () => {
    expect((await groundsOf(8, 'restricted')).length).toBeGreaterThan(0);
    expect(await groundsOf(9, 'opt-out')).toEqual([{ kind: 'opt-out', owner: 'ammonite', from: '2026-01-15', names: [] }]);
    const [sealed] = await groundsOf(13, 'sealed');
    const idris = await fragmentsOf(13);
    expect(idris.find(({ fragmentId }) => fragmentId === sealed!.names[0])).toMatchObject({
      type: 'Condition',
      owner: 'ammonite',
    });
  });

  it('have something of each kind that is kept from some', async () => {
    const marked = (fragments: readonly Fragment[]) => new Set(fragments.flatMap(markingsOf));
    expect(marked(await fragmentsOf(6))).toEqual(new Set(['assisted-conception', 'sti']));
    const kezia = await fragmentsOf(5);
    expect(marked(kezia)).toEqual(new Set(['child-protection']));
    expect(kezia.map(({ section }) => section)).toContain('safeguarding');
  });

  it('are the same when they are loaded again, weeks later', async () => {
    const before = await Promise.all([1, 2, 3, 5, 6, 8, 9, 11, 12, 13].map(fragmentsOf));
    await load(WEEKS_LATER);
    const after = await Promise.all([1, 2, 3, 5, 6, 8, 9, 11, 12, 13].map(fragmentsOf));
    const versions = (all: readonly (readonly Fragment[])[]) =>
      all.flat().map(({ fragmentId, version, hash }) => `${fragmentId} ${version} ${hash}`);
    expect(versions(after)).toEqual(versions(before));
  });
});
