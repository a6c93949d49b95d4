import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { condition, NHS_NUMBERS, observation, patient, RESTRICTED } from './resources.ts';
import { createWorld, type World } from './world.ts';

let world: World;
let person: string;
let written: string;
const secret = () => condition(person, 'secret', RESTRICTED);
const secretId = () => world.idOf(person, 'dch', secret());
const reference = () => ({ reference: `Condition/${secretId()}`, display: 'What nobody may know' });
const pointing = (status = 'final') => observation(person, 'pointing', { focus: [reference()], status });

beforeAll(async () => {
  world = await createWorld();
  person = world.personOf(NHS_NUMBERS[0]);
  await world.contribute(person, 'uhd', patient(NHS_NUMBERS[0]));
  await world.contribute(person, 'dch', secret(), pointing());
  await world.contribute(person, 'dch', pointing('amended'));
  written = new Date().toISOString();
  await wait(2);
});
afterAll(() => world?.engine.stop());

/** Every door by which a fragment is shown that refers to one which is not. */
const DOORS: readonly (readonly [string, () => string])[] = [
  ['a read', () => `Observation/${world.idOf(person, 'dch', pointing())}`],
  [
    'a version',
    () => `Observation/${world.idOf(person, 'dch', pointing())}/_history/${world.versionOf(person, 'dch', pointing())}`,
  ],
  ['a history', () => `Observation/${world.idOf(person, 'dch', pointing())}/_history`],
  ['everything', () => `Patient/${person}/$everything`],
  ['everything as it was', () => `Patient/${person}/$everything?_at=${written}`],
  ['a search that includes', () => `Observation?patient=${person}&_include=Observation:focus`],
  ['a search in a compartment', () => `Patient/${person}/Observation`],
];

describe('a fragment that refers to what must not be seen', () => {
  it.each(DOORS)('is shown without it by %s, and with it to the source', async (_door, path) => {
    const told = await world.ask(path(), { organisation: 'uhd' });
    expect(told.body).toContain('Heart rate');
    expect(told.body).not.toContain(secretId());
    expect(told.body).not.toContain('What nobody may know');
    const own = await world.ask(path(), { organisation: 'dch' });
    expect(own.body).toContain(`"reference":"Condition/${secretId()}"`);
  });

  it('cannot be found by it', async () => {
    const byFocus = `Observation?patient=${person}&focus=Condition/${secretId()}`;
    expect((await world.ask(byFocus, { organisation: 'uhd' })).json.total).toBe(0);
    expect((await world.ask(byFocus, { organisation: 'dch' })).json.total).toBe(1);
  });
});
