import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { validate } from '../../../shared/fhir/validate/validate.ts';
import { condition, NHS_NUMBERS, observation, patient } from './resources.ts';
import { type Asked, createWorld, type Told, type World } from './world.ts';

let world: World;
let person: string;
let heartRate: string;

beforeAll(async () => {
  world = await createWorld();
  person = world.personOf(NHS_NUMBERS[0]);
  const first = observation(person, 'first');
  heartRate = `Observation/${world.idOf(person, 'uhd', first)}`;
  await world.contribute(person, 'uhd', patient(NHS_NUMBERS[0]), first, condition(person, 'diabetes'));
  await world.contribute(person, 'uhd', observation(person, 'first', { status: 'amended' }));
});
afterAll(() => world?.engine.stop());

const OFFICER: Asked = {
  organisation: 'uhd',
  scopes: ['user/*.rs'],
  viewer: { role: 'privacy-officer', purpose: 'investigation', staff: 'dorset|p1', name: 'Olive Officer' },
};
const ask = (path: string, asked: Asked = {}) => {
  const address = path.replaceAll('{person}', person).replaceAll('{heart-rate}', heartRate);
  return world.ask(address, path.startsWith('AuditEvent') || path.startsWith('$') ? { ...OFFICER, ...asked } : asked);
};
const codesOf = ({ json }: Told): string[] =>
  json.issue.map(({ details }: fhir4.OperationOutcomeIssue) => details?.coding?.[0]?.code);
const matchesOf = ({ json }: Told) => json.entry.filter(({ search }: fhir4.BundleEntry) => search?.mode !== 'outcome').length;
const outcomeOf = ({ json }: Told): fhir4.OperationOutcome => {
  const { resource, response } = json.entry.at(-1);
  return resource?.resourceType === 'OperationOutcome' ? resource : response?.outcome;
};

/** A parameter that may come once, with two values that can both be read. */
const ONCE = [
  'Patient/{person}/$everything?_since=2020-01-01T00:00:00Z&_since=2021-01-01T00:00:00Z',
  'Patient/{person}/$everything?start=2020&start=2021',
  'Patient/{person}/$everything?end=2020&end=2021',
  'Patient/{person}/$everything?_count=1&_count=2',
  'Patient/{person}/$everything?_at=2020-01-01T00:00:00Z&_at=2021-01-01T00:00:00Z',
  '{heart-rate}/_history?_since=2020-01-01T00:00:00Z&_since=2099-01-01T00:00:00Z',
  '{heart-rate}/_history?_count=1&_count=2',
  'Patient/{person}/_history?_count=1&_count=2',
  'Observation?patient={person}&_count=1&_count=2',
  'Observation?patient={person}&_summary=true&_summary=text',
  'Observation?patient={person}&_format=json&_format=application/json',
  '{heart-rate}?_summary=true&_summary=text',
  '{heart-rate}?_pretty=true&_pretty=false',
  'AuditEvent?patient={person}&patient=aaaaaaaaaaaaaaaaaaaaaaaaaa',
  'AuditEvent?patient={person}&entity=Patient/aaaaaaaaaaaaaaaaaaaaaaaaaa',
  'AuditEvent?agent=dorset|n1&agent=dorset|n2',
  'AuditEvent?agent=uhd&agent=dch',
  'AuditEvent?patient={person}&_count=1&_count=2',
  '$review-queue?_count=1&_count=2',
  '$review-queue?status=requested&status=completed',
  '$review-queue?code=claim&code=finding',
];

describe('a parameter that may come once', () => {
  it.each(ONCE)('is refused with two values, and neither is taken: %s', async (path) => {
    const told = await ask(path);
    expect(told.status).toBe(400);
    expect(['repeated-parameter', 'bad-parameter']).toContain(codesOf(told)[0]);
  });

  it.each(ONCE)('counts once where it is sent again with the same value: %s', async (path) => {
    const [address = '', query = ''] = path.split('?');
    const parameters = query.split('&');
    const same = [...parameters.slice(0, -1), parameters.at(-2)].join('&');
    const told = await ask(`${address}?${same}`);
    expect({ same, status: told.status }).toEqual({ same, status: same.includes('_at=') ? 404 : 200 });
  });
});

describe('a parameter that may come several times', () => {
  it('adds up: _type of $everything', async () => {
    const several = await ask('Patient/{person}/$everything?_type=Observation&_type=Condition');
    const listed = await ask('Patient/{person}/$everything?_type=Observation,Condition');
    expect([several.json.total, listed.json.total]).toEqual([2, 2]);
  });

  it('narrows: date of the audit', async () => {
    expect((await ask('AuditEvent?patient={person}&date=ge2020&date=ge2099')).json.entry).toBeUndefined();
    expect((await ask('AuditEvent?patient={person}&date=ge2099&date=ge2020')).json.entry).toBeUndefined();
  });
});

describe('a parameter that is not known', () => {
  it.each([
    'Patient/{person}/$everything?favourite=1',
    '{heart-rate}/_history?_at=2020-01-01',
    '{heart-rate}/_history?_list=1',
    'Patient/{person}/_history?favourite=1',
    'Observation?patient={person}&favourite=1',
    'AuditEvent?patient={person}&favourite=1',
    '$review-queue?favourite=1',
  ])('is ignored and named, or refused under handling=strict: %s', async (path) => {
    const lenient = await ask(path);
    expect(lenient.status).toBe(200);
    expect(outcomeOf(lenient).issue[0]).toMatchObject({
      severity: 'warning',
      details: { coding: [{ code: 'ignored-parameter' }] },
    });
    expect(validate(lenient.json)).toEqual([]);
    const strict = await ask(path, { headers: { prefer: 'handling=strict' } });
    expect({ status: strict.status, codes: codesOf(strict) }).toEqual({ status: 400, codes: ['unknown-parameter'] });
  });

  it('is named on the first page of a history alone, and is not a version', async () => {
    const first = await ask('{heart-rate}/_history?_count=1&favourite=1');
    expect([first.json.total, matchesOf(first)]).toEqual([2, 2]);
    const next = first.json.link.find(({ relation }: fhir4.BundleLink) => relation === 'next').url;
    const second = await world.ask(next);
    expect(second.json.entry).toHaveLength(1);
    expect(second.json.entry[0].resource.status).toBe('final');
  });
});

describe('a date that is searched for', () => {
  it.each(['%2B99:99', '%2B14:01', '-14:30', '%2B02:60', '+99:99'])(
    'is refused with an offset that no place has: %s',
    async (offset) => {
      const instant = `2026-03-01T10:00:00${offset}`;
      for (const path of [
        `Observation?patient={person}&date=ge${instant}`,
        `Observation?patient={person}&_lastUpdated=ge${instant}`,
        `{heart-rate}/_history?_since=${instant}`,
        `Patient/{person}/$everything?_since=${instant}`,
        `Patient/{person}/$everything?_at=${instant}`,
        `AuditEvent?patient={person}&date=ge${instant}`,
      ])
        expect({ path, status: (await ask(path)).status }).toEqual({ path, status: 400 });
    },
  );

  it('is taken with the widest offset that there is', async () => {
    expect(await ask('Observation?patient={person}&date=ge2020-03-01T10:00:00%2B14:00')).toMatchObject({
      status: 200,
      json: { total: 1 },
    });
  });
});
