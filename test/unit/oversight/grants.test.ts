import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Grant } from '../../../shared/access/grants.ts';
import { taskOfGrant } from '../../../shared/access/review/task.ts';
import { systemViewer, type Viewer } from '../../../shared/access/viewer.ts';
import { createGrants, type Grants } from '../../../shared/store/oversight/grants.ts';
import { createTasks } from '../../../shared/store/oversight/tasks.ts';
import { type Engine, startEngine } from '../../engine.ts';
import { contendedClient } from '../store/world.ts';

const PERSON = 'a'.repeat(26);
const OTHER = 'b'.repeat(26);

const nurse: Viewer = {
  organisation: 'hhft',
  client: 'app',
  role: 'clinician',
  purpose: 'direct-care',
  staff: 'hampshire|nurse',
};

const grant = (changed: Partial<Grant> = {}): Grant => ({
  id: 'c'.repeat(16),
  kind: 'break-glass',
  person: PERSON,
  staff: 'hampshire|nurse',
  role: 'clinician',
  organisation: 'hhft',
  from: '2026-11-24T10:00:00.000Z',
  until: '2026-11-24T14:00:00.000Z',
  reason: { code: 'emergency', text: 'Unconscious in the emergency department.' },
  ...changed,
});

let engine: Engine;
let grants: Grants;
beforeAll(async () => {
  engine = await startEngine();
  grants = createGrants({ client: engine.client, table: engine.oversightTable });
  const put = (each: Grant) => grants.put(each, taskOfGrant(each, 'Nia Nurse'), true);
  await put(grant());
  await put(grant({ id: 'd'.repeat(16), staff: 'hampshire|nurse#2' }));
  await put(grant({ id: 'e'.repeat(16), kind: 'claimed', person: OTHER }));
});
afterAll(() => engine.stop());

const idsOf = async (persons: readonly string[], viewer: Viewer, at: string) =>
  (await grants.grantsOf(persons, viewer, at)).map(({ id }) => id[0]);

describe('grants of a viewer', () => {
  it('stand from their first instant to the one at which they end', async () => {
    expect(await idsOf([PERSON], nurse, '2026-11-24T09:59:59.999Z')).toEqual([]);
    expect(await idsOf([PERSON], nurse, '2026-11-24T10:00:00.000Z')).toEqual(['c']);
    expect(await idsOf([PERSON], nurse, '2026-11-24T13:59:59.999Z')).toEqual(['c']);
    expect(await idsOf([PERSON], nurse, '2026-11-24T14:00:00.000Z')).toEqual([]);
  });

  it('are of every person that the record is kept under, and of nobody else', async () => {
    const at = '2026-11-24T11:00:00.000Z';
    expect(await idsOf([PERSON, OTHER], nurse, at)).toEqual(['c', 'e']);
    expect(await idsOf(['f'.repeat(26)], nurse, at)).toEqual([]);
  });

  it('are of this member of staff, in this role, for this organisation', async () => {
    const at = '2026-11-24T11:00:00.000Z';
    expect(await idsOf([PERSON], { ...nurse, role: 'pharmacist' }, at)).toEqual([]);
    expect(await idsOf([PERSON], { ...nurse, organisation: 'uhd' }, at)).toEqual([]);
    expect(await idsOf([PERSON], { ...nurse, staff: 'hampshire|nurs' }, at)).toEqual([]);
    expect(await idsOf([PERSON], { ...nurse, staff: 'hampshire|nurse#2' }, at)).toEqual(['d']);
    expect(await idsOf([PERSON], systemViewer('hhft'), at)).toEqual([]);
  });
});

describe('a grant', () => {
  it('is put with its review task, and once however often its request is sent', async () => {
    const again = grant({ from: '2026-11-24T10:00:05.000Z', until: '2026-11-24T14:00:05.000Z' });
    expect(await grants.put(again, taskOfGrant(again, 'Nia Nurse'), true)).toEqual(grant());
    expect(await idsOf([PERSON], nurse, '2026-11-24T11:00:00.000Z')).toEqual(['c']);
    const tasks = createTasks({ client: engine.client, table: engine.oversightTable });
    const { tasks: queue } = await tasks.page(
      { organisation: 'hhft', office: 'privacy' },
      { limit: 10, wants: ({ grant: of }) => of?.id === 'c'.repeat(16) },
    );
    expect(queue).toEqual([{ ...taskOfGrant(grant(), 'Nia Nurse'), reviews: [] }]);
  });
});

describe('a grant that is put while others write the same', () => {
  const contended = (times: number) => createGrants({ client: contendedClient(engine, times), table: engine.oversightTable });

  it('is put all the same', async () => {
    const asked = grant({ id: 'm'.repeat(16), person: 'g'.repeat(26) });
    expect(await contended(3).put(asked, taskOfGrant(asked, undefined), true)).toEqual(asked);
    expect(await idsOf(['g'.repeat(26)], nurse, '2026-11-24T11:00:00.000Z')).toEqual(['m']);
  });

  it('is not put when there is no end of it, and whoever asked hears so', async () => {
    const asked = grant({ id: 'n'.repeat(16), person: 'h'.repeat(26) });
    await expect(contended(1_000).put(asked, taskOfGrant(asked, undefined), true)).rejects.toThrow('cancelled');
    expect(await idsOf(['h'.repeat(26)], nurse, '2026-11-24T11:00:00.000Z')).toEqual([]);
  });
});

describe('the queue of tasks', () => {
  it('is read newest first, page by page, each task with what was said of it', async () => {
    const tasks = createTasks({ client: engine.client, table: engine.oversightTable });
    const raised = [1, 2, 3, 4, 5].map((hour) => {
      const from = `2026-11-24T0${hour}:00:00.000Z`;
      return taskOfGrant(grant({ organisation: 'uhd', from, id: 'ghijk'[hour - 1]!.repeat(16) }), undefined);
    });
    for (const task of raised) expect(await tasks.raise(task)).toBe(true);
    expect(await tasks.raise(raised[0]!)).toBe(false);
    const said = { outcome: 'concern', note: 'Asked the ward.', staff: 'dorset|officer', organisation: 'uhd' } as const;
    for (const at of ['2026-11-25T09:00:00.000Z', '2026-11-25T10:00:00.000Z']) await tasks.review(raised[3]!, { at, ...said });

    const first = await tasks.page({ organisation: 'uhd', office: 'privacy' }, { limit: 2 });
    expect(first.tasks.map(({ at, reviews }) => `${at.slice(11, 13)} ${reviews.length}`)).toEqual(['05 0', '04 2']);
    const second = await tasks.page({ organisation: 'uhd', office: 'privacy' }, { limit: 2, after: first.next! });
    expect(second.tasks.map(({ at }) => at.slice(11, 13))).toEqual(['03', '02']);
    const last = await tasks.page({ organisation: 'uhd', office: 'privacy' }, { limit: 2, after: second.next! });
    expect(last).toMatchObject({ tasks: [{ at: '2026-11-24T01:00:00.000Z' }] });
    expect(last.next).toBeUndefined();
    expect((await tasks.task(raised[3]!.id))?.reviews.map(({ at }) => at.slice(11, 13))).toEqual(['09', '10']);
    expect(await tasks.task(raised[3]!.id.replace('uhd', 'dch'))).toBeUndefined();
  });
});
