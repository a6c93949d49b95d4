import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NHS_NUMBER } from '../../../shared/fhir/systems.ts';
import { validate } from '../../../shared/fhir/validate/validate.ts';
import { condition, NHS_NUMBERS, observation, patient, practitioner, RESTRICTED } from './resources.ts';
import { createWorld, FHIR_URL, type Told, type World } from './world.ts';

let world: World;
let person: string;
let merged: string;
let smith: string;
const [nhsNumber, mergedNumber, unknownNumber] = NHS_NUMBERS;
const MRN = { system: 'https://uhd.example/mrn', value: 'A-77' };

beforeAll(async () => {
  world = await createWorld();
  person = world.personOf(nhsNumber);
  merged = world.personOf(mergedNumber);
  smith = `Practitioner/${world.idOf('uhd', 'uhd', practitioner('smith', 'Smith'))}`;
  await world.contribute('uhd', 'uhd', practitioner('smith', 'Smith'), practitioner('jones', 'Jones'));
  await world.contribute('dch', 'dch', practitioner('smith', 'Smith'));
  await world.contribute(
    person,
    'uhd',
    patient(nhsNumber),
    observation(person, 'one', { performer: [{ reference: smith }] }),
    observation(person, 'two', { effectiveDateTime: '2024-01', valueQuantity: { value: 95 } }),
    condition(person, 'diabetes'),
  );
  await world.contribute(person, 'dch', patient(nhsNumber), condition(person, 'secret', RESTRICTED));
  await world.contribute(merged, 'uhd', patient(mergedNumber), observation(merged, 'three', { effectiveDateTime: '2023' }));
  await world.link(person, merged);
});
afterAll(() => world?.engine.stop());

const search = async (address: string, asked = {}) => {
  const told = await world.ask(address, asked);
  if (told.status === 200) expect(validate(told.json)).toEqual([]);
  return told;
};
const entries = ({ json }: Told, mode: string): fhir4.BundleEntry[] =>
  (json.entry ?? []).filter((entry: fhir4.BundleEntry) => entry.search?.mode === mode);
const matches = (told: Told) => entries(told, 'match').map(({ resource }) => `${resource?.resourceType}/${resource?.id}`);
const linkOf = ({ json }: Told, relation: string): string | undefined =>
  json.link.find((link: fhir4.BundleLink) => link.relation === relation)?.url;

describe('a search in one record', () => {
  it.each([
    ['Observation?patient={person}', 3],
    ['Observation?subject=Patient/{person}', 3],
    ['Observation?patient={merged}', 3],
    ['Observation?patient.identifier=https://fhir.nhs.uk/Id/nhs-number|{nhs}', 3],
    ['Observation?patient={person}&code=8867-4&date=ge2025', 1],
    ['Observation?patient={person}&value-quantity=gt90', 1],
    ['Observation?patient={person}&code=nothing', 0],
    ['Observation?patient={person}&performer.family=Smith', 1],
    ['Observation?patient={person}&patient.gender=female', 3],
    ['Patient/{person}/Observation', 3],
    ['Patient/{person}/Condition?code=44054006', 1],
    ['Condition?patient={person}', 1],
    ['Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|{nhs}', 1],
    ['Patient?identifier={nhs}', 1],
    ['Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|{mergedNhs}', 1],
    ['Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|{spacedNhs}', 1],
    ['Patient?identifier={spacedNhs}', 1],
    ['Observation?patient.identifier=https://fhir.nhs.uk/Id/nhs-number|{spacedNhs}', 3],
    ['Observation?subject:Patient.identifier={spacedNhs}', 3],
    ['Observation?patient={person}&patient.identifier=https://fhir.nhs.uk/Id/nhs-number|{spacedNhs}', 3],
    ['Patient?_id={person}', 1],
    ['Patient?_id={merged}', 1],
    ['Patient?_id={person}&gender=male', 0],
  ])('%s', async (address, count) => {
    const filled = address
      .replace('{person}', person)
      .replace('{merged}', merged)
      .replace('{nhs}', nhsNumber)
      .replace('{mergedNhs}', mergedNumber)
      .replace('{spacedNhs}', `${nhsNumber.slice(0, 3)}%20${nhsNumber.slice(3, 6)}%20${nhsNumber.slice(6)}`);
    const told = await search(filled);
    expect({ status: told.status, total: told.json.total, shown: matches(told).length }).toEqual({
      status: 200,
      total: count,
      shown: count,
    });
    expect(linkOf(told, 'self')).not.toMatch(/999000/);
    expect(await search(linkOf(told, 'self')!)).toMatchObject({ json: { total: count } });
  });

  it('finds the person by any identifier, once, by the id of the survivor', async () => {
    for (const number of [nhsNumber, mergedNumber]) {
      const told = await search(`Patient?identifier=${encodeURIComponent(`${NHS_NUMBER}|${number}`)}`);
      expect(matches(told)).toEqual([`Patient/${person}`]);
      expect(linkOf(told, 'self')).toBe(`${FHIR_URL}/Patient?_id=${person}`);
    }
  });

  it('finds the caller’s own patient by the caller’s own number, and nobody by that of another organisation', async () => {
    const local = world.identity.person(MRN, 'uhd');
    await world.contribute(local, 'uhd', {
      source: 'mrn',
      resource: { resourceType: 'Patient', identifier: [MRN], name: [{ family: 'Baby' }] },
    });
    const address = `Patient?identifier=${encodeURIComponent(`${MRN.system}|${MRN.value}`)}`;
    const told = await search(address);
    expect(matches(told)).toEqual([`Patient/${local}`]);
    expect(linkOf(told, 'self')).not.toContain(MRN.value);
    expect(matches(await search(address, { organisation: 'dch' }))).toEqual([]);
  });

  it('finds a contributor’s own Patient by its own id', async () => {
    const id = world.idOf(person, 'dch', patient(nhsNumber));
    expect(matches(await search(`Patient?_id=${id}`))).toEqual([`Patient/${id}`]);
  });

  it('includes what is asked for, and not what the scopes or the policies hide', async () => {
    const address = `Observation?patient=${person}&_include=Observation:performer&_include=Observation:subject`;
    const told = await search(address);
    expect(
      entries(told, 'include')
        .map(({ resource }) => resource?.resourceType)
        .sort(),
    ).toEqual(['Patient', 'Practitioner']);
    const narrow = await search(address, { scopes: ['system/Observation.rs', 'system/Practitioner.r'] });
    expect(entries(narrow, 'include').map(({ resource }) => resource?.resourceType)).toEqual(['Practitioner']);
    const reverse = await search(`Patient?_id=${person}&_revinclude=Condition:subject&_revinclude=Observation:patient`);
    expect(entries(reverse, 'include')).toHaveLength(4);
  });

  it('does not tell by a chain what the scopes hide', async () => {
    const address = `Observation?patient=${person}&patient.gender=female`;
    expect(await search(address, { scopes: ['system/Observation.rs'] })).toMatchObject({ json: { total: 0 } });
  });

  it('can be sorted, summed up and cut down', async () => {
    const sorted = await search(`Observation?patient=${person}&_sort=-date`);
    const dates = entries(sorted, 'match').map(({ resource }) => (resource as fhir4.Observation).effectiveDateTime);
    expect(dates).toEqual(['2026-03-01T10:00:00Z', '2024-01', '2023']);
    expect((await search(`Observation?patient=${person}&_summary=count`)).json).toMatchObject({ total: 3 });
    expect((await search(`Observation?patient=${person}&_total=none`)).json).not.toHaveProperty('total');
    const { json } = await search(`Observation?patient=${person}&_elements=code`);
    expect(json.entry[0].resource).toMatchObject({
      meta: { tag: expect.arrayContaining([expect.objectContaining({ code: 'SUBSETTED' })]) },
    });
    expect(json.entry[0].resource).not.toHaveProperty('valueQuantity');
    const one = await world.ask(`${matches(sorted)[0]}?_elements=code`);
    expect(one.json).toHaveProperty('code');
    expect(one.json).not.toHaveProperty('valueQuantity');
  });

  it('answers for a person who must not be seen as for one who is not known', async () => {
    const hidden = await search(`Observation?patient=${person}`, { organisation: 'council' });
    const unknown = await search(`Observation?patient=${world.personOf(unknownNumber)}`, { organisation: 'council' });
    const comparable = ({ json }: Told, id: string) =>
      JSON.stringify({ ...json, meta: '', timestamp: '' }).replaceAll(id, '<id>');
    expect(hidden.json.total).toBe(0);
    expect(comparable(hidden, person)).toBe(comparable(unknown, world.personOf(unknownNumber)));
    expect((await search(`Patient?identifier=${NHS_NUMBER}|${mergedNumber}`, { organisation: 'council' })).json.total).toBe(0);
    expect(
      await search(`Patient?identifier=${NHS_NUMBER}|${mergedNumber}`, { organisation: 'council' }).then((told) =>
        linkOf(told, 'self'),
      ),
    ).not.toContain(person);
  });

  it.each([
    ['Observation', 'search-unbounded'],
    ['Observation?code=8867-4', 'search-unbounded'],
    ['Patient?name=Purbeck', 'search-unbounded'],
    ['Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|9990000010', 'bad-nhs-number'],
    ['Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|999 000 0010', 'bad-nhs-number'],
    ['Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|0000000000', 'bad-nhs-number'],
    ['Observation?patient.identifier=https://fhir.nhs.uk/Id/nhs-number|9999999999', 'bad-nhs-number'],
    ['Patient?identifier=0000000000', 'search-unbounded'],
    ['Observation?patient={person}&date=yesterday', 'bad-parameter'],
    ['Observation?patient={person}&_count=x', 'bad-parameter'],
    ['Observation?_cursor=x', 'bad-cursor'],
  ])('%s is refused: %s', async (address, code) => {
    const { status, json } = await world.ask(address.replace('{person}', person));
    expect({ status, code: json.issue[0].details.coding[0].code }).toEqual({ status: 400, code });
  });

  it('names a parameter that it does not know, or refuses it', async () => {
    const told = await search(`Observation?patient=${person}&favourite=1`);
    expect(entries(told, 'outcome')).toHaveLength(1);
    expect(told.json.total).toBe(3);
    expect(
      await world.ask(`Observation?patient=${person}&favourite=1`, { headers: { prefer: 'handling=strict' } }),
    ).toMatchObject({ status: 400 });
  });

  it('may be posted', async () => {
    expect(await search(`Observation/_search?patient=${person}`, { method: 'POST' })).toMatchObject({ json: { total: 3 } });
  });
});

describe('pages of a search', () => {
  it('hold each match once, in order, while others write', async () => {
    const other = world.personOf(unknownNumber);
    const many = Array.from({ length: 25 }, (_, index) =>
      observation(other, `n-${index}`, { effectiveDateTime: `2020-01-${10 + (index % 10)}` }),
    );
    await world.contribute(other, 'uhd', patient(unknownNumber), ...many);
    const address = `Observation?patient.identifier=${NHS_NUMBER}|${unknownNumber}&_sort=date`;
    const whole = matches(await search(address));
    expect(whole).toHaveLength(25);
    const found: string[] = [];
    for (let url: string | undefined = `${address}&_count=10`; url !== undefined; ) {
      const told: Told = await search(url);
      found.push(...matches(told));
      url = linkOf(told, 'next');
      if (url !== undefined) expect(url).not.toContain(unknownNumber);
      await world.contribute(other, 'uhd', observation(other, 'new', { effectiveDateTime: '2019' }));
      await world.retract(other, 'uhd', many[0]!);
    }
    expect(found).toEqual(whole);
  });

  it('are of a hundred matches unless another number is asked for, and never of more than a thousand', async () => {
    const other = world.personOf(NHS_NUMBERS[3]);
    const many = Array.from({ length: 1_005 }, (_, index) => observation(other, `n-${index}`));
    await world.contribute(other, 'uhd', patient(NHS_NUMBERS[3]), ...many);
    expect(matches(await world.ask(`Observation?patient=${other}`))).toHaveLength(100);
    expect(matches(await world.ask(`Observation?patient=${other}&_count=5000`))).toHaveLength(1_000);
  });
});

describe('a search in a directory', () => {
  it('is of the caller’s own organisation', async () => {
    expect(matches(await search('Practitioner?family=Smith'))).toEqual([smith]);
    expect(matches(await search('Practitioner'))).toHaveLength(2);
    expect(matches(await search('Practitioner', { organisation: 'council' }))).toEqual([]);
  });

  it('comes in pages too', async () => {
    const first = await search('Practitioner?_count=1');
    const second = await search(linkOf(first, 'next')!);
    expect(new Set([...matches(first), ...matches(second)]).size).toBe(2);
    expect(linkOf(second, 'next')).toBeUndefined();
  });
});
