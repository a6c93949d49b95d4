import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { validate } from '../../../shared/fhir/validate/validate.ts';
import { condition, NHS_NUMBERS, observation, patient, practitioner, RESTRICTED, registeredWith } from './resources.ts';
import { createWorld, FHIR_URL, type Told, type World } from './world.ts';

let world: World;
let person: string;
let merged: string;
const heartRate = () => observation(person, 'heart-rate');
const retracted = () => observation(person, 'mistake');
const secret = () => condition(person, 'secret', RESTRICTED);

beforeAll(async () => {
  world = await createWorld();
  person = world.personOf(NHS_NUMBERS[0]);
  merged = world.personOf(NHS_NUMBERS[1]);
  await world.contribute('uhd', 'uhd', practitioner('smith', 'Smith'));
  await world.contribute(person, 'surgery', patient(NHS_NUMBERS[0], registeredWith('X99030')));
  await world.contribute(
    person,
    'uhd',
    patient(NHS_NUMBERS[0], { birthDate: '1950', telecom: [{ system: 'phone', value: '01202 000000' }] }),
  );
  await world.contribute(person, 'uhd', heartRate(), retracted());
  await world.contribute(person, 'uhd', observation(person, 'heart-rate', { valueQuantity: { value: 80.5, unit: '/min' } }));
  await world.contribute(person, 'dch', secret());
  await world.retract(person, 'uhd', retracted());
});
afterAll(() => world?.engine.stop());

const idOf = (sent: ReturnType<typeof observation>, owner = 'uhd') => world.idOf(person, owner, sent);
/** A refusal as a client can compare it. */
const refusalOf = ({ status, body }: Told) => ({ status, body });

describe('read', () => {
  it('answers what was sent, with its version and when it was recorded', async () => {
    const id = idOf(heartRate());
    const { status, headers, json } = await world.ask(`Observation/${id}`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ resourceType: 'Observation', id, meta: { versionId: '2' }, valueQuantity: { value: 80.5 } });
    expect(headers).toMatchObject({ etag: 'W/"2"', 'last-modified': new Date(json.meta.lastUpdated).toUTCString() });
  });

  it('answers 304 to who has it already', async () => {
    const path = `Observation/${idOf(heartRate())}`;
    expect(await world.ask(path, { headers: { 'if-none-match': 'W/"2"' } })).toMatchObject({ status: 304, json: undefined });
    expect(await world.ask(path, { headers: { 'if-none-match': 'W/"1"' } })).toMatchObject({ status: 200 });
    const later = { 'if-modified-since': new Date(Date.now() + 5_000).toUTCString() };
    expect(await world.ask(path, { headers: later })).toMatchObject({ status: 304 });
  });

  it('answers HEAD as GET', async () => {
    expect(await world.ask(`Observation/${idOf(heartRate())}`, { method: 'HEAD' })).toMatchObject({
      status: 200,
      headers: { etag: 'W/"2"' },
    });
  });

  it('says of a retracted fragment that it is gone, to those who might have seen it', async () => {
    const path = `Observation/${idOf(retracted())}`;
    expect(await world.ask(path)).toMatchObject({ status: 410, json: { issue: [{ code: 'deleted' }] } });
    expect(await world.ask(path, { organisation: 'council' })).toMatchObject({ status: 404 });
  });

  it('gives the same answer for what is not there and for what must not be seen', async () => {
    const unknown = world.personOf(NHS_NUMBERS[3]);
    const answers = await Promise.all([
      world.ask(`Condition/${idOf(secret(), 'dch')}`),
      world.ask(`Condition/${idOf(condition(person, 'never sent'))}`),
      world.ask(`Condition/${idOf(heartRate())}`),
      world.ask(`Observation/${idOf(heartRate())}`, { organisation: 'council' }),
      world.ask(`Observation/${unknown}.${'a'.repeat(16)}`),
      world.ask(`Patient/${unknown}`),
      world.ask(`Patient/${person}`, { organisation: 'council' }),
      world.ask(`Patient/${person}/$everything`, { organisation: 'council' }),
      world.ask(`Patient/${unknown}/$everything`),
      world.ask(`Observation/${idOf(heartRate())}/_history`, { organisation: 'council' }),
      world.ask(`Observation/${unknown}.${'a'.repeat(16)}/_history`),
      world.ask(`Observation/${idOf(heartRate())}/_history/1`, { organisation: 'council' }),
      world.ask('Observation/123'),
      world.ask('Practitioner/uhd.aaaaaaaaaaaaaaaa'),
      world.ask('Practitioner/nobody.aaaaaaaaaaaaaaaa'),
    ]);
    const [first] = answers.map(refusalOf);
    expect(first?.status).toBe(404);
    for (const answer of answers) expect(refusalOf(answer)).toEqual(first);
  });

  it('shows what is restricted to its source', async () => {
    expect(await world.ask(`Condition/${idOf(secret(), 'dch')}`, { organisation: 'dch' })).toMatchObject({ status: 200 });
  });

  it('answers what any organisation tells of itself, to any partner', async () => {
    const id = world.idOf('uhd', 'uhd', practitioner('smith', 'Smith'));
    expect(await world.ask(`Practitioner/${id}`, { organisation: 'council' })).toMatchObject({ status: 200, json: { id } });
    expect(await world.ask(`Practitioner/${id}/_history`, { organisation: 'council' })).toMatchObject({
      json: { type: 'history', total: 1 },
    });
    const version = (name: string) => world.ask(`Practitioner/${id}/_history/${name}`, { organisation: 'council' });
    expect(await version(world.versionOf('uhd', 'uhd', practitioner('smith', 'Smith')))).toMatchObject({ status: 200 });
    for (const number of [1, 2]) expect(await version(String(number))).toMatchObject({ status: 404 });
  });

  it('writes prettily when asked to, with numbers as they were', async () => {
    const { body } = await world.ask(`Observation/${idOf(heartRate())}?_pretty=true`);
    expect(body).toContain('\n  "resourceType": "Observation"');
    expect(body).toContain('"value": 80.5');
  });
});

describe('the person', () => {
  it('is folded from every contributor, the registered practice first', async () => {
    const { status, headers, json } = await world.ask(`Patient/${person}`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ id: person, birthDate: '1950-06', telecom: [{ value: '01202 000000' }] });
    expect(json.link).toHaveLength(2);
    expect(headers?.etag).toBe(`W/"${json.meta.versionId}"`);
    expect(validate(json)).toEqual([]);
  });

  it('answers 304 until a contributor’s Patient changes', async () => {
    const { headers = {} } = await world.ask(`Patient/${person}`);
    const known = { headers: { 'if-none-match': headers.etag! } };
    await world.contribute(person, 'uhd', observation(person, 'another'));
    expect(await world.ask(`Patient/${person}`, known)).toMatchObject({ status: 304 });
    await world.contribute(person, 'uhd', patient(NHS_NUMBERS[0], { birthDate: '1950', maritalStatus: { text: 'Married' } }));
    expect(await world.ask(`Patient/${person}`, known)).toMatchObject({
      status: 200,
      json: { maritalStatus: { text: 'Married' } },
    });
  });

  it('has a history: one version for each change of a contributor’s Patient, each to be read again', async () => {
    const { json } = await world.ask(`Patient/${person}/_history`);
    expect(json).toMatchObject({ type: 'history', total: 3 });
    expect(validate(json)).toEqual([]);
    const { json: now } = await world.ask(`Patient/${person}`);
    expect(json.entry[0].resource).toEqual(now);
    const { versionId } = json.entry[2].resource.meta;
    expect(await world.ask(`Patient/${person}/_history/${versionId}`)).toMatchObject({
      status: 200,
      json: json.entry[2].resource,
    });
    expect(await world.ask(`Patient/${person}/_history/nonsense`)).toMatchObject({ status: 404 });
  });

  it('is also found by the id of a person merged into it', async () => {
    await world.contribute(merged, 'uhd', patient(NHS_NUMBERS[1], { birthDate: '1950-06-01' }));
    await world.link(person, merged);
    const { status, headers, json } = await world.ask(`Patient/${merged}`);
    expect({ status, id: json.id }).toEqual({ status: 200, id: person });
    expect(headers?.['content-location']).toBe(`${FHIR_URL}/Patient/${person}`);
    expect(json.identifier).toHaveLength(2);
    expect(json.link).toContainEqual({ other: { reference: `Patient/${merged}` }, type: 'replaces' });
    expect(await world.ask(`Patient/${world.idOf(merged, 'uhd', patient(NHS_NUMBERS[1]))}`)).toMatchObject({ status: 200 });
    expect(validate(json)).toEqual([]);
  });

  it('is gone when every Patient was retracted', async () => {
    const other = world.personOf(NHS_NUMBERS[2]);
    await world.contribute(other, 'uhd', patient(NHS_NUMBERS[2]), observation(other, 'x'));
    await world.retract(other, 'uhd', patient(NHS_NUMBERS[2]));
    expect(await world.ask(`Patient/${other}`)).toMatchObject({ status: 410 });
    const { json } = await world.ask(`Patient/${other}/_history`);
    expect(json.entry.map(({ request }: fhir4.BundleEntry) => request?.method)).toEqual(['DELETE', 'POST']);
    expect(await world.ask(`Patient/${other}/_history/${json.entry[0].response.etag.slice(3, -1)}`)).toMatchObject({
      status: 410,
    });
  });
});

describe('history', () => {
  it('tells every version, newest first, retractions too', async () => {
    const { json } = await world.ask(`Observation/${idOf(retracted())}/_history`);
    expect(json).toMatchObject({ resourceType: 'Bundle', type: 'history', total: 2 });
    expect(json.entry.map(({ request, response }: fhir4.BundleEntry) => [request?.method, response?.etag])).toEqual([
      ['DELETE', 'W/"2"'],
      ['POST', 'W/"1"'],
    ]);
    expect(json.entry[0]).not.toHaveProperty('resource');
    expect(validate(json)).toEqual([]);
  });

  it('answers one version, and says of a retraction that it is gone', async () => {
    expect(await world.ask(`Observation/${idOf(heartRate())}/_history/1`)).toMatchObject({
      json: { valueQuantity: { value: 72 } },
    });
    expect(await world.ask(`Observation/${idOf(retracted())}/_history/2`)).toMatchObject({ status: 410 });
  });

  it('comes in pages that do not shift when a version is added meanwhile', async () => {
    const sent = (value: number) => observation(person, 'paged', { valueQuantity: { value } });
    for (const value of [1, 2, 3]) await world.contribute(person, 'uhd', sent(value));
    const values: number[] = [];
    let url: string | undefined = `Observation/${idOf(sent(0))}/_history?_count=2`;
    while (url !== undefined) {
      const { json }: Told = await world.ask(url);
      values.push(...json.entry.map(({ resource }: fhir4.BundleEntry<fhir4.Observation>) => resource?.valueQuantity?.value));
      url = json.link.find(({ relation }: fhir4.BundleLink) => relation === 'next')?.url;
      if (url !== undefined) await world.contribute(person, 'uhd', sent(4));
    }
    expect(values).toEqual([3, 2, 1]);
  });

  it('since an instant tells what came after it', async () => {
    const { json } = await world.ask(`Observation/${idOf(heartRate())}/_history?_since=2099-01-01T00:00:00Z`);
    expect(json).toMatchObject({ total: 0 });
    expect(await world.ask(`Observation/${idOf(heartRate())}/_history?_since=never`)).toMatchObject({ status: 400 });
  });
});

describe('what is refused', () => {
  it.each([
    ['a request without a token', 'Patient/x', { caller: null }, 401],
    ['a type that R4 does not have', 'Nonsense/x', {}, 404],
    ['a type that is no fragment', 'Bundle/x', {}, 404],
    ['what only XML can answer', 'Patient/x', { headers: { accept: 'application/fhir+xml' } }, 406],
    ['_format=xml', 'Patient/x?_format=xml', {}, 406],
    ['what every JavaScript object has', 'constructor', {}, 404],
    ['what every JavaScript object does', 'toString', {}, 404],
    ['history of everything', '_history', {}, 405],
    ['history of a type', 'Observation/_history', {}, 405],
    ['an operation that there is not', 'Patient/x/$match', {}, 405],
    ['a method that does not read', 'Patient/x', { method: 'PUT' }, 405],
    ['a read without its scope', 'Observation/x', { scopes: ['system/Condition.rs', 'system/Observation.s'] }, 403],
    ['a search without its scope', 'Observation?patient=x', { scopes: ['system/Observation.r'] }, 403],
    ['everything without any scope to read', 'Patient/x/$everything', { scopes: ['system/*.s'] }, 403],
    ['a parameter that a read does not have, strictly', 'Patient/x?colour=1', { headers: { prefer: 'handling=strict' } }, 400],
    ['a summary that there is not', 'Patient/x?_summary=short', {}, 400],
    ['a path into nothing', 'Observation/x/y', {}, 405],
  ] as const)('%s', async (_, path, asked, status) => {
    const answer = await world.ask(path, asked);
    expect(answer.status).toBe(status);
    expect(validate(answer.json)).toEqual([]);
  });

  it('needs no token to say what the server can do', async () => {
    const { status, json } = await world.ask('metadata', { caller: null });
    expect({ status, type: json.resourceType }).toEqual({ status: 200, type: 'CapabilityStatement' });
    expect(validate(json)).toEqual([]);
  });
});
