import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Viewer } from '../../../shared/access/viewer.ts';
import { condition, NHS_NUMBERS, observation, patient } from './resources.ts';
import { createWorld, type Told, type World } from './world.ts';

let world: World;
let ada: string;
let other: string;
/** A person whose record was joined to that of `ada`. */
let former: string;
/** A person of whom nothing is known. */
let nobody: string;

beforeAll(async () => {
  world = await createWorld();
  [ada, other, former, nobody] = NHS_NUMBERS.map(world.personOf) as [string, string, string, string];
  await world.contribute(ada, 'uhd', patient(NHS_NUMBERS[0]), observation(ada, 'pulse'), condition(ada, 'diabetes'));
  await world.contribute(other, 'uhd', patient(NHS_NUMBERS[1]), observation(other, 'pulse'));
  await world.contribute(former, 'uhd', patient(NHS_NUMBERS[2]));
  await world.link(ada, former);
});
afterAll(() => world.engine.stop());

const as = (person: string): Partial<Viewer> => ({
  ...{ organisation: 'people', client: 'app', role: 'person', purpose: 'own-access', person },
  ...{ provider: 'nhs-login', assurance: 'high' },
});
const ask = (path: string, person = ada, scopes = ['patient/*.rs']) => world.ask(path, { viewer: as(person), scopes });
const matches = ({ json }: Told): string[] =>
  (json.entry ?? [])
    .filter(({ search }: { search: { mode: string } }) => search.mode === 'match')
    .map(({ resource }: { resource: fhir4.Resource }) => `${resource.resourceType}/${resource.id}`);

describe('a person who is signed in', () => {
  it.each(['Patient', 'Patient?name=Purbeck', 'Patient?_count=1', 'Patient?gender=female'])(
    'finds themselves by %s, and nobody else',
    async (path) => {
      expect(matches(await ask(path))).toEqual([`Patient/${ada}`]);
    },
  );

  it('finds in a search that names nobody what is in their own record', async () => {
    const found = [await ask('Observation'), await ask('Observation?code=http://loinc.org|8867-4'), await ask('Condition')];
    const types = ['Observation', 'Observation', 'Condition'];
    expect(found.map((told) => matches(told).length)).toEqual([1, 1, 1]);
    for (const [index, told] of found.entries()) expect(matches(told)[0]).toMatch(new RegExp(`^${types[index]}/${ada}\\.`));
    expect(matches(await ask('Patient?name=Nobody'))).toEqual([]);
  });

  it('reads their whole record without naming it, page by page', async () => {
    const whole = await ask('Patient/$everything');
    expect(matches(whole)).toContain(`Patient/${ada}`);
    expect(matches(whole)).toEqual(matches(await ask(`Patient/${ada}/$everything`)));
    const first = await ask('Patient/$everything?_count=2');
    const next = first.json.link.find(({ relation }: { relation: string }) => relation === 'next').url;
    expect(matches(await ask(next)).length).toBeGreaterThan(0);
    const page = await ask('Observation?_count=1&_include=Observation:subject');
    expect(page.json.link[0].url).not.toContain(NHS_NUMBERS[0]);
  });

  it('finds the record that theirs was joined to', async () => {
    expect(matches(await ask('Patient', former))).toEqual([`Patient/${ada}`]);
    expect(matches(await ask('Condition', former))).toHaveLength(1);
  });

  it('finds nothing where nothing is known, and is refused nothing', async () => {
    const told = await ask('Patient', nobody);
    expect({ status: told.status, total: told.json.total, found: matches(told) }).toEqual({ status: 200, total: 0, found: [] });
    expect((await ask('Patient/$everything', nobody)).status).toBe(404);
  });

  it('sees no other record by naming it', async () => {
    for (const path of [`Observation?patient=${other}`, `Patient?_id=${other}`, `Patient?identifier=${NHS_NUMBERS[1]}`])
      expect(matches(await ask(path))).toEqual([]);
    expect((await ask(`Patient/${other}`)).status).toBe(404);
  });

  it('sees no more than the scopes let an app read', async () => {
    expect((await ask('Observation', ada, ['patient/Patient.rs'])).status).toBe(403);
    expect(matches(await ask('Patient/$everything', ada, ['patient/Patient.rs']))).toContain(`Patient/${ada}`);
    expect(matches(await ask('Patient/$everything', ada, ['patient/Patient.rs'])).join()).not.toContain('Observation');
  });

  it('has what they searched written to the audit of their own record', async () => {
    const before = (await world.looks(ada)).length;
    await ask('Condition');
    expect((await world.looks(ada)).slice(before)).toMatchObject([{ interaction: 'search', type: 'Condition', signedIn: ada }]);
  });

  it('can have shown again what they saw, though the request named nobody', async () => {
    const shown = await ask('Condition?_sort=-_lastUpdated');
    const officer = { role: 'privacy-officer', purpose: 'investigation', staff: 'dorset|p1' } as const;
    const asked = { organisation: 'dch', viewer: officer, scopes: ['user/*.rs'] };
    const looks = await world.ask(`AuditEvent?patient=${ada}&_count=1`, asked);
    const again = await world.ask(`AuditEvent/${looks.json.entry[0].resource.id}/$replay`, asked);
    expect(again.headers).toMatchObject({ 'chesil-replay': 'exact' });
    expect(again.body).toBe(shown.body);
  });
});

describe('whoever does not ask for themselves', () => {
  it.each([
    ['a system', {}, 'system/*.rs'],
    ['a clinician', { role: 'clinician', purpose: 'direct-care', staff: 'county|1' } as const, 'user/*.rs'],
  ])('has to name the person: %s', async (_, viewer, scope) => {
    for (const path of ['Patient', 'Observation', 'Condition?code=1'])
      expect(await world.ask(path, { viewer, scopes: [scope] })).toMatchObject({
        status: 400,
        json: { issue: [{ details: { coding: [{ code: 'search-unbounded' }] } }] },
      });
    expect((await world.ask('Patient/$everything', { viewer, scopes: [scope] })).status).toBe(405);
  });
});
