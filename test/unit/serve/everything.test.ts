import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { validate } from '../../../shared/fhir/validate/validate.ts';
import { condition, NHS_NUMBERS, observation, patient, practitioner, RESTRICTED, registeredWith } from './resources.ts';
import { createWorld, type Told, type World } from './world.ts';

let world: World;
let person: string;
let smith: string;
let beforeLast: string;

beforeAll(async () => {
  world = await createWorld();
  person = world.personOf(NHS_NUMBERS[0]);
  smith = `Practitioner/${world.idOf('uhd', 'uhd', practitioner('smith', 'Smith'))}`;
  await world.contribute('uhd', 'uhd', practitioner('smith', 'Smith'), practitioner('jones', 'Jones'));
  await world.contribute(
    person,
    'uhd',
    patient(NHS_NUMBERS[0]),
    observation(person, 'first', { performer: [{ reference: smith }] }),
  );
  await world.contribute(person, 'dch', condition(person, 'diabetes'), condition(person, 'secret', RESTRICTED));
  await world.contribute(person, 'uhd', observation(person, 'mistake'));
  await wait(5);
  beforeLast = new Date().toISOString();
  await wait(5);
  await world.retract(person, 'uhd', observation(person, 'mistake'));
});
afterAll(() => world?.engine.stop());

const everything = (query = '', asked = {}) => world.ask(`Patient/${person}/$everything${query}`, asked);
const typesOf = ({ json }: Told) => (json.entry ?? []).map(({ resource }: fhir4.BundleEntry) => resource?.resourceType).sort();
const nextOf = ({ json }: Told): string | undefined =>
  json.link.find(({ relation }: fhir4.BundleLink) => relation === 'next')?.url;

async function allPages(first: string, between: (page: number) => Promise<void> = async () => {}): Promise<Told[]> {
  const pages: Told[] = [];
  for (let url: string | undefined = first; url !== undefined; url = nextOf(pages.at(-1)!)) {
    pages.push(await world.ask(url));
    await between(pages.length);
  }
  return pages;
}
const fullUrls = (pages: readonly Told[]) =>
  pages.flatMap(({ json }) =>
    (json.entry ?? [])
      .filter(({ search }: fhir4.BundleEntry) => search?.mode === 'match')
      .map(({ fullUrl }: fhir4.BundleEntry) => fullUrl),
  );

describe('$everything', () => {
  it('is the person, every fragment that may be seen, and whom they refer to', async () => {
    const answer = await everything();
    expect(answer.status).toBe(200);
    expect(typesOf(answer)).toEqual(['Condition', 'Observation', 'Patient', 'Patient', 'Practitioner']);
    expect(answer.json).toMatchObject({ type: 'searchset', total: 4 });
    expect(answer.json.entry[0]).toMatchObject({ resource: { id: person }, search: { mode: 'match' } });
    expect(answer.json.entry.at(-1)).toMatchObject({ fullUrl: expect.stringContaining(smith), search: { mode: 'include' } });
    expect(validate(answer.json)).toEqual([]);
  });

  it('is the same by the id of a contributor’s own Patient', async () => {
    const own = world.idOf(person, 'uhd', patient(NHS_NUMBERS[0]));
    expect(fullUrls([await world.ask(`Patient/${own}/$everything`)])).toEqual(fullUrls([await everything()]));
    expect(await world.ask(`Patient/${world.idOf(person, 'uhd', observation(person, 'first'))}/$everything`)).toMatchObject({
      status: 404,
    });
  });

  it('leaves out what the scopes do not allow', async () => {
    expect(typesOf(await everything('', { scopes: ['system/Observation.r', 'system/Condition.s'] }))).toEqual(['Observation']);
  });

  it.each([
    ['?_type=Condition', ['Condition']],
    ['?_type=Observation,Practitioner', ['Observation', 'Practitioner']],
    ['?_since=2099-01-01T00:00:00Z', []],
    // A condition that has not ended still stands.
    ['?start=2020&_type=Observation,Condition', ['Condition', 'Observation']],
    ['?end=2019&_type=Observation,Condition', ['Condition']],
  ])('narrowed by %s', async (query, types) => {
    const answer = await everything(query);
    expect(typesOf(answer)).toEqual(types);
    expect(validate(answer.json)).toEqual([]);
  });

  it('names what it did not understand, or refuses it', async () => {
    const { json } = await everything('?_type=Condition&favourite=1');
    expect(json.entry.at(-1)).toMatchObject({
      resource: { issue: [{ severity: 'warning', diagnostics: 'favourite' }] },
      search: { mode: 'outcome' },
    });
    expect(validate(json)).toEqual([]);
    expect(await everything('?favourite=1', { headers: { prefer: 'handling=strict' } })).toMatchObject({ status: 400 });
    expect(await everything('?_count=many')).toMatchObject({ status: 400 });
  });

  it('can be read as it was: at a sequence number, or at an instant', async () => {
    const atFirst = await everything('?_at=1');
    expect(typesOf(atFirst)).toEqual(['Observation', 'Patient', 'Patient', 'Practitioner']);
    const then = await everything(`?_at=${beforeLast}&_type=Observation`);
    expect(typesOf(then)).toEqual(['Observation', 'Observation']);
    expect(await everything('?_at=1999-01-01T00:00:00Z')).toMatchObject({ status: 404 });
  });

  it('as it was shows nothing that must not be seen today', async () => {
    const changed = observation(person, 'made-secret');
    await world.contribute(person, 'dch', changed);
    const seen = await everything('?_type=Observation');
    const at = new Date().toISOString();
    await wait(5);
    await world.contribute(person, 'dch', observation(person, 'made-secret', RESTRICTED));
    expect(typesOf(seen)).toHaveLength(2);
    expect(typesOf(await everything(`?_type=Observation&_at=${at}`))).toHaveLength(1);
    await world.retract(person, 'dch', changed);
  });
});

describe('$everything of persons who were merged', () => {
  it('holds what both were known by, and can be read as it was', async () => {
    const survivor = world.personOf(NHS_NUMBERS[2]);
    const loser = world.personOf(NHS_NUMBERS[3]);
    await world.contribute(survivor, 'uhd', patient(NHS_NUMBERS[2]), observation(survivor, 'a'));
    await world.contribute(loser, 'uhd', patient(NHS_NUMBERS[3]), observation(loser, 'b'));
    await world.link(survivor, loser);
    const whole = await world.ask(`Patient/${loser}/$everything?_type=Observation`);
    expect(whole.json.total).toBe(2);
    const at = new Date().toISOString();
    await wait(5);
    await world.contribute(loser, 'uhd', observation(loser, 'c'));
    await world.contribute(survivor, 'uhd', observation(survivor, 'd'));
    const asItWas = (moment: string) => world.ask(`Patient/${survivor}/$everything?_type=Observation&_at=${moment}`);
    expect(fullUrls([await asItWas(at)])).toEqual(fullUrls([whole]));
    // A number counts the contributions of one partition; the other is read as of the same instant.
    expect((await asItWas('2')).json.total).toBe(4);
    expect(await asItWas('3')).toMatchObject({ status: 400 });
    expect(await asItWas(`${survivor}/1`)).toMatchObject({ status: 400 });
  });
});

describe('pages of $everything', () => {
  it('together are the whole, each thing once, while others write', async () => {
    const many = Array.from({ length: 30 }, (_, index) => observation(person, `many-${index}`));
    await world.contribute(person, 'uhd', ...many);
    const whole = fullUrls([await everything()]);
    const pages = await allPages(`Patient/${person}/$everything?_count=7`, async (page) => {
      await world.contribute(person, 'uhd', observation(person, `meanwhile-${page}`));
      await world.retract(person, 'uhd', many[page]!);
    });
    expect(fullUrls(pages)).toEqual(whole);
    for (const { json } of pages) {
      expect(json.total).toBe(whole.length);
      expect(fullUrls([{ json } as Told]).length).toBeLessThanOrEqual(7);
      expect(validate(json)).toEqual([]);
    }
  });

  it('belong to whom they were given to', async () => {
    const next = nextOf(await everything('?_count=2'))!;
    expect(await world.ask(next)).toMatchObject({ status: 200 });
    expect(await world.ask(next, { organisation: 'dch' })).toMatchObject({
      status: 400,
      json: { issue: [{ details: { coding: [{ code: 'bad-cursor' }] } }] },
    });
    expect(await world.ask(`${next}x`)).toMatchObject({ status: 400 });
    expect(await world.ask(next.replace('$everything', '_history'))).toMatchObject({ status: 400 });
  });

  it('stay under the limit of an answer however large the record is', async () => {
    const other = world.personOf(NHS_NUMBERS[1]);
    const large = (index: number) => observation(other, `large-${index}`, { note: [{ text: `${'£'.repeat(400_000)}${index}` }] });
    await world.contribute(other, 'uhd', patient(NHS_NUMBERS[1]));
    for (let index = 0; index < 12; index++) await world.contribute(other, 'uhd', large(index));
    const pages = await allPages(`Patient/${other}/$everything`);
    expect(pages.length).toBeGreaterThan(1);
    for (const { body } of pages) expect(Buffer.byteLength(body!)).toBeLessThan(4_100_000);
    expect(new Set(fullUrls(pages)).size).toBe(14);
  });
});

describe('whoever reads in a role that never sees some sections', () => {
  beforeAll(() => world.contribute(person, 'surgery', patient(NHS_NUMBERS[0], registeredWith('X99030'))));

  const said = (told: Told) =>
    (told.json.entry ?? []).flatMap(({ resource, search }: fhir4.BundleEntry) =>
      search?.mode === 'outcome' ? (resource as fhir4.OperationOutcome).issue : [],
    );
  const asked = (role: 'clerical' | 'clinician') =>
    ({ organisation: 'surgery', scopes: ['user/*.rs'], viewer: { role, purpose: 'direct-care', staff: 'dorset|s1' } }) as const;

  it.each(['Patient/{person}/$everything', 'Patient/{person}/$everything?_count=1', 'Encounter?patient={person}'])(
    'is told with %s that some information may be withheld, whatever there is',
    async (path) => {
      const told = await world.ask(path.replace('{person}', person), asked('clerical'));
      expect(said(told)).toMatchObject([{ severity: 'information', code: 'suppressed' }]);
      const { json } = await world.ask(nextOf(told) ?? path.replace('{person}', person), asked('clinician'));
      expect(said({ json } as Told)).toEqual([]);
    },
  );
});
