import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { taskId } from '../../../shared/access/review/task.ts';
import { NHS_NUMBERS, observation, patient } from './resources.ts';
import { type Asked, createWorld, type Told, type World } from './world.ts';

let world: World;
let person: string;
let heartRate: string;

beforeAll(async () => {
  world = await createWorld();
  person = world.personOf(NHS_NUMBERS[0]);
  const [first, second] = [observation(person, 'first'), observation(person, 'second')];
  heartRate = `Observation/${world.idOf(person, 'uhd', first)}`;
  await world.contribute(person, 'uhd', patient(NHS_NUMBERS[0]), first, second);
  await world.contribute(person, 'uhd', observation(person, 'first', { status: 'amended' }));
  for (const hour of ['1', '2']) {
    const at = `2026-11-24T0${hour}:00:00.000Z`;
    const id = taskId({ organisation: 'uhd', at, name: 'abc'[Number(hour)]!.repeat(16) });
    const about = { organisation: 'uhd', at, person, staff: 'dorset|n', role: 'clinician', evidence: [] } as const;
    await world.dependencies.tasks.raise({ id, kind: 'finding', rule: 'same-surname', ...about });
  }
});
afterAll(() => world?.engine.stop());

/** A browser that is not asked for JSON by anything but the address. */
const BROWSER = { headers: { accept: 'text/html' } };
const OFFICER: Asked = {
  organisation: 'uhd',
  scopes: ['user/*.rs'],
  viewer: { role: 'privacy-officer', purpose: 'investigation', staff: 'dorset|p1', name: 'Olive Officer' },
};
const linkOf = ({ json }: Told, wanted: string): string | undefined =>
  json.link.find(({ relation }: fhir4.BundleLink) => relation === wanted)?.url;

/** Whatever answers in pages. */
const PAGED = [
  'Patient/{person}/$everything?_count=1',
  'Observation?patient={person}&_count=1',
  'Patient/{person}/Observation?_count=1',
  '{heart-rate}/_history?_count=1',
  'AuditEvent?patient={person}&_count=1',
  '$review-queue?_count=1',
];

describe('the form that an address asks for', () => {
  it.each(PAGED)('is carried to later pages: %s', async (path) => {
    const asker = path.startsWith('AuditEvent') || path.startsWith('$') ? OFFICER : {};
    const address = path.replace('{person}', person).replace('{heart-rate}', heartRate);
    await world.ask(address, asker);
    await world.ask(address, asker);
    const first = await world.ask(`${address}&_format=json&_pretty=true`, { ...asker, ...BROWSER });
    expect(first.body).toContain('\n  "resourceType": "Bundle"');
    for (const relation of ['self', 'next']) {
      const url = linkOf(first, relation);
      expect(new URL(url!).search).toMatch(/_format=json&_pretty=true$/);
      const followed = await world.ask(url!, { ...asker, ...BROWSER });
      expect(followed.status).toBe(200);
      expect(followed.body).toContain('\n  "resourceType": "Bundle"');
    }
  });

  it.each(PAGED)('is in no address where none was asked for: %s', async (path) => {
    const asker = path.startsWith('AuditEvent') || path.startsWith('$') ? OFFICER : {};
    const told = await world.ask(path.replace('{person}', person).replace('{heart-rate}', heartRate), asker);
    expect(JSON.stringify(told.json.link)).not.toMatch(/_format|_pretty/);
  });

  it('comes back as one word, whatever was sent', async () => {
    const told = await world.ask(`Observation?patient=${person}&_format=application/fhir%2Bjson;x=9990000018`, BROWSER);
    expect(linkOf(told, 'self')).toMatch(/&_format=json$/);
    expect(told.body).not.toContain('9990000018"');
  });

  it('is that of the replay', async () => {
    await world.ask(`Observation?patient=${person}&_count=1&_format=json&_pretty=true`, BROWSER);
    const { json } = await world.ask(`AuditEvent?patient=${person}&_count=1`, OFFICER);
    const replayed = await world.ask(`AuditEvent/${json.entry[0].resource.id}/$replay`, OFFICER);
    expect(replayed.json).toMatchObject({ type: 'searchset', total: 2 });
    expect(replayed.headers).toMatchObject({ 'chesil-replay': 'exact' });
  });
});
