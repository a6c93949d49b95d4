import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { validate } from '../../../shared/fhir/validate/validate.ts';
import { condition, NHS_NUMBERS, observation, patient } from './resources.ts';
import { type Asked, createWorld, type World } from './world.ts';

let world: World;
let person: string;

beforeAll(async () => {
  world = await createWorld();
  person = world.personOf(NHS_NUMBERS[0]);
  await world.contribute(person, 'uhd', patient(NHS_NUMBERS[0]), observation(person, 'one'), condition(person, 'diabetes'));
});
afterAll(() => world?.engine.stop());

const OFFICER: Asked = {
  organisation: 'uhd',
  scopes: ['user/*.rs'],
  viewer: { role: 'privacy-officer', purpose: 'investigation', staff: 'dorset|p1', name: 'Olive Officer' },
};
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', ...(parameter.length > 0 ? { parameter } : {}) });
const post = (path: string, body?: unknown, asked: Asked = {}) => world.ask(path, { ...asked, method: 'POST', body });
const everything = (body?: unknown, query = '') => post(`Patient/${person}/$everything${query}`, body);
/** Without what differs between two answers made one after the other. */
const stable = (body = '') => body.replaceAll(/"(lastUpdated|timestamp)":"[^"]+"/g, '');

describe('an operation that changes nothing, by POST', () => {
  it.each([
    ['without a body', undefined],
    ['with Parameters that hold nothing', parameters()],
  ])('answers as by GET: %s', async (_, body) => {
    const told = await everything(body);
    expect(told).toMatchObject({ status: 200, json: { total: 4 } });
    expect(stable(told.body)).toBe(stable((await world.ask(`Patient/${person}/$everything`)).body));
    expect(validate(told.json)).toEqual([]);
  });

  it('takes its parameters from the body, repeated ones too, beside those of the address', async () => {
    const types = ['Observation', 'Condition'].map((type) => ({ name: '_type', valueCode: type }));
    expect((await everything(parameters(...types))).json.total).toBe(2);
    expect((await everything(parameters(types[0]!), '?_type=Condition')).json.total).toBe(2);
    const paged = await everything(parameters({ name: '_count', valueInteger: 1 }));
    const next = paged.json.link.find(({ relation }: fhir4.BundleLink) => relation === 'next').url;
    expect((await world.ask(next)).json.entry[0].resource.id).not.toBe(person);
  });

  it.each([
    ['start', { valueDate: '2019' }, { valueDate: '2099' }],
    ['_since', { valueInstant: '2020-01-01T00:00:00Z' }, { valueInstant: '2099-01-01T00:00:00Z' }],
  ])('reads %s', async (name, before, after) => {
    expect((await everything(parameters({ name, ...before }, { name: '_type', valueCode: 'Observation' }))).json.total).toBe(1);
    expect((await everything(parameters({ name, ...after }, { name: '_type', valueCode: 'Observation' }))).json.total).toBe(0);
  });

  it.each([
    ['another resource', { resourceType: 'Patient' }, 'bad-parameters'],
    ['a parameter without a value', parameters({ name: '_type' }), 'bad-parameters'],
    ['a parameter with parts', parameters({ name: '_type', part: [{ name: 'x', valueCode: 'y' }] }), 'bad-parameters'],
    ['a parameter with two values', parameters({ name: '_type', valueCode: 'Observation', valueString: 'x' }), 'bad-parameters'],
    ['a list in place of Parameters', [], 'bad-parameters'],
    ['a value that cannot be read', parameters({ name: 'start', valueString: 'soon' }), 'bad-parameter'],
    ['no JSON', '{', 'not-json'],
  ])('is refused with %s', async (_, body, code) => {
    const { status, json } = await everything(body);
    expect({ status, code: json.issue[0].details.coding[0].code }).toEqual({ status: 400, code });
  });

  it('is refused with a body of another type', async () => {
    const asked = { headers: { 'content-type': 'application/fhir+xml' } };
    expect((await post(`Patient/${person}/$everything`, '<Parameters/>', asked)).status).toBe(415);
  });

  it('is noted as an access, and can be replayed', async () => {
    await everything(parameters({ name: '_type', valueCode: 'Condition' }));
    const { json } = await world.ask(`AuditEvent?patient=${person}&_count=1`, OFFICER);
    for (const method of ['GET', 'POST']) {
      const replayed = await world.ask(`AuditEvent/${json.entry[0].resource.id}/$replay`, { ...OFFICER, method });
      expect(replayed).toMatchObject({ status: 200, headers: { 'chesil-replay': 'exact' }, json: { total: 1 } });
    }
  });

  it('is every one of them', async () => {
    expect((await post('Organization/$feeds')).json.resourceType).toBe('Parameters');
    expect((await post('$review-queue', parameters({ name: '_count', valueInteger: 5 }), OFFICER)).status).toBe(200);
  });
});

describe('what is not supported', () => {
  it.each([
    ['GET', '$nothing', 'There is no operation $nothing here. There are: $review-queue.'],
    ['GET', 'Patient/x/$match', 'There is no operation $match here. There are: $everything, $break-glass,'],
    ['POST', 'Patient/x/$match', 'There is no operation $match here. There are: $everything, $break-glass,'],
    ['GET', 'Observation/$lastn', 'There is no operation $lastn here.'],
    ['GET', 'Observation/x/$everything', '$everything is called otherwise: GET or POST Patient/{id}/$everything.'],
    ['GET', 'Patient/$everything', '$everything is called otherwise: GET or POST Patient/{id}/$everything.'],
    [
      'GET',
      'Patient/x/$break-glass',
      '$break-glass is called otherwise: POST Patient/{id}/$break-glass; POST Patient/$break-glass.',
    ],
    ['GET', 'Organization/x/$feeds', '$feeds is called otherwise: GET or POST Organization/$feeds.'],
    ['GET', 'Patient/x/$9990000018', 'There is no such operation here.'],
    ['GET', '_history', 'GET is not supported at {type}.'],
    ['GET', 'Observation/_history', 'GET is not supported at Observation/_history.'],
    ['GET', 'Observation/x/y', 'GET is not supported at Observation/{id}/{…}.'],
    ['DELETE', 'Observation/9990000018', 'DELETE is not supported at Observation/{id}.'],
    ['POST', 'metadata', 'POST is not supported at {type}.'],
  ])('says so, and what is: %s %s', async (method, path, text) => {
    const { status, json, body } = await world.ask(path, { method });
    expect(status).toBe(405);
    expect(json.issue[0]).toMatchObject({ code: 'not-supported', details: { coding: [{ code: 'not-allowed' }] } });
    expect(json.issue[0].diagnostics).toContain(text);
    expect(body).not.toContain('9990000018');
  });
});
