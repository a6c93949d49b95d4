import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealAccessId } from '../../../../shared/access/access-id.ts';
import { SNOMED } from '../../../../shared/fhir/systems.ts';
import { condition, NHS_NUMBERS, patient } from '../resources.ts';
import { type Asked, createWorld, type World } from '../world.ts';

let world: World;
let person: string;
const [nhsNumber] = NHS_NUMBERS;
const coded = (code: string) => ({ code: { coding: [{ system: SNOMED, code }] } });
/** What the source’s own system is shown, and the lead’s is not. */
const TRANSSEXUAL = '407374003';
const GONORRHOEA = '15628003';

beforeAll(async () => {
  world = await createWorld();
  person = world.personOf(nhsNumber);
  await world.contribute(person, 'uhd', patient(nhsNumber), condition(person, 'one', coded(TRANSSEXUAL)));
  await world.contribute(person, 'uhd', condition(person, 'two', coded(GONORRHOEA)), condition(person, 'three'));
  await world.contribute(person, 'dch', patient(nhsNumber));
});
afterAll(() => world?.engine.stop());

/** Of `dch`, which leads oversight, and so may see any look again. */
const OFFICER: Asked = {
  organisation: 'dch',
  scopes: ['user/*.rs'],
  viewer: { role: 'privacy-officer', purpose: 'investigation', staff: 'dorset|p1' },
};

/** A look at everything, told to the officer and shown to them again. */
async function overseen(organisation: string) {
  const seen = await world.ask(`Patient/${person}/$everything`, { organisation });
  const [at = '', id = ''] = String((await world.looks(person)).at(-1)?.access).split('#');
  const event = `AuditEvent/${sealAccessId(world.dependencies.auditKey, { person, at, id })}`;
  const [told, again] = [await world.ask(event, OFFICER), await world.ask(`${event}/$replay`, OFFICER)];
  return { seen, told, again };
}

describe('what is legally restricted', () => {
  it('is neither told nor shown again to who oversees a look in which its source saw it', async () => {
    const { seen, told, again } = await overseen('uhd');
    expect(seen.body).toContain(TRANSSEXUAL);
    expect(told.body).not.toContain('gender');
    expect(again.headers).toMatchObject({ 'chesil-replay': 'differs' });
    expect(again.body).toContain(GONORRHOEA);
    expect(again.body).not.toContain(TRANSSEXUAL);
  });

  it('is not told to have been withheld, nor is what was sensitive about what was', async () => {
    const { seen, told, again } = await overseen('dch');
    expect(seen.body).not.toMatch(/407374003|15628003/);
    expect(told.body).toContain('"type":"problems uhd","valueString":"1"');
    expect(told.body).not.toMatch(/gender|\bsti\b/);
    expect(again).toMatchObject({ headers: { 'chesil-replay': 'exact' }, body: seen.body });
  });
});
