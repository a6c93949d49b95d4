import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ReviewTask, taskId } from '../../../shared/access/review/task.ts';
import { createIdentity } from '../../../shared/record/identity.ts';
import {
  CLERK,
  createWorld,
  LEAD_OFFICER,
  NURSE,
  OFFICER,
  OTHER_OFFICER,
  parameters,
  RECORDS_OFFICER,
  type World,
} from './world.ts';

let world: World;
let task: ReviewTask;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.engine.stop());
beforeEach(async () => {
  world.clock.now = new Date('2026-11-24T10:00:00.000Z');
  const person = createIdentity(randomBytes(32)).person({ system: 'urn:test', value: '1' });
  const at = '2026-11-23T22:00:00.000Z';
  task = {
    id: taskId({ organisation: 'hhft', at, name: person.slice(0, 16) }),
    ...{ kind: 'finding', organisation: 'hhft', at, person, staff: 'hampshire|nurse', role: 'clinician' },
    rule: 'same-surname',
    evidence: [],
  };
  await world.dependencies.tasks.raise(task);
});

const say = (outcome: string, note = 'They are not related.') => parameters({ outcome, note });
const reviewsOf = async ({ id }: ReviewTask) => (await world.dependencies.tasks.task(id))?.reviews;

describe('reviewing a task', () => {
  it('is done by the privacy officer of the organisation, noted, and said again beside what was said', async () => {
    const answer = await world.ask(`Task/${task.id}/$review`, { viewer: OFFICER, body: say('concern') });
    expect(answer).toMatchObject({ status: 200, values: { task: { reference: `Task/${task.id}` }, outcome: 'concern' } });
    world.clock.now = new Date('2026-11-24T11:00:00.000Z');
    await world.ask(`Task/${task.id}/$review`, { viewer: LEAD_OFFICER, body: say('justified') });
    await world.ask(`Task/${task.id}/$review`, { viewer: LEAD_OFFICER, body: say('justified') });
    expect((await reviewsOf(task))?.map(({ outcome, staff }) => `${staff} ${outcome}`)).toEqual([
      'hampshire|officer concern',
      'dorset|lead justified',
    ]);
    expect((await world.noted(task.person!)).map(({ staff }) => staff)).toEqual([
      'hampshire|officer',
      'dorset|lead',
      'dorset|lead',
    ]);
  });

  it('keeps all that is said at one instant, once each', async () => {
    const words = [OFFICER, LEAD_OFFICER].flatMap((viewer) =>
      ['Asked on the ward.', 'Asked them.'].map((note) => ({ viewer, body: say('justified', note) })),
    );
    const answers = await Promise.all(
      words.flatMap((said) => [said, said]).map((said) => world.ask(`Task/${task.id}/$review`, said)),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const kept = (await reviewsOf(task))?.map(({ staff, note }) => `${staff} ${note}`);
    expect(kept?.toSorted()).toEqual([
      'dorset|lead Asked on the ward.',
      'dorset|lead Asked them.',
      'hampshire|officer Asked on the ward.',
      'hampshire|officer Asked them.',
    ]);
  });

  it('that finds nothing keeps the same from being found for a year', async () => {
    const isSuppressed = (at: string, staff = task.staff) => world.dependencies.tasks.isSuppressed({ ...task, staff }, at);
    expect(await isSuppressed('2026-11-25T00:00:00.000Z')).toBe(false);
    await world.ask(`Task/${task.id}/$review`, { viewer: OFFICER, body: say('false-positive') });
    expect(await isSuppressed('2026-11-25T00:00:00.000Z')).toBe(true);
    expect(await isSuppressed('2027-11-24T09:59:59.999Z')).toBe(true);
    expect(await isSuppressed('2027-11-24T10:00:00.000Z')).toBe(false);
    expect(await isSuppressed('2026-11-25T00:00:00.000Z', 'hampshire|other')).toBe(false);
  });

  it('is answered the same for a task of another organisation and for one that is not there', async () => {
    const elsewhere = await world.ask(`Task/${task.id}/$review`, { viewer: OTHER_OFFICER, body: say('justified') });
    const nowhere = await world.ask(`Task/${task.id.replace(/[a-z2-7]{16}$/, 'q'.repeat(16))}/$review`, {
      viewer: OFFICER,
      body: say('justified'),
    });
    expect(elsewhere).toMatchObject({ status: 404, code: 'not-found' });
    expect(nowhere.json).toEqual(elsewhere.json);
    expect(await reviewsOf(task)).toEqual([]);
    expect(await world.noted(task.person!)).toMatchObject([{ interaction: 'review', outcome: 'refused' }]);
  });

  it.each([
    ['a nurse', NURSE, say('justified'), 403, 'may-not'],
    ['an administrator', CLERK, say('justified'), 403, 'may-not'],
    ['whoever it is about', { ...OFFICER, staff: 'hampshire|nurse' }, say('justified'), 403, 'own-task'],
    ['an officer who says something else', OFFICER, say('fine'), 400, 'unknown-outcome'],
    ['an officer who says nothing', OFFICER, say('justified', '   '), 400, 'bad-reason'],
    ['an officer who sends no Parameters', OFFICER, {}, 400, 'bad-parameters'],
  ])('is refused to %s', async (_, viewer, body, status, code) => {
    expect(await world.ask(`Task/${task.id}/$review`, { viewer, body })).toMatchObject({ status, code });
    expect(await reviewsOf(task)).toEqual([]);
    expect(await world.noted(task.person!)).toMatchObject([{ outcome: 'refused' }]);
  });

  it('has nothing to say of what is no task', async () => {
    for (const id of ['x', task.person, `${task.id}x`, '..', 'hhft.20261324000000000.aaaaaaaaaaaaaaaa'])
      expect((await world.ask(`Task/${id}/$review`, { viewer: OFFICER, body: say('justified') })).status).toBe(404);
  });
});

describe('answering a question put to a records office', () => {
  const at = '2026-11-23T22:00:00.000Z';
  const question = (): ReviewTask => ({
    id: taskId({ organisation: 'hhft', office: 'records', at, name: task.person!.slice(10) }),
    ...{ kind: 'possible-duplicate', organisation: 'hhft', at, person: task.person!, evidence: [] },
    about: { otherPerson: 'b'.repeat(26) },
  });
  const answer = (outcome: string, viewer = RECORDS_OFFICER) =>
    world.ask(`Task/${question().id}/$review`, { viewer, body: say(outcome, 'Their dates of birth differ.') });
  beforeEach(async () => void (await world.dependencies.tasks.raise(question())));

  it('is done by a records officer of the organisation, once it is decided never asked again, and noted', async () => {
    expect(await answer('not-the-same')).toMatchObject({ status: 200, values: { outcome: 'not-the-same' } });
    expect(await reviewsOf(question())).toMatchObject([{ outcome: 'not-the-same', staff: 'hampshire|records' }]);
    const later = taskId({
      organisation: 'hhft',
      office: 'records',
      at: '2027-01-01T00:00:00.000Z',
      name: task.person!.slice(10),
    });
    expect(await world.dependencies.tasks.raise({ ...question(), id: later })).toBe(false);
    expect(await world.noted(task.person!)).toMatchObject([{ interaction: 'review', outcome: 'shown' }]);
  });

  it('names the outcomes that there are to somebody who answers otherwise', async () => {
    for (const outcome of ['justified', 'false-positive', 'toString', ''])
      expect(await answer(outcome)).toMatchObject({
        ...{ status: 400, code: 'unknown-outcome' },
        json: { issue: [{ diagnostics: 'one of same-person, not-the-same, ask-the-source' }] },
      });
    expect(await reviewsOf(question())).toEqual([]);
  });

  it('is for nobody else', async () => {
    expect(await answer('not-the-same', { ...RECORDS_OFFICER, organisation: 'uhd' })).toMatchObject({ status: 404 });
    for (const viewer of [OFFICER, NURSE, LEAD_OFFICER])
      expect(await answer('not-the-same', viewer)).toMatchObject({ status: 403, code: 'may-not' });
    const ofPrivacy = await world.ask(`Task/${task.id}/$review`, { viewer: RECORDS_OFFICER, body: say('justified') });
    expect(ofPrivacy).toMatchObject({ status: 403, code: 'may-not' });
    expect(await reviewsOf(question())).toEqual([]);
  });
});

describe('watching a record', () => {
  it('is for privacy officers, and ends', async () => {
    const watch = (viewer = OFFICER, days = 2) =>
      world.ask(`Patient/${task.person}/$watch`, { viewer, body: parameters({ note: 'In the newspapers.', days }) });
    expect(await watch()).toMatchObject({ status: 200, values: { until: '2026-11-26T10:00:00.000Z' } });
    expect(await watch(NURSE)).toMatchObject({ status: 403 });
    for (const days of [0, 1.5, 366]) expect(await watch(OFFICER, days)).toMatchObject({ status: 400, code: 'bad-days' });
    const { watchList } = world.dependencies;
    const isWatched = async (at: string) => (await watchList.since(at)).some(({ person }) => person === task.person);
    expect(await isWatched('2026-11-26T09:59:59.999Z')).toBe(true);
    expect(await isWatched('2026-11-26T10:00:00.000Z')).toBe(false);
  });
});

describe('knowing somebody as staff', () => {
  const know = (staff: string, viewer = OFFICER) =>
    world.ask(`Patient/${task.person}/$know-as-staff`, { viewer, body: parameters({ staff, days: 2 }) });

  it('is for privacy officers, of their own organisation, and ends', async () => {
    expect(await know('hampshire|nurse')).toMatchObject({ status: 200, values: { until: '2026-11-26T10:00:00.000Z' } });
    expect(await know('hampshire|nurse', NURSE)).toMatchObject({ status: 403 });
    for (const staff of ['nurse', '|', 'hampshire|', 'hampshire|a b'])
      expect(await know(staff)).toMatchObject({ status: 400, code: 'bad-staff' });
    const { staffRegister } = world.dependencies;
    const knownAt = async (at: string) => (await staffRegister.of('hhft', at)).filter(({ person }) => person === task.person);
    expect(await knownAt('2026-11-26T09:59:59.999Z')).toMatchObject([{ staff: 'hampshire|nurse', organisation: 'hhft' }]);
    expect(await knownAt('2026-11-26T10:00:00.000Z')).toEqual([]);
  });
});
