import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseTaskId, type ReviewedTask } from '../../../shared/access/review/task.ts';
import type { Question } from '../../../shared/record/contribution.ts';
import { createIdentity } from '../../../shared/record/identity.ts';
import { type Announcing, observation, startAnnouncing } from './announcing.ts';

let announcing: Announcing;
let one: string;
let other: string;

beforeAll(async () => {
  announcing = await startAnnouncing();
});
afterAll(() => announcing.stop());
beforeEach(async () => {
  await announcing.renew();
  const identity = createIdentity(randomBytes(32));
  [one, other] = ['1', '2'].map((value) => identity.person({ system: 'urn:test', value })) as [string, string];
});

const FRAGMENTS = ['b', 'c'].map((id) => id.padEnd(16, 'a'));

const tasksOf = async (organisation: string): Promise<readonly ReviewedTask[]> => {
  const tasks: ReviewedTask[] = [];
  for await (const task of announcing.tasks.since({ organisation, office: 'records' }, '2020'))
    if (task.person === one || task.about?.otherPerson === other) tasks.push(task);
  return tasks;
};

const ask = (contributor: string, question: Question, text = 'first') =>
  announcing.contribute(one, contributor, [observation('d', { text })], undefined, [question]);

describe('a question of a contribution', () => {
  it('becomes a task of the contributor’s records office, with the instant by which it is due', async () => {
    await announcing.contribute(other, 'uhd', [observation('b'), observation('c')]);
    await ask('uhd', { kind: 'number-corrected', otherPerson: other, fragmentIds: FRAGMENTS, source: 'main' });
    await announcing.announcer()(await announcing.streamed(one));
    const [task] = await tasksOf('uhd');
    const { at, dueAt = '' } = task!;
    expect(task).toMatchObject({
      kind: 'number-corrected',
      organisation: 'uhd',
      person: one,
      about: {
        otherPerson: other,
        fragments: FRAGMENTS.map((id) => `Observation/${other}.${id}`),
        fragmentCount: 2,
        source: 'main',
      },
    });
    expect(Date.parse(dueAt) - Date.parse(at)).toBe(24 * 3_600_000);
    expect(parseTaskId(task!.id)).toMatchObject({ organisation: 'uhd', office: 'records', at });
  });

  it('is asked once, however often the stream hands it over, and again only where it can arise again', async () => {
    await announcing.contribute(other, 'uhd', [observation('b')]);
    const questions: readonly Question[] = [
      { kind: 'possible-duplicate', otherPerson: other },
      { kind: 'number-corrected', otherPerson: other, fragmentIds: FRAGMENTS },
    ];
    for (const text of ['first', 'second'])
      await announcing.contribute(one, 'uhd', [observation('d', { text })], undefined, questions);
    for (let times = 0; times < 3; times++) await announcing.announcer()(await announcing.streamed(one));
    expect((await tasksOf('uhd')).map(({ kind }) => kind).sort()).toEqual([
      'number-corrected',
      'number-corrected',
      'possible-duplicate',
    ]);
  });

  it('is not lost where the table of tasks fails: the contribution is handed back', async () => {
    await ask('uhd', { kind: 'possible-duplicate', otherPerson: other });
    const records = await announcing.streamed(one);
    const raise = announcing.tasks.raise;
    announcing.tasks.raise = () => Promise.reject(new Error('gone'));
    expect((await announcing.announcer()(records)).batchItemFailures).toHaveLength(1);
    expect(announcing.bus().arrived).toEqual([]);
    announcing.tasks.raise = raise;
    expect(await announcing.announcer()(records)).toEqual({ batchItemFailures: [] });
    expect(await tasksOf('uhd')).toHaveLength(1);
  });

  it('names no person of whom the asked organisation may see nothing', async () => {
    await announcing.contribute(other, 'dch', [observation('b')]);
    await ask('uhd', { kind: 'link-without-effect', asked: 'dch', person: other, otherPerson: one, statement: FRAGMENTS[0]! });
    await announcing.announcer()(await announcing.streamed(one));
    const asked: ReviewedTask[] = [];
    for await (const task of announcing.tasks.since({ organisation: 'dch', office: 'records' }, '2020')) asked.push(task);
    expect(asked).toMatchObject([{ person: other, about: { saidBy: 'uhd' } }]);
    expect(JSON.stringify(asked)).not.toContain(one);
  });

  it('lists no fragment of another organisation', async () => {
    await announcing.contribute(other, 'uhd', [observation('b')]);
    await announcing.contribute(other, 'dch', [observation('c')]);
    await ask('uhd', { kind: 'number-corrected', otherPerson: other, fragmentIds: FRAGMENTS });
    await announcing.announcer()(await announcing.streamed(one));
    expect((await tasksOf('uhd'))[0]?.about?.fragments).toEqual([`Observation/${other}.${FRAGMENTS[0]}`]);
  });

  it('goes to the successor of an organisation that merged', async () => {
    await ask('rbch', { kind: 'possible-duplicate', otherPerson: other });
    await announcing.announcer()(await announcing.streamed(one));
    expect(await tasksOf('uhd')).toHaveLength(1);
  });
});
