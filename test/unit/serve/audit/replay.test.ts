import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccess } from '../../../../shared/access/access.ts';
import { sealAccessId } from '../../../../shared/access/access-id.ts';
import type { Grant } from '../../../../shared/access/grants.ts';
import { loadPolicies, readPolicies } from '../../../../shared/access/policy-set.ts';
import { partnershipOf } from '../../../partnership.ts';
import { condition, NHS_NUMBERS, observation, patient, practitioner, RESTRICTED, registeredWith } from '../resources.ts';
import { type Asked, createWorld, directory, type Told, type World } from '../world.ts';

let world: World;
let person: string;
let other: string;
let first: string;
const [nhsNumber, otherNumber] = NHS_NUMBERS;

beforeAll(async () => {
  world = await createWorld();
  person = world.personOf(nhsNumber);
  other = world.personOf(otherNumber);
  const smith = `Practitioner/${world.idOf('uhd', 'uhd', practitioner('smith', 'Smith'))}`;
  await world.contribute('uhd', 'uhd', practitioner('smith', 'Smith'));
  await world.contribute(
    person,
    'uhd',
    patient(nhsNumber, registeredWith('X99030')),
    observation(person, 'one', { performer: [{ reference: smith }] }),
    observation(person, 'two', { effectiveDateTime: '2025-01-01' }),
    observation(person, 'three'),
  );
  first = new Date().toISOString();
  await wait(2);
  await world.contribute(person, 'dch', condition(person, 'diabetes'), condition(person, 'secret', RESTRICTED));
  await world.contribute(person, 'uhd', observation(person, 'one', { status: 'amended', performer: [{ reference: smith }] }));
  await world.retract(person, 'uhd', observation(person, 'three'));
  for (const ownId of ['own-one', 'bundled']) await world.contribute(person, 'uhd', { ...observation(person, ownId), ownId });
  await world.leadOwnId('uhd', 'Observation', 'own-one', person);
});
afterAll(() => world?.engine.stop());

/** Of the organisation that leads oversight. */
const OFFICER: Asked = {
  organisation: 'dch',
  scopes: ['user/*.rs'],
  viewer: { role: 'privacy-officer', purpose: 'investigation', staff: 'dorset|p1' },
};

/** Of the practice that the person is registered with. */
const NURSE: Asked = {
  organisation: 'surgery',
  scopes: ['user/*.rs'],
  viewer: { role: 'clinician', purpose: 'direct-care', staff: 'dorset|n1', name: 'Nora Nurse', provider: 'dorset' },
};

const one = () => world.idOf(person, 'uhd', observation(person, 'one'));

const PATHS: readonly (readonly [string, () => string, Asked?])[] = [
  ['the person', () => `Patient/${person}`],
  ['a version of the person', () => `Patient/${person}/_history`],
  ['a fragment', () => `Observation/${one()}`],
  ['a part of it', () => `Observation/${one()}?_elements=status`],
  ['for people to look at', () => `Observation/${one()}?_pretty=true`],
  ['only whether it is there', () => `Observation/${one()}`, { method: 'HEAD' }],
  ['a version of a fragment', () => `Observation/${one()}/_history/1`],
  ['the history of a fragment', () => `Observation/${one()}/_history`],
  ['a page of a history', () => `Observation/${one()}/_history?_count=1`],
  ['what was retracted', () => `Observation/${world.idOf(person, 'uhd', observation(person, 'three'))}`],
  ['everything', () => `Patient/${person}/$everything`],
  ['a page of everything', () => `Patient/${person}/$everything?_count=2`],
  ['everything as it was', () => `Patient/${person}/$everything?_at=1`],
  ['everything by a number that is not taken', () => `Patient/${person}/$everything?_at=2`],
  ['everything as it was at an instant', () => `Patient/${person}/$everything?_at=${first}`],
  ['everything as it was, by another organisation', () => `Patient/${person}/$everything?_at=${first}`, { organisation: 'dch' }],
  ['a history, by another organisation', () => `Observation/${one()}/_history`, { organisation: 'dch' }],
  [
    'a version, by another organisation',
    () => `Observation/${one()}/_history/${world.versionOf(person, 'uhd', observation(person, 'one'))}`,
    { organisation: 'dch' },
  ],
  ['everything until an instant to come', () => `Patient/${person}/$everything?_at=2099-01-01T00:00:00Z`],
  ['a search', () => `Observation?patient=${person}&_sort=-date`],
  ['a search by number', () => `Observation?patient.identifier=${nhsNumber}&code=8867-4`],
  ['a search by a date about now', () => `Observation?patient=${person}&date=ap2026-03-01`],
  ['a page of a search', () => `Observation?patient=${person}&_count=1`],
  ['a count', () => `Observation?patient=${person}&_summary=count`],
  ['a search that includes', () => `Observation?patient=${person}&_include=Observation:performer`],
  ['a chain', () => `Observation?patient=${person}&performer:Practitioner.family=Smith`],
  ['a search in a compartment', () => `Patient/${person}/Condition`],
  ['a search with a parameter that is not known', () => `Observation?patient=${person}&colour=blue`],
  ['what is not there', () => `Observation/${person}.aaaaaaaaaaaaaaaa`],
  ['what must not be seen', () => `Condition/${world.idOf(person, 'dch', condition(person, 'secret'))}`],
  ['what the scopes do not reach', () => `Patient/${person}`, { scopes: ['system/Observation.rs'] }],
  ['by scopes with a query', () => `Patient/${person}/$everything`, { scopes: ['system/Observation.rs?status=amended'] }],
  ['by somebody who sees nothing', () => `Patient/${person}/$everything`, { organisation: 'council' }],
  ['a search by somebody who sees nothing', () => `Observation?patient=${person}`, { organisation: 'council' }],
  ['by a nurse of their practice', () => `Patient/${person}/$everything`, NURSE],
  ['by an administrator', () => `Patient/${person}/$everything`, { ...NURSE, viewer: { ...NURSE.viewer, role: 'clerical' } }],
  ['by a nurse who has no reason to look', () => `Patient/${person}/$everything`, { ...NURSE, organisation: 'council' }],
  ['a fragment by its own system’s id', () => 'Observation/own-one'],
  ['a page of a history by it', () => 'Observation/own-one/_history?_count=1'],
  ['a search by it', () => 'Observation?_id=own-one,nothing'],
  ['a search by it beside the person', () => `Observation?patient=${person}&_id=own-one,bundled`],
  ['somebody unknown', () => `Patient/${other}/$everything`],
];

/** One look, with the id that it has in the audit. */
async function lookAt(path: string, asked: Asked = {}, about = person): Promise<{ told: Told; id: string }> {
  const before = await world.looks(about);
  const told = await world.ask(path, asked);
  const [look] = (await world.looks(about)).slice(before.length);
  const [at = '', id = ''] = String(look?.access).split('#');
  return { told, id: sealAccessId(world.dependencies.auditKey, { person: about, at, id })! };
}

const nextOf = ({ json }: Told): string | undefined =>
  json?.link?.find(({ relation }: fhir4.BundleLink) => relation === 'next')?.url;

const POLICIES = readPolicies(resolve(import.meta.dirname, '../../../../shared/access/policies'));

/** Policies that let nobody see anything any more; officers may still look into what was done. */
const NOTHING = loadPolicies({ ...POLICIES, files: new Map([['privacy', POLICIES.files.get('privacy')!]]) });

describe('a replay', () => {
  const looks: { name: string; told: Told; id: string }[] = [];

  beforeAll(async () => {
    for (const [name, path, asked] of PATHS) {
      const about = path().includes(other) ? other : person;
      const look = await lookAt(path(), asked, about);
      looks.push({ name, ...look });
      const next = nextOf(look.told);
      if (next !== undefined) looks.push({ name: `${name}, the next page`, ...(await lookAt(next, asked)) });
    }
    // Everything moves on: more is contributed and retracted, names change, persons turn out to be one.
    await world.contribute(person, 'uhd', { ...observation(person, 'own-one', { status: 'amended' }), ownId: 'own-one' });
    await world.leadOwnId('uhd', 'Observation', 'own-one', other);
    await world.contribute('uhd', 'uhd', practitioner('smith', 'Smythe'), practitioner('jones', 'Jones'));
    await world.contribute(person, 'surgery', patient(nhsNumber, { ...registeredWith('X99030'), gender: 'male' }));
    await world.contribute(person, 'uhd', observation(person, 'four'), observation(person, 'one', { status: 'corrected' }));
    await world.retract(person, 'uhd', observation(person, 'two'));
    await world.contribute(other, 'uhd', patient(otherNumber));
    await world.link(other, person);
  });

  /** Asked of today's system, and of one whose policies now let nobody see anything. */
  it.each([
    ['the record has moved on', undefined],
    ['the policies have changed', NOTHING],
  ])('is the bytes that were shown, at every door, after %s', async (_, policies) => {
    const changed = policies === undefined ? {} : { access: createAccess(policies, partnershipOf(directory), world.copies) };
    for (const { name, told, id } of looks) {
      const again = await world.ask(`AuditEvent/${id}/$replay`, OFFICER, changed);
      expect([name, again.status, again.headers]).toEqual([
        name,
        200,
        { 'chesil-replay': 'exact', 'chesil-replayed-status': String(told.status) },
      ]);
      expect(again.body).toBe(told.body);
    }
  });

  // By now looks are noted of the person who is shown.
  it('says so when the bytes are not those that were shown, and shows what was made again', async () => {
    const { id } = await lookAt(`Observation/${one()}`, {}, other);
    const { auditReads } = world.dependencies;
    // As if an earlier release had laid it out in another way.
    const read: typeof auditReads.read = async (key) => ({ ...(await auditReads.read(key))!, digest: 'another' });
    const again = await world.ask(`AuditEvent/${id}/$replay`, OFFICER, { auditReads: { ...auditReads, read } });
    expect(again.headers).toMatchObject({ 'chesil-replay': 'differs' });
    expect(again.json.entry).toMatchObject([
      { resource: { resourceType: 'OperationOutcome' } },
      { resource: { resourceType: 'Observation', status: 'corrected' } },
    ]);
  });

  it('is of what a broken glass opened, long after it was closed', async () => {
    const viewer = { ...NURSE.viewer, staff: 'dorset|n7' } as const;
    const glass: Grant = {
      id: 'g'.repeat(16),
      kind: 'break-glass',
      person: other,
      staff: viewer.staff,
      role: 'clinician',
      organisation: 'council',
      from: new Date(Date.now() - 60_000).toISOString(),
      until: new Date(Date.now() + 60_000).toISOString(),
      reason: { code: 'emergency', text: 'Found unconscious.' },
    };
    const asked: Asked = { organisation: 'council', scopes: ['user/*.rs'], viewer };
    const path = `Patient/${other}/$everything`;
    expect((await world.ask(path, asked)).status).toBe(404);
    const told = await world.ask(path, asked, { grants: async (persons) => (persons.includes(other) ? [glass] : []) });
    expect(told.status).toBe(200);
    const look = (await world.looks(other)).at(-1)!;
    expect(look).toMatchObject({ outcome: 'shown', grants: [glass.id], relationships: [] });
    const [at = '', id = ''] = String(look.access).split('#');
    const again = await world.ask(
      `AuditEvent/${sealAccessId(world.dependencies.auditKey, { person: other, at, id })}/$replay`,
      OFFICER,
    );
    expect(again).toMatchObject({ status: 200, headers: { 'chesil-replay': 'exact' }, body: told.body });
  });

  it('is itself a look at the person: noted with what was shown, and shown again', async () => {
    const first = await lookAt(`Observation/${one()}`, {}, other);
    const replayed = await lookAt(`AuditEvent/${first.id}/$replay`, OFFICER, other);
    expect((await world.looks(other)).at(-1)).toMatchObject({
      interaction: 'replay',
      type: 'AuditEvent',
      role: 'privacy-officer',
      staff: 'dorset|p1',
      outcome: 'shown',
    });
    const again = await world.ask(`AuditEvent/${replayed.id}/$replay`, OFFICER);
    expect(again).toMatchObject({ status: 200, headers: { 'chesil-replay': 'exact' }, body: first.told.body });
  });

  it('is for nobody who may not: for them no look is there', async () => {
    const { id } = await lookAt(`Observation/${one()}`, {}, other);
    const nobody = await world.ask('AuditEvent/none/$replay');
    for (const asked of [{}, { scopes: ['user/*.rs'], viewer: { role: 'clinician', staff: 'dorset|n1' } } as const]) {
      const refused = await lookAt(`AuditEvent/${id}/$replay`, asked, other);
      expect(refused.told).toEqual(nobody);
      expect((await world.looks(other)).at(-1)).toMatchObject({ interaction: 'replay', outcome: 'refused' });
    }
  });

  it.each(['none', 'A'.repeat(64), '..%2F..'])('of %s is of nothing', async (id) => {
    expect((await world.ask(`AuditEvent/${id}/$replay`, OFFICER)).status).toBe(404);
  });
});
