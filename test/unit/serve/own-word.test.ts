import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newAccessId } from '../../../shared/access/access-id.ts';
import type { Grant } from '../../../shared/access/grants.ts';
import { taskOfGrant } from '../../../shared/access/review/task.ts';
import type { Viewer } from '../../../shared/access/viewer.ts';
import { createGrants, type Grants } from '../../../shared/store/oversight/grants.ts';
import { createWorld, type World } from './world.ts';

const NURSE: Viewer = { organisation: 'dch', client: 'portal', role: 'clinician', purpose: 'direct-care', staff: 'dorset|nurse' };
const patient = { source: 'p', resource: { resourceType: 'Patient', name: [{ family: 'Pebble' }] } };

let world: World;
let grants: Grants;
beforeAll(async () => {
  world = await createWorld();
  grants = createGrants({ client: world.engine.client, table: world.engine.oversightTable });
});
afterAll(() => world.engine.stop());

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

const breakGlass = async (person: string, changed: Partial<Grant> = {}) => {
  const [from, until] = [inHours(-1), inHours(1)];
  const grant: Grant = {
    ...{ id: newAccessId(), kind: 'break-glass', person, staff: 'dorset|nurse', role: 'clinician', organisation: 'dch' },
    ...{ from, until, reason: { code: 'emergency', text: 'Unconscious in the emergency department.' } },
    ...changed,
  };
  await grants.put(grant, taskOfGrant(grant, undefined), true);
  return grant.id;
};

const ask = async (person: string, viewer = NURSE) =>
  (await world.ask(`Patient/${person}`, { viewer, scopes: ['user/*.rs'] }, { grants: grants.grantsOf })).status;

/** Two records of somebody whom another hospital knows, found to be one person. */
async function merged(name: string): Promise<{ survivor: string; loser: string }> {
  const [survivor, loser] = [world.personOf(`${name} 1`), world.personOf(`${name} 2`)];
  for (const each of [survivor, loser]) await world.contribute(each, 'uhd', patient);
  await world.link(survivor, loser);
  return { survivor, loser };
}

describe('a glass that was broken', () => {
  it('by the id of somebody who was merged opens the one record, by either id', async () => {
    const { survivor, loser } = await merged('one');
    expect([await ask(survivor), await ask(loser)]).toEqual([404, 404]);
    const id = await breakGlass(loser);
    expect([await ask(survivor), await ask(loser)]).toEqual([200, 200]);
    expect((await world.looks(survivor)).at(-1)).toMatchObject({ outcome: 'shown', staff: 'dorset|nurse', grants: [id] });
  });

  it('opens nothing once it has ended, and nothing for another member of staff, role or organisation', async () => {
    const person = world.personOf('two');
    await world.contribute(person, 'uhd', patient);
    await breakGlass(person, { from: inHours(-3), until: inHours(-2) });
    expect(await ask(person)).toBe(404);
    await breakGlass(person);
    expect(await ask(person)).toBe(200);
    expect(await ask(person, { ...NURSE, staff: 'dorset|other' })).toBe(404);
    expect(await ask(person, { ...NURSE, role: 'paramedic' })).toBe(404);
    expect(await ask(person, { ...NURSE, organisation: 'surgery' })).toBe(404);
  });
});
