import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServeDependencies } from '../../../functions/serve/context.ts';
import { createSources } from '../../../shared/directory/sources.ts';
import { condition, NHS_NUMBERS, observation, patient, practitioner, RESTRICTED, registeredWith } from './resources.ts';
import { type Asked, createWorld, FHIR_URL, type Sent, type Told, type World } from './world.ts';

let world: World;
let person: string;
let stranger: string;
/** The local person of uhd that was linked with `person` when the number arrived. */
let local: string;

const own = (sent: Sent, ownId: string): Sent => ({ ...sent, ownId });
const weight = () => own(observation(person, 'weight'), 'mine-1');
const height = () => own(observation(local, 'height', { encounter: { reference: `Encounter/${stayId()}` } }), 'mine-2');
const mistake = () => own(observation(person, 'mistake'), 'mistake');
const stay = () =>
  own(
    { source: 'stay', resource: { resourceType: 'Encounter', status: 'finished', subject: { reference: `Patient/${local}` } } },
    'stay',
  );
const stayId = () => world.idOf(local, 'uhd', stay());
const ownPatient = () => own(patient(NHS_NUMBERS[0], { birthDate: '1950' }), 'pas-1');
const theirs = () => own(condition(person, 'theirs', RESTRICTED), 'secret');

beforeAll(async () => {
  world = await createWorld();
  [person, stranger] = [world.personOf(NHS_NUMBERS[0]), world.personOf(NHS_NUMBERS[1])];
  local = world.identity.person({ system: 'https://uhd.example/mrn', value: 'L-1' }, 'uhd');
  await world.contribute('uhd', 'uhd', own(practitioner('smith', 'Smith'), 'smith'));
  await world.contribute(person, 'surgery', patient(NHS_NUMBERS[0], registeredWith('X99030')));
  await world.contribute(person, 'uhd', ownPatient(), weight(), mistake());
  await world.contribute(person, 'uhd', own(observation(person, 'weight', { valueQuantity: { value: 80 } }), 'mine-1'));
  await world.contribute(local, 'uhd', stay(), height());
  await world.link(person, local);
  await world.retract(person, 'uhd', mistake());
  await world.contribute(person, 'dch', theirs());
  await world.contribute(stranger, 'uhd', patient(NHS_NUMBERS[1]), own(observation(stranger, 'other'), 'mine-3'));
  for (const [id, subject] of [
    ['mine-1', person],
    ['mine-2', local],
    ['mistake', person],
    ['mine-3', stranger],
  ] as const)
    await world.leadOwnId('uhd', 'Observation', id, subject);
  await world.leadOwnId('uhd', 'Encounter', 'stay', local);
  // The Patient stays where it was written; its names lead to the organisation's own local person.
  await world.leadOwnId('uhd', 'Patient', 'pas-1', local);
  await world.leadOwnId('dch', 'Condition', 'secret', person);
});
afterAll(() => world?.engine.stop());

const idOf = (sent: Sent, subject = person) => world.idOf(subject, 'uhd', sent);
const found = ({ json }: Told): string[] => (json.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id);

/** What is told, without what every answer has of its own. */
const said = ({ status, headers, body }: Told) => ({
  status,
  headers,
  body: body?.replaceAll(/_cursor=[\w-]+|"lastUpdated":"[^"]+"|"(?:id|timestamp)":"(?:[0-9a-f-]{36}|\d{4}-[^"]+)"/g, ''),
});

/** What an answer is, how often a name was looked up for it, and what is noted of it. */
async function asked(path: string, as: Asked = {}) {
  let lookups = 0;
  const { store } = world.dependencies;
  const alias: ServeDependencies['store']['alias'] = (name) => {
    lookups++;
    return store.alias(name);
  };
  const before = await notedOf();
  const told = await world.ask(path, as, { store: { ...store, alias } });
  return { told, lookups, noted: (await notedOf()).slice(before.length) };
}

async function notedOf() {
  const looks = [...(await world.looks(person)), ...(await world.looks(local)), ...(await world.looks(stranger))];
  return looks.map(({ access, requestId: _id, sealedRequest: _sealed, digest: _digest, ...look }) => ({
    ...look,
    at: String(access).length,
  }));
}

describe('a resource by the id that its own system gave it', () => {
  it.each<[string, string, () => string, string?]>([
    ['is read', 'Observation/mine-1', () => `Observation/${idOf(weight())}`],
    ['is read in the record of somebody linked', 'Observation/mine-2', () => `Observation/${idOf(height(), local)}`],
    ['is read in part', 'Observation/mine-1?_elements=status', () => `Observation/${idOf(weight())}?_elements=status`],
    ['is gone', 'Observation/mistake', () => `Observation/${idOf(mistake())}`],
    ['is read in a version', 'Observation/mine-1/_history/1', () => `Observation/${idOf(weight())}/_history/1`],
    ['has versions that are not there', 'Observation/mine-1/_history/7', () => `Observation/${idOf(weight())}/_history/7`],
    ['has a history', 'Observation/mine-1/_history', () => `Observation/${idOf(weight())}/_history`],
    ['has pages of a history', 'Observation/mine-1/_history?_count=1', () => `Observation/${idOf(weight())}/_history?_count=1`],
    ['is its own Patient', 'Patient/pas-1', () => `Patient/${idOf(ownPatient())}`],
    ['has everything', 'Patient/pas-1/$everything', () => `Patient/${idOf(ownPatient())}/$everything`],
    ['has pages of everything', 'Patient/pas-1/$everything?_count=2', () => `Patient/${idOf(ownPatient())}/$everything?_count=2`],
    ['is not there for another type', 'Condition/mine-1', () => `Condition/${person}.aaaaaaaaaaaaaaaa`, 'no note'],
  ])('%s', async (_, path, ours, differs) => {
    const [byOwn, byOurs] = [await asked(path), await asked(ours())];
    expect(said(byOwn.told)).toEqual(said(byOurs.told));
    expect([byOwn.lookups, byOurs.lookups]).toEqual([1, 0]);
    if (differs === undefined) expect(byOwn.noted).toEqual(byOurs.noted);
    expect(byOurs.noted).toHaveLength(1);
  });

  it('is confirmed to who has it already, and found by HEAD', async () => {
    const headers = { 'if-none-match': 'W/"2"' };
    expect((await world.ask('Observation/mine-1', { headers })).status).toBe(304);
    expect(await world.ask('Observation/mine-1', { method: 'HEAD' })).toMatchObject({ status: 200, headers: { etag: 'W/"2"' } });
  });

  it('goes on, page by page, at addresses of ours', async () => {
    const first = await world.ask('Observation/mine-1/_history?_count=1');
    const next = first.json.link.find(({ relation }: fhir4.BundleLink) => relation === 'next').url;
    expect(next).toContain(`${FHIR_URL}/Observation/${idOf(weight())}/_history?`);
    expect((await world.ask(next)).json.entry).toHaveLength(1);
  });

  it('is what its organisation tells of itself too, without any look-up', async () => {
    const { told, lookups } = await asked('Practitioner/smith');
    expect([told.status, told.json.name, lookups]).toEqual([200, [{ family: 'Smith' }], 0]);
    expect((await world.ask('Practitioner/smith/_history')).json.total).toBe(1);
    expect(found(await world.ask('Practitioner?_id=smith'))).toEqual([told.json.id]);
    expect((await world.ask('Practitioner/smith', { organisation: 'dch' })).status).toBe(404);
  });

  it('leads nobody else there: the answer is that for an id that nobody gave', async () => {
    const callers: Asked[] = [
      { organisation: 'dch' },
      { source: 'laboratory' },
      { scopes: ['user/*.rs'], viewer: { role: 'clinician', purpose: 'direct-care', staff: 'dorset|n1' } },
      { scopes: ['patient/*.rs'], viewer: { organisation: 'people', role: 'person', purpose: 'own-access', person } },
    ];
    for (const caller of callers)
      for (const path of [
        'Observation/mine-1',
        'Observation/mine-1/_history',
        'Observation/mine-1/_history/1',
        'Patient/pas-1/$everything',
        'Observation?_id=mine-1',
        'Patient?_id=pas-1',
        'Observation?patient=pas-1',
      ]) {
        const made = path.replace('mine-1', 'made-1').replace('pas-1', 'pad-1');
        const [real, none] = [await asked(path, caller), await asked(made, caller)];
        const plain = (told: Told) => JSON.stringify(said(told)).replaceAll(/m(?:in|ad)e-1|pa[sd]-1/g, 'x');
        expect(plain(real.told)).toBe(plain(none.told));
        // A person who names nobody asks of their own record, and that is an access, whatever the id.
        expect(real.noted.length).toBe(none.noted.length);
        if (caller.viewer?.person === undefined) expect(real.noted).toEqual([]);
        if (caller.viewer !== undefined) expect(real.lookups).toBe(0);
      }
  });

  it('is withheld as it is by our id', async () => {
    const dch: Asked = { organisation: 'dch' };
    expect((await world.ask('Condition/secret', dch)).status).toBe(200);
    const council: Asked = { organisation: 'council' };
    await world.leadOwnId('council', 'Observation', 'mine-1', person);
    const [byOwn, byOurs] = [
      await asked('Observation/mine-1', council),
      await asked(`Observation/${person}.aaaaaaaaaaaaaaaa`, council),
    ];
    expect(said(byOwn.told)).toEqual(said(byOurs.told));
    expect(byOwn.noted).toEqual(byOurs.noted);
    expect(byOwn.noted).toMatchObject([{ outcome: 'refused' }]);
  });

  it('is refused without the scope, and noted, as by our id', async () => {
    const scopes = ['system/Condition.rs'];
    const [byOwn, byOurs] = [
      await asked('Observation/mine-1', { scopes }),
      await asked(`Observation/${idOf(weight())}`, { scopes }),
    ];
    expect(said(byOwn.told)).toEqual(said(byOurs.told));
    expect(byOwn.noted).toEqual(byOurs.noted);
    expect(byOwn.noted).toHaveLength(1);
  });

  it('is not read for a source whose ids do not last', async () => {
    const sources = createSources([
      { organisation: 'uhd', name: 'main', tracesNhsNumbers: false, patientIdentifiers: [], stableIds: false },
    ]);
    expect((await world.ask('Observation/mine-1', {}, { sources })).status).toBe(404);
    expect((await world.ask('Observation?_id=mine-1', {}, { sources })).status).toBe(400);
  });
});

describe('a search by ids of the caller’s own system', () => {
  it.each<[string, string, number, () => string[]]>([
    ['one', 'Observation?_id=mine-1', 1, () => [idOf(weight())]],
    ['several of one person', 'Observation?_id=mine-1,mine-2', 2, () => [idOf(weight()), idOf(height(), local)]],
    ['one that is not there among them', 'Observation?_id=mine-1,nothing', 2, () => [idOf(weight())]],
    ['one that was retracted', 'Observation?_id=mistake', 1, () => []],
    ['one that nobody gave', 'Observation?_id=nothing', 1, () => []],
    ['all but one', 'Observation?patient=pas-1&_id:not=mine-1', 1, () => [idOf(height(), local)]],
    ['a Patient', 'Patient?_id=pas-1', 1, () => [idOf(ownPatient())]],
    ['a person by their own Patient', 'Observation?patient=pas-1&_id=mine-2', 1, () => [idOf(height(), local)]],
    ['a subject', 'Observation?subject=Patient/pas-1&_id=mine-2', 1, () => [idOf(height(), local)]],
    ['a compartment', 'Patient/pas-1/Encounter', 1, () => [stayId()]],
    ['a reference', 'Observation?encounter=Encounter/stay', 1, () => [idOf(height(), local)]],
    ['nothing by a reference of a sole type', 'DiagnosticReport?result=mine-1', 1, () => []],
  ])('finds %s', async (_, path, lookups, expected) => {
    const answer = await asked(path);
    expect(answer.told.status).toBe(200);
    expect(found(answer.told).sort()).toEqual(expected().sort());
    expect(answer.lookups).toBe(lookups);
  });

  it('looks nothing up where an id of ours says whose record it is', async () => {
    for (const path of [
      `Observation?patient=${person}&_id=mine-1,mine-2`,
      `Observation?_id=mine-2,${idOf(weight())},nothing`,
      `Observation?_id=${idOf(weight())},mine-2`,
    ]) {
      const { told, lookups } = await asked(path);
      expect(found(told).sort()).toEqual([idOf(weight()), idOf(height(), local)].sort());
      expect(lookups).toBe(0);
    }
    const patients = await asked(`Patient?_id=${person},pas-1`);
    expect(found(patients.told).sort()).toEqual([person, idOf(ownPatient())].sort());
  });

  it('is in the record of one person', async () => {
    expect((await world.ask('Observation?_id=mine-1,mine-3')).status).toBe(400);
    const many = Array.from({ length: 21 }, (_, index) => `many-${index}`).join(',');
    const { told, lookups } = await asked(`Observation?_id=${many}`);
    expect([told.status, told.json.issue[0].details.coding[0].code, lookups]).toEqual([400, 'search-unbounded', 0]);
  });

  it('gives out no id of the caller’s own that may name a person', async () => {
    await world.leadOwnId('uhd', 'Patient', NHS_NUMBERS[0], person);
    const { told } = await asked(`Observation?patient=${NHS_NUMBERS[0]}`);
    expect(found(told)).toContain(idOf(weight()));
    expect(JSON.stringify(told.json.link)).not.toContain(NHS_NUMBERS[0]);
    expect(told.json.link[0].url).toContain(`patient=${person}`);
  });
});
