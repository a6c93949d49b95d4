import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealAccessId } from '../../../../shared/access/access-id.ts';
import { PEOPLE } from '../../../../shared/access/viewer.ts';
import { validate } from '../../../../shared/fhir/validate/validate.ts';
import { NHS_NUMBERS, observation, patient, practitioner, RESTRICTED, registeredWith } from '../resources.ts';
import { type Asked, createWorld, type Sent, type World } from '../world.ts';

let world: World;
let person: string;
const [nhsNumber] = NHS_NUMBERS;
const WHEREABOUTS = /Chapel|BH19|SURGERY|X99030|01929|Smith/;

const ADDRESS = {
  address: [{ line: ['5 Chapel Lane'], postalCode: 'BH19 1AA' }],
  telecom: [{ system: 'phone', value: '01929 000000' }],
};
let visit: ReturnType<typeof observation>;

beforeAll(async () => {
  world = await createWorld();
  person = world.personOf(nhsNumber);
  const smith = `Practitioner/${world.idOf('uhd', 'uhd', practitioner('smith', 'Smith'))}`;
  visit = observation(person, 'visit', { note: [{ text: 'Seen at 5 Chapel Lane.' }], performer: [{ reference: smith }] });
  await world.contribute('uhd', 'uhd', practitioner('smith', 'Smith'));
  await world.contribute(person, 'surgery', patient(nhsNumber, { ...registeredWith('X99030'), ...ADDRESS, ...RESTRICTED }));
  await world.contribute(person, 'uhd', patient(nhsNumber), visit);
  await world.contribute(person, 'dch', patient(nhsNumber));
});
afterAll(() => world?.engine.stop());

const admission = (): Sent => ({
  source: 'admission',
  resource: {
    resourceType: 'Encounter',
    status: 'in-progress',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
    subject: { reference: `Patient/${person}` },
    period: { start: new Date().toISOString() },
  },
});

const OTHER: Asked = { organisation: 'dch' };
const visitId = () => world.idOf(person, 'uhd', visit);

describe('a person whose whereabouts nobody is to learn', () => {
  it.each<[string, () => string]>([
    ['the person', () => `Patient/${person}`],
    ['the history of the person', () => `Patient/${person}/_history`],
    ['a fragment', () => `Observation/${visitId()}`],
    ['a version', () => `Observation/${visitId()}/_history/${world.versionOf(person, 'uhd', visit)}`],
    ['a history', () => `Observation/${visitId()}/_history`],
    ['everything', () => `Patient/${person}/$everything`],
    ['a search', () => `Observation?patient=${person}&_include=Observation:performer`],
    ['a search of the person', () => `Patient?_id=${person}`],
  ])('is shown without them: %s', async (_, path) => {
    const told = await world.ask(path(), OTHER);
    expect(told.status).toBe(200);
    expect(told.body).not.toMatch(WHEREABOUTS);
    expect(validate(told.json)).toEqual([]);
    expect(told.json.total ?? 1).toBeGreaterThan(0);
  });

  it.each([
    `address-postalcode=BH19`,
    'telecom=01929',
    'general-practitioner:identifier=https://fhir.nhs.uk/Id/ods-organization-code|X99030',
    '_tag=surgery',
  ])('is not found by them: %s', async (condition) => {
    expect((await world.ask(`Patient?_id=${person}&${condition}`, OTHER)).json.total).toBe(0);
  });

  it('is not followed to those who see them', async () => {
    const chained = await world.ask(`Observation?patient=${person}&performer:Practitioner.family=Smith`, OTHER);
    expect(chained.json.total).toBe(0);
  });

  it('has no copy called current: what is left out may be shown tomorrow under the same version', async () => {
    for (const path of [`Patient/${person}`, `Observation/${visitId()}`]) {
      const told = await world.ask(path, { ...OTHER, headers: { 'if-none-match': '*' } });
      expect(told.status).toBe(200);
      expect(told.headers?.etag).toBeUndefined();
      expect(told.headers?.['last-modified']).toBeUndefined();
    }
  });

  it('is told who looked without where that was, and not by asking whether somebody did', async () => {
    const themself: Asked = {
      organisation: PEOPLE,
      scopes: ['patient/*.rs'],
      viewer: { role: 'person', purpose: 'own-access', person },
    };
    const gp: Asked = {
      organisation: 'surgery',
      scopes: ['user/*.rs'],
      viewer: { role: 'gp', purpose: 'direct-care', staff: 'cis2|g1', name: 'Gwen Sharp' },
    };
    await world.ask(`Patient/${person}`, gp);
    await world.ask(`Patient/${person}`, { organisation: 'surgery' });
    const told = await world.ask('AuditEvent', themself);
    expect(told.body).toMatch(/A GP at an organisation that is not named here looked at one part of your record/);
    expect(told.body).toMatch(/A computer system of an organisation that is not named here/);
    expect(told.body).not.toMatch(/surgery|Gwen|cis2\||(UHD|DCH|SURGERY) NHS|"(uhd|dch)/);
    expect(validate(told.json)).toEqual([]);
    for (const agent of ['surgery', 'cis2|g1'])
      expect((await world.ask(`AuditEvent?agent=${agent}`, themself)).json.entry ?? []).toEqual([]);
  });

  it('is not betrayed to those who looked, or oversee that, by the sources of what was shown', async () => {
    const nurse = { role: 'clinician', purpose: 'direct-care', staff: 'dorset|n1' } as const;
    await world.contribute(person, 'dch', admission());
    await world.ask(`Patient/${person}/$everything`, { ...OTHER, scopes: ['user/*.rs'], viewer: nurse });
    const officer = { role: 'privacy-officer', purpose: 'investigation', staff: 'dorset|p1' } as const;
    for (const viewer of [nurse, officer]) {
      const told = await world.ask(`AuditEvent?agent=dorset|n1&patient=${person}`, { ...OTHER, scopes: ['user/*.rs'], viewer });
      expect(told.body).toContain('"type":"demographics","valueString":"3"');
      expect(told.body).not.toMatch(/surgery/);
    }
  });

  it('is shown again as it was shown', async () => {
    const told = await world.ask(`Patient/${person}/$everything`, OTHER);
    const [at = '', id = ''] = String((await world.looks(person)).at(-1)?.access).split('#');
    const event = sealAccessId(world.dependencies.auditKey, { person, at, id });
    await world.contribute(person, 'uhd', observation(person, 'later', { note: [{ text: 'Now at 9 Shore Road.' }] }));
    const officer: Asked = {
      ...OTHER,
      scopes: ['user/*.rs'],
      viewer: { role: 'safety-investigator', purpose: 'investigation', staff: 'dorset|i1' },
    };
    const again = await world.ask(`AuditEvent/${event}/$replay`, officer);
    expect(again).toMatchObject({ status: 200, headers: { 'chesil-replay': 'exact' }, body: told.body });
  });

  it('is shown again without them, where they were shown before she had to hide', async () => {
    const hidden = world.personOf(NHS_NUMBERS[1]);
    const source = patient(NHS_NUMBERS[1], { ...registeredWith('X99030'), ...ADDRESS });
    await world.contribute(hidden, 'surgery', source, observation(hidden, 'pulse', { note: [{ text: 'At 5 Chapel Lane.' }] }));
    await world.contribute(hidden, 'dch', patient(NHS_NUMBERS[1]));
    const before = await world.ask(`Patient/${hidden}/$everything`, OTHER);
    expect(before.body).toMatch(WHEREABOUTS);
    const [at = '', id = ''] = String((await world.looks(hidden)).at(-1)?.access).split('#');
    await world.contribute(hidden, 'surgery', {
      ...source,
      resource: { ...source.resource, ...RESTRICTED, telecom: [{ system: 'phone', value: '01929 000001' }] },
    });
    const officer = { role: 'privacy-officer', purpose: 'investigation', staff: 'dorset|p1' } as const;
    const event = sealAccessId(world.dependencies.auditKey, { person: hidden, at, id });
    const again = await world.ask(`AuditEvent/${event}/$replay`, { ...OTHER, scopes: ['user/*.rs'], viewer: officer });
    expect(again).toMatchObject({ status: 200, headers: { 'chesil-replay': 'differs' } });
    expect(again.body).toContain('8867-4');
    expect(again.body).not.toMatch(WHEREABOUTS);
    expect(again.body).toContain('replay-without-whereabouts');
  });
});
