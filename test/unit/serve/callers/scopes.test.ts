import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { condition, NHS_NUMBERS, observation, patient, practitioner, registeredWith } from '../resources.ts';
import { type Asked, createWorld, type Told, type World } from '../world.ts';

let world: World;
let person: string;
let vital: string;
let laboratory: string;

const CATEGORIES = 'http://terminology.hl7.org/CodeSystem/observation-category';
const category = (code: string) => ({ category: [{ coding: [{ system: CATEGORIES, code }] }] });

beforeAll(async () => {
  world = await createWorld();
  person = world.personOf(NHS_NUMBERS[0]);
  const smith = `Practitioner/${world.idOf('uhd', 'uhd', practitioner('smith', 'Smith'))}`;
  const pulse = observation(person, 'pulse', { ...category('vital-signs'), performer: [{ reference: smith }] });
  vital = world.idOf(person, 'uhd', pulse);
  const sodium = observation(person, 'sodium', {
    ...category('laboratory'),
    derivedFrom: [{ reference: `Observation/${vital}` }],
  });
  laboratory = world.idOf(person, 'uhd', sodium);
  const recategorised = observation(person, 'recategorised', category('vital-signs'));
  await world.contribute('uhd', 'uhd', practitioner('smith', 'Smith'));
  await world.contribute(
    person,
    'uhd',
    patient(NHS_NUMBERS[0], registeredWith('X99030')),
    pulse,
    sodium,
    condition(person, 'diabetes'),
    recategorised,
  );
  await world.contribute(person, 'uhd', observation(person, 'recategorised', category('laboratory')));
});
afterAll(() => world?.engine.stop());

const system = (...scopes: string[]): Asked => ({ scopes: scopes.map((scope) => `system/${scope}`) });
const VITAL_SIGNS = system('Observation.rs?category=vital-signs');

const ids = ({ json }: Told): string[] => (json.entry ?? []).map(({ resource }: fhir4.BundleEntry) => resource?.id);

describe('a scope with a query', () => {
  it.each([
    ['category=vital-signs', 1],
    [`category=${encodeURIComponent(`${CATEGORIES}|laboratory`)}`, 2],
    ['category=vital-signs,laboratory', 3],
    ['category=laboratory&code=8867-4', 2],
    ['category=laboratory&code=1234-5', 0],
    ['category:not=laboratory', 1],
    // What cannot be understood, or not whole, opens nothing.
    ['unknown=1', 0],
    ['category=vital-signs&unknown=1', 0],
    ['date=yesterday', 0],
    ['category:not=,', 0],
    ['category=', 0],
    ['', 0],
    ['_sort=date', 0],
    ['_count=5', 0],
    ['_include=Observation:performer', 0],
    ['subject:Patient.name=Purbeck', 0],
    ['subject:Patient.name:not=Purbeck', 0],
    ['_has:Observation:derived-from:code=8867-4', 0],
  ])('?%s lets %s observations be found', async (query, count) => {
    const asked = system(`Observation.rs?${query}`);
    expect(await world.ask(`Observation?patient=${person}`, asked)).toMatchObject({ status: 200, json: { total: count } });
    const { json, status } = await world.ask(`Patient/${person}/$everything`, asked);
    expect(status === 404 ? 0 : json.total).toBe(count);
  });

  it('hides what does not match behind the same answer as what is not there', async () => {
    expect((await world.ask(`Observation/${vital}`, VITAL_SIGNS)).status).toBe(200);
    const hidden = await world.ask(`Observation/${laboratory}`, VITAL_SIGNS);
    const missing = await world.ask(`Observation/${person}.aaaaaaaaaaaaaaaa`, VITAL_SIGNS);
    expect(hidden).toEqual(missing);
    expect(hidden.status).toBe(404);
  });

  it('covers no earlier version of what it does not cover now', async () => {
    const id = world.idOf(person, 'uhd', observation(person, 'recategorised'));
    for (const path of [`Observation/${id}/_history`, `Observation/${id}/_history/1`])
      expect((await world.ask(path, VITAL_SIGNS)).status).toBe(404);
    const laboratoryOnly = await world.ask(`Observation/${id}/_history`, system('Observation.rs?category=laboratory'));
    expect(laboratoryOnly.json).toMatchObject({ total: 1, entry: [{ resource: { meta: { versionId: '2' } } }] });
  });

  it('covers a deletion no more than anything else that cannot match', async () => {
    const gone = observation(person, 'gone', category('vital-signs'));
    await world.contribute(person, 'uhd', gone);
    await world.retract(person, 'uhd', gone);
    const path = `Observation/${world.idOf(person, 'uhd', gone)}`;
    expect([(await world.ask(path)).status, (await world.ask(path, VITAL_SIGNS)).status]).toEqual([410, 404]);
  });

  it('holds for what is included and for chains', async () => {
    const both = system('Observation.rs?category=laboratory', 'Practitioner.r');
    const included = await world.ask(`Observation?patient=${person}&_include=Observation:derived-from`, both);
    expect(ids(included)).not.toContain(vital);
    const chained = await world.ask(`Observation?patient=${person}&derived-from:Observation.category=vital-signs`, both);
    expect(chained.json.total).toBe(0);
    const whole = await world.ask(`Observation?patient=${person}&derived-from:Observation.category=vital-signs`);
    expect(whole.json.total).toBe(1);
  });

  it('adds up with others, and is nothing beside one for the whole type', async () => {
    const two = system('Observation.rs?category=vital-signs', 'Observation.rs?category=laboratory');
    expect((await world.ask(`Observation?patient=${person}`, two)).json.total).toBe(3);
    const whole = system('Observation.rs', 'Observation.rs?category=vital-signs');
    expect((await world.ask(`Observation?patient=${person}`, whole)).json.total).toBe(3);
  });

  it('searches only what may be searched, and reads only what may be read', async () => {
    const apart = system('Observation.s?category=vital-signs', 'Observation.r?category=laboratory');
    expect(ids(await world.ask(`Observation?patient=${person}`, apart))).toEqual([vital]);
    expect((await world.ask(`Observation/${laboratory}`, apart)).status).toBe(200);
    expect((await world.ask(`Observation/${vital}`, apart)).status).toBe(404);
  });

  it('of every type applies where the type has the parameter', async () => {
    const { json } = await world.ask(`Patient/${person}/$everything`, system('*.rs?category=vital-signs'));
    expect(ids({ json } as Told)).toEqual([vital]);
  });

  it('can be of the person too', async () => {
    const path = `Patient/${person}`;
    expect((await world.ask(path, system('Patient.rs?gender=female'))).status).toBe(200);
    expect((await world.ask(path, system('Patient.rs?gender=male'))).status).toBe(404);
  });
});

describe('scopes', () => {
  const staff = { role: 'clinician', purpose: 'direct-care', staff: 'dorset|n1' } as const;
  it.each([
    ['a system', undefined, 'system/*.rs', 200],
    ['a system with those of a user', undefined, 'user/*.rs', 403],
    ['a member of staff', staff, 'user/*.rs', 200],
    ['a member of staff with those of a system', staff, 'system/*.cruds', 403],
    ['a member of staff with those of a person', staff, 'patient/*.rs', 403],
    ['a person with those of a user', { role: 'person', purpose: 'own-access' } as const, 'user/*.rs', 403],
  ])('of %s', async (_, viewer, scope, status) => {
    const asked = { scopes: [scope], ...(viewer === undefined ? {} : { organisation: 'surgery', viewer }) };
    expect((await world.ask(`Patient/${person}`, asked)).status).toBe(status);
  });
});
