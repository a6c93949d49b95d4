import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealAccessId } from '../../../shared/access/access-id.ts';
import { createWork, type Work } from '../../../shared/concurrency/work.ts';
import { logicalId } from '../../../shared/record/identity.ts';
import { NHS_NUMBERS, observation, patient } from './resources.ts';
import { type Asked, createWorld, type Sent, type Told, type World } from './world.ts';

const FRAGMENTS = 6_000;
const [nhsNumber] = NHS_NUMBERS;

let world: World;
let person: string;

/** A record in which everything refers to what came before it. */
beforeAll(async () => {
  world = await createWorld();
  person = world.personOf(nhsNumber);
  const idOf = (index: number) => logicalId(person, world.identity.fragment('uhd', 'Observation', `o${index}`));
  const sent = Array.from({ length: FRAGMENTS }, (_, index): Sent => {
    const before = index === 0 ? {} : { derivedFrom: [{ reference: `Observation/${idOf(index - 1)}` }] };
    return observation(person, `o${index}`, { ...before, valueQuantity: { value: index, unit: '/min' } });
  });
  await world.contribute(person, 'uhd', patient(nhsNumber), ...sent);
});
afterAll(() => world?.engine.stop());

/** Asks, and tells what the answer cost. */
async function askCounted(path: string, asked: Asked = {}, visits?: number): Promise<Told & { readonly work: Work }> {
  const works: Work[] = [];
  const told = await world.ask(path, asked, {
    createWork: (caller) => works[works.push(createWork(caller)) - 1]!,
    ...(visits === undefined ? {} : { searchBudget: { visits, cpuMs: Number.POSITIVE_INFINITY } }),
  });
  return { ...told, work: works[0]! };
}

const codesOf = ({ json }: Told): string[] =>
  json.issue.map(({ details }: fhir4.OperationOutcomeIssue) => details?.coding?.[0]?.code);
const list = (count: number, make: (index: number) => string) => Array.from({ length: count }, (_, index) => make(index));

/** Each would cost far more than its share if it were not bounded. */
const HEAVY: readonly (readonly [string, () => string])[] = [
  ['inclusions again and again', () => `_sort=-_id&_count=1000&${'_include:iterate=*&_revinclude:iterate=*&'.repeat(45)}`],
  ['a page that is cut down', () => '_count=1000&_include:iterate=*&_revinclude:iterate=*&_summary=true'],
  ['elements of a page that is cut down', () => '_count=1000&_include:iterate=*&_elements=code,status'],
  ['a chain of chains', () => `${'derived-from:Observation.'.repeat(4)}code=1`],
  ['many chains', () => list(90, (index) => `derived-from:Observation.code:not=x${index}`).join('&')],
  ['_has within _has', () => '_has:Observation:derived-from:_has:Observation:derived-from:code=1'],
  ['many _has', () => list(90, (index) => `_has:Observation:derived-from:code:not=x${index}`).join('&')],
  ['composites', () => `code-value-quantity=${list(100, (index) => `8867-4$gt${FRAGMENTS + index}`).join()}`],
  ['many composites', () => list(9, (index) => `code-value-quantity=${`1$gt${index},`.repeat(100)}`).join('&')],
  ['parts of texts', () => list(9, (index) => `code:text=${`x${index},`.repeat(100)}`).join('&')],
  ['many keys', () => `_sort=${'date,-date,code,-code,status,value-quantity,_id,_lastUpdated,'.repeat(20)}`],
  ['many conditions', () => list(98, (index) => `code:not=x${index}`).join('&')],
];

/** What people and systems ask all day. */
const PLAIN: readonly (readonly [string, () => string])[] = [
  ['a fragment', () => `Observation/${world.idOf(person, 'uhd', observation(person, 'o7'))}`],
  ['the person', () => `Patient/${person}`],
  ['everything', () => `Patient/${person}/$everything`],
  ['everything since', () => `Patient/${person}/$everything?start=2020-01-01&_count=1000`],
  ['patient and code', () => `Observation?patient=${person}&code=8867-4`],
  ['patient, code, date and order', () => `Observation?patient=${person}&code=8867-4&date=ge2020&_sort=-date&_count=1000`],
  ['a thousand ids', () => `Observation?patient=${person}&_id=${list(990, (index) => `${index}x`).join()}`],
];

describe('a heavy search', () => {
  it.each(HEAVY)('%s: is answered or refused within its budget, and gives way to others', async (_name, query) => {
    const told = await askCounted(`Observation?patient=${person}&${query()}`);
    expect([200, 422]).toContain(told.status);
    expect(told.work.visits).toBeLessThan(1_010_000);
    expect(told.work.longestSlice).toBeLessThan(3_000);
    expect(told.work.pauses).toBeGreaterThanOrEqual(Math.floor(told.work.visits / 3_000));
    if (told.status === 422) expect(new Set(codesOf(told))).toEqual(new Set(['too-costly']));
  });

  it('is refused with every part that can be narrowed, and what to do about it', async () => {
    const query = 'derived-from.code=1&_include:iterate=*&_revinclude=Provenance:target&status=final';
    const told = await askCounted(`Observation?patient=${person}&${query}`, {}, 100);
    expect(told.status).toBe(422);
    expect(told.json.issue).toMatchObject([
      { severity: 'error', code: 'too-costly', expression: ['Observation?_include'] },
      { expression: ['Observation?_revinclude'] },
      { expression: ['Observation?derived-from.code'] },
    ]);
    for (const { diagnostics } of told.json.issue) expect(diagnostics).toMatch(/^(Include fewer|Ask what)/);
  });

  it('is noted as refused, and is refused in the same words when it is replayed', async () => {
    const before = await world.looks(person);
    const told = await askCounted(`Observation?patient=${person}&_include:iterate=*`, {}, 100);
    const [look] = (await world.looks(person)).slice(before.length);
    expect(look).toMatchObject({ interaction: 'search', outcome: 'refused', status: 422 });
    const [at = '', id = ''] = String(look!.access).split('#');
    const event = sealAccessId(world.dependencies.auditKey, { person, at, id });
    const officer: Asked = {
      organisation: 'dch',
      scopes: ['user/*.rs'],
      viewer: { role: 'privacy-officer', purpose: 'investigation', staff: 'dorset|p1' },
    };
    const again = await world.ask(`AuditEvent/${event}/$replay`, officer);
    expect(again).toMatchObject({ headers: { 'chesil-replay': 'exact' }, body: told.body });
  });
});

describe('what is asked all day', () => {
  it.each(PLAIN)('%s: has no budget, and gives way to others', async (_name, path) => {
    const told = await askCounted(path(), {}, 0);
    expect(told.status).toBe(200);
    expect(told.work.longestSlice).toBeLessThan(3_000);
  });

  it('has no budget on its further pages', async () => {
    let told: Told = await askCounted(`Observation?patient=${person}&code=8867-4&_count=1000`, {}, 0);
    for (let pages = 1; pages < 4; pages++) {
      const next = told.json.link.find(({ relation }: fhir4.BundleLink) => relation === 'next').url;
      told = await askCounted(next, {}, 0);
      expect(told.status).toBe(200);
    }
  });
});
