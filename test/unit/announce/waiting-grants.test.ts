import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newAccessId } from '../../../shared/access/access-id.ts';
import type { Grant } from '../../../shared/access/grants.ts';
import { taskOfGrant } from '../../../shared/access/review/task.ts';
import { systemViewer, type Viewer } from '../../../shared/access/viewer.ts';
import { type Announcing, observation, startAnnouncing } from './announcing.ts';

const NURSE: Viewer = { ...systemViewer('hhft'), role: 'clinician', purpose: 'direct-care', staff: 'hampshire|nurse' };
const hoursFromNow = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

let announcing: Announcing;
beforeAll(async () => {
  announcing = await startAnnouncing();
});
afterAll(() => announcing.stop());

/** A grant for somebody of whom there is no record. */
async function breakGlass(person: string, hours: number): Promise<Grant> {
  const grant: Grant = {
    ...{ id: newAccessId(), kind: 'break-glass', person, staff: 'hampshire|nurse', role: 'clinician', organisation: 'hhft' },
    ...{ from: hoursFromNow(-2), until: hoursFromNow(hours), reason: { code: 'emergency', text: 'Found unconscious.' } },
  };
  await announcing.grants.put(grant, taskOfGrant(grant, undefined), false);
  return grant;
}
const opening = (person: string) => announcing.grants.grantsOf([person], NURSE, new Date().toISOString());
async function tasksAbout(person: string) {
  const { tasks } = await announcing.tasks.page(
    { organisation: 'hhft', office: 'privacy' },
    { limit: 10, wants: (task) => task.person === person },
  );
  return tasks;
}
const announce = async (person: string) => announcing.announcer()(await announcing.streamed(person));

describe('a grant that waits for a record', () => {
  it('opens it, and is reviewed, when the first contribution is announced; once, however often', async () => {
    const person = announcing.newPerson();
    const grant = await breakGlass(person, 1);
    await announcing.contribute(person, 'uhd', [observation('b')]);
    expect(await opening(person)).toEqual([]);
    await announce(person);
    await announce(person);
    expect(await opening(person)).toEqual([grant]);
    expect(await tasksAbout(person)).toMatchObject([{ kind: 'break-glass', grant: { id: grant.id } }]);
  });

  it('opens it when another person’s record is linked to that person', async () => {
    const [person, other] = [announcing.newPerson(), announcing.newPerson()];
    const grant = await breakGlass(person, 1);
    await announcing.contribute(other, 'uhd', [observation('b')]);
    await announcing.link('link', [other, person]);
    await announce(person);
    expect(await opening(person)).toEqual([grant]);
  });

  it('never opens it once it has ended', async () => {
    const person = announcing.newPerson();
    await breakGlass(person, -1);
    await announcing.contribute(person, 'uhd', [observation('b')]);
    await announce(person);
    expect(await opening(person)).toEqual([]);
    expect(await tasksAbout(person)).toEqual([]);
  });
});
