import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linkContributions } from '../../../shared/record/linking.ts';
import { NHS_NUMBERS, observation, patient, RESTRICTED, registeredWith } from './resources.ts';
import { type Asked, createWorld, type Told, type World } from './world.ts';

let world: World;
/** Instants after each contribution, the first at 1. */
const after: string[] = [];

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world?.engine.stop());

async function inOrder(...steps: readonly (() => Promise<void>)[]): Promise<void> {
  after.length = 0;
  after.push(new Date().toISOString());
  for (const step of steps) {
    await wait(2);
    await step();
    after.push(new Date().toISOString());
  }
  await wait(2);
}

const totalsOf = async (path: string, moments: readonly (string | number)[], organisation: string) =>
  Promise.all(moments.map(async (at) => (await world.ask(`${path}&_at=${at}`, { organisation })).json.total));

describe('the past of a record of which something is withheld', () => {
  const TERMINATION = { code: { coding: [{ system: 'http://snomed.info/sct', code: '386639001' }], text: 'Termination' } };
  const numbers = [0, 1, 2, 3, 4, 5, 6, 99, 123_456_789_012_345];
  let person: string;
  let path: string;

  beforeAll(async () => {
    person = world.personOf(NHS_NUMBERS[0]);
    path = `Patient/${person}/$everything?_type=Observation`;
    const marked = (more?: Record<string, unknown>) => observation(person, 'marked', more);
    await inOrder(
      () => world.contribute(person, 'uhd', patient(NHS_NUMBERS[0]), observation(person, 'one')),
      () => world.contribute(person, 'dch', marked()),
      () => world.contribute(person, 'dch', observation(person, 'secret', TERMINATION)),
      () => world.contribute(person, 'dch', marked(RESTRICTED)),
      () => world.contribute(person, 'dch', marked({ status: 'amended' })),
      () => world.contribute(person, 'uhd', observation(person, 'two')),
    );
  });

  it('has no hole and no drop between two instants', async () => {
    expect(await totalsOf(path, after, 'uhd')).toEqual([undefined, 1, 2, 2, 2, 2, 3]);
    expect(await totalsOf(path, after, 'dch')).toEqual([undefined, 1, 2, 3, 3, 3, 4]);
  });

  it('shows at an instant the last version that may be seen, of then and of now', async () => {
    const statuses = await Promise.all(
      after.slice(2).map(async (at) => {
        const { json } = await world.ask(`${path}&_at=${at}`, { organisation: 'uhd' });
        return json.entry.find(({ resource }: fhir4.BundleEntry) => resource!.id === markedId()).resource.status;
      }),
    );
    expect(statuses).toEqual(['final', 'final', 'final', 'amended', 'amended']);
  });

  const markedId = () => world.idOf(person, 'dch', observation(person, 'marked'));

  it('has a history as if what is withheld had never been', async () => {
    const history = async (organisation: string) => {
      const { json } = await world.ask(`Observation/${markedId()}/_history`, { organisation });
      return json.entry.map(({ request, resource }: fhir4.BundleEntry) => [
        request!.method,
        (resource as fhir4.Observation).status,
      ]);
    };
    expect(await history('uhd')).toEqual([
      ['PUT', 'amended'],
      ['POST', 'final'],
    ]);
    expect(await history('dch')).toHaveLength(3);
  });

  it('is read by number only from the organisation that sent it: every other number gets the same answer', async () => {
    const answers = async (organisation: string, moments = numbers) =>
      Promise.all(moments.map((at) => world.ask(`${path}&_at=${at}`, { organisation })));
    const isTaken = ({ status }: Told) => status === 200;
    // What uhd may see are four contributions, of which the first and the last are its own.
    const ofUhd = await answers('uhd');
    expect(numbers.filter((_, index) => isTaken(ofUhd[index]!))).toEqual([1, 4]);
    const ofDch = await answers('dch');
    expect(numbers.filter((_, index) => isTaken(ofDch[index]!))).toEqual([2, 3, 4, 5]);
    const surgery = await answers('surgery');
    const refused = [...ofUhd, ...ofDch, ...surgery].filter((each) => !isTaken(each));
    expect(refused).toHaveLength(7 + 5 + numbers.length);
    expect(new Set(refused.map(({ status, body }) => `${status} ${body}`)).size).toBe(1);
    expect(refused[0]).toMatchObject({ status: 400, json: { issue: [{ details: { coding: [{ code: 'number-not-taken' }] } }] } });
    // Of somebody who is not known a number is refused likewise.
    const nobody = await world.ask(`Patient/${world.personOf(NHS_NUMBERS[3])}/$everything?_at=1`);
    expect([nobody.status, nobody.body]).toEqual([400, refused[0]!.body]);
  });

  it('is read for whoever does not see all of it with as many requests as for who does', async () => {
    const requests = async (organisation: string) => {
      let count = 0;
      const { client } = world.engine;
      const send = client.send.bind(client);
      client.send = ((...all: Parameters<typeof send>) => {
        count++;
        return send(...all);
      }) as typeof client.send;
      try {
        await world.ask(`${path}&_at=${after[3]}`, { organisation });
      } finally {
        client.send = send;
      }
      return count;
    };
    expect(await requests('uhd')).toBe(await requests('dch'));
  });
});

describe('a version', () => {
  const owner = { organisation: 'surgery' };
  const nurse: Asked = {
    ...owner,
    scopes: ['user/*.rs'],
    viewer: { role: 'clinician', purpose: 'direct-care', staff: 'dorset|d1', name: 'D' },
  };
  let person: string;
  let id: string;
  /** Of the first version, and of the second. */
  let names: readonly string[];

  beforeAll(async () => {
    person = world.personOf(NHS_NUMBERS[1]);
    const pulse = observation(person, 'one');
    id = world.idOf(person, 'surgery', pulse);
    names = [1, 2].map((version) => world.versionOf(person, 'surgery', pulse, version));
    await world.contribute(person, 'surgery', patient(NHS_NUMBERS[1], registeredWith('X99030')), pulse);
    await world.contribute(person, 'uhd', observation(person, 'other'));
    await world.contribute(person, 'surgery', observation(person, 'one', { status: 'amended' }));
  });

  it('has its number for the systems of its owner, and one opaque name for everybody else', async () => {
    expect(names[1]).toMatch(/^[a-z2-7]{20}$/);
    for (const [asked, version] of [
      [owner, '2'],
      [nurse, names[1]],
      [{}, names[1]],
    ] as const) {
      const { headers, json } = await world.ask(`Observation/${id}`, asked);
      expect([headers?.etag, json.meta.versionId]).toEqual([`W/"${version}"`, version]);
    }
  });

  it('is known by that name in a history, in searches and in everything', async () => {
    const { json } = await world.ask(`Observation/${id}/_history`);
    const [first, second] = names;
    const told = json.entry.map(({ response, resource }: fhir4.BundleEntry) => [response!.etag, resource!.meta!.versionId]);
    expect(told).toEqual([second, first].map((name) => [`W/"${name}"`, name]));
    for (const path of [`Observation?patient=${person}`, `Patient/${person}/$everything`])
      expect((await world.ask(path)).body).toContain(`"id":"${id}","meta":{"versionId":"${second}"`);
  });

  it('is read by that name, by its owner too, and by number by the owner alone', async () => {
    const version = (name: string, who = {}) => world.ask(`Observation/${id}/_history/${name}`, who);
    const [name = ''] = names;
    expect(await version(name)).toMatchObject({ status: 200, json: { status: 'final' } });
    expect(await version(name, owner)).toMatchObject({ status: 200, json: { meta: { versionId: '1' } } });
    expect(await version('1', owner)).toMatchObject({ status: 200 });
    const refused = await Promise.all(['1', '2', '3', 'a'.repeat(20)].map((each) => version(each)));
    expect(new Set(refused.map(({ status, body }) => `${status} ${body}`)).size).toBe(1);
    expect(refused[0]!.status).toBe(404);
  });

  it('is confirmed to be current by that name alone', async () => {
    const read = (tag = '') => world.ask(`Observation/${id}`, { headers: { 'if-none-match': `W/"${tag}"` } });
    expect(await read(names[1])).toMatchObject({ status: 304, headers: { etag: `W/"${names[1]}"` } });
    expect(await read('2')).toMatchObject({ status: 200 });
  });
});

describe('the version of a person', () => {
  it('cannot be found by trying numbers of the versions that it is made of', async () => {
    const person = world.personOf(NHS_NUMBERS[1]);
    const own = world.idOf(person, 'surgery', patient(NHS_NUMBERS[1]));
    const { headers } = await world.ask(`Patient/${person}`);
    for (let number = 1; number < 50; number++)
      expect(headers?.etag).not.toContain(createHash('sha256').update(`${own}.${number}`).digest('hex').slice(0, 16));
  });
});

describe('somebody who was linked once, and is somebody else by now', () => {
  it('gives the past of a record neither fragments nor an id', async () => {
    const [kept, other] = [world.personOf(NHS_NUMBERS[2]), world.personOf(NHS_NUMBERS[3])];
    await world.contribute(kept, 'uhd', patient(NHS_NUMBERS[2]), observation(kept, 'one'));
    await world.contribute(other, 'uhd', patient(NHS_NUMBERS[3]), observation(other, 'two'));
    await world.link(other, kept);
    const linked = new Date().toISOString();
    await wait(2);
    await world.store.contribute([kept, other], (folds, now) => ({
      result: 'unlinked',
      contributions: linkContributions(
        folds,
        { contributor: 'uhd', client: 'uhd', source: 'main', requestId: 'r' },
        { kind: 'unlink', persons: [kept, other], survivor: other },
        now,
      ),
    }));
    const told = await world.ask(`Patient/${kept}/$everything?_at=${linked}`);
    expect(told).toMatchObject({ status: 200, json: { total: 3 } });
    expect(told.body).not.toContain(other);
  });
});
