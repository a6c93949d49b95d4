import type { APIGatewayProxyEvent } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROLES, type Role, STAFF_ROLES } from '../../../shared/access/roles.ts';
import { refuse } from '../../../shared/fhir/outcomes.ts';
import { callerOf } from '../../../shared/lambda/caller.ts';

const PERSON = 'abcdefghijklmnopqrstuvwxyz';

const system = { organisation: 'uhd', client_id: 'feed', scope: 'system/*.cruds' };

const nurse = { id: 'hhft:clinician', organisation: 'hhft', role: 'clinician' };
const staff = {
  roles: JSON.stringify([nurse]),
  staff: 'hampshire|6d0f-11',
  name: 'Nurse Example',
  provider: 'hampshire',
  assurance: 'high',
  client_id: 'portal',
  scope: 'openid user/*.rs',
};

const ammonite = { id: '555254242102', organisation: 'ammonite', role: 'gp' };
const oldSluice = { id: '555254242103', organisation: 'old-sluice', role: 'gp' };
const gp = { ...staff, provider: 'cis2', staff: 'cis2|555254240100', roles: JSON.stringify([ammonite, oldSluice]) };

const person = {
  roles: JSON.stringify([{ id: 'self', organisation: 'people', role: 'person' }]),
  person: PERSON,
  provider: 'nhs-login',
  assurance: 'high',
  client_id: 'app',
  scope: 'openid patient/*.rs',
};

type Headers = Readonly<Record<string, string | readonly string[]>>;

const event = (claims: object | undefined, sent: Headers = {}) =>
  ({
    headers: Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, [value].flat().at(-1)])),
    multiValueHeaders: Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, [value].flat()])),
    requestContext: claims === undefined ? {} : { authorizer: { claims } },
  }) as unknown as APIGatewayProxyEvent;

const codeOf = (claims: object, sent?: Headers) => {
  const called = callerOf(event(claims, sent));
  return 'refused' in called ? called.refused.refusal.issues[0].code : 'a caller';
};

describe('who calls', () => {
  it('is nobody without a token', () => {
    expect(callerOf(event(undefined))).toEqual({ caller: undefined });
  });

  it('is a system, for its organisation', () => {
    expect(callerOf(event(system)).caller).toEqual({
      organisation: 'uhd',
      client: 'feed',
      role: 'system',
      purpose: 'system',
      source: 'main',
      scopes: ['system/*.cruds'],
    });
  });

  it('is the system of its organisation that its token names', () => {
    expect(callerOf(event({ ...system, source: 'laboratory' })).caller).toMatchObject({ source: 'laboratory' });
  });

  it('is a member of staff in the one role they have, for direct care', () => {
    expect(callerOf(event(staff)).caller).toEqual({
      organisation: 'hhft',
      client: 'portal',
      role: 'clinician',
      purpose: 'direct-care',
      staff: 'hampshire|6d0f-11',
      name: 'Nurse Example',
      provider: 'hampshire',
      assurance: 'high',
      source: 'main',
      scopes: ['openid', 'user/*.rs'],
    });
  });

  it('is a person, who looks for themselves', () => {
    expect(callerOf(event(person)).caller).toEqual({
      organisation: 'people',
      client: 'app',
      role: 'person',
      purpose: 'own-access',
      person: PERSON,
      provider: 'nhs-login',
      assurance: 'high',
      source: 'main',
      scopes: ['openid', 'patient/*.rs'],
    });
  });
});

describe('somebody with several roles', () => {
  it.each([
    [ammonite, 'NHSD-Session-URID'],
    [oldSluice, 'nhsd-session-urid'],
  ])('acts in the one that the request names: %o', ({ id, organisation }, header) => {
    expect(callerOf(event(gp, { [header]: id })).caller).toMatchObject({ organisation, role: 'gp', staff: 'cis2|555254240100' });
  });

  it.each<[string, object, Headers]>([
    ['none is named', gp, {}],
    ['one is named that they do not have', gp, { 'NHSD-Session-URID': '555254242199' }],
    ['the header is empty', gp, { 'NHSD-Session-URID': '' }],
    ['the header comes twice', gp, { 'NHSD-Session-URID': [ammonite.id, oldSluice.id] }],
    ['the header comes twice, the same each time', gp, { 'NHSD-Session-URID': [ammonite.id, ammonite.id] }],
    ['one header names two', gp, { 'NHSD-Session-URID': `${ammonite.id}, ${oldSluice.id}` }],
    ['two spellings of the header name two', gp, { 'NHSD-Session-URID': ammonite.id, 'nhsd-session-urid': oldSluice.id }],
    ['their one role is not the one that is named', staff, { 'NHSD-Session-URID': 'hhft:gp' }],
  ])('is asked to choose when %s', (_, claims, sent) => {
    expect(codeOf(claims, sent)).toBe('choose-role');
  });
});

describe('somebody who is refused', () => {
  it('is known, so that the attempt can be noted; and is no caller, so that nothing can be decided', () => {
    const called = callerOf(event(gp));
    expect(called.caller).toBeUndefined();
    expect(called).toMatchObject({ refused: { as: { staff: 'cis2|555254240100', organisation: 'ammonite', role: 'gp' } } });
    expect(callerOf(event(staff, { 'Chesil-Purpose': 'curiosity' }))).toMatchObject({
      caller: undefined,
      refused: { as: { staff: 'hampshire|6d0f-11', purpose: 'direct-care' } },
    });
  });

  it('is nobody where the claims make no sense', () => {
    expect(callerOf(event({}))).toEqual({ caller: undefined, refused: { refusal: refuse('unauthorised') } });
  });
});

describe('a system', () => {
  it('may send the header of a role, which other services want: of a system it says nothing', () => {
    expect(callerOf(event(system, { 'NHSD-Session-URID': ['1', '2'] })).caller).toMatchObject({ role: 'system' });
  });
});

describe('the purpose', () => {
  const inRole = (role: Role) => ({ ...staff, roles: JSON.stringify([{ ...nurse, role }]) });

  it.each(STAFF_ROLES.flatMap((role) => ROLES[role].purposes.map((purpose) => [role, purpose] as const)))(
    'of a %s may be %s',
    (role, purpose) => {
      expect(callerOf(event(inRole(role), { 'Chesil-Purpose': purpose })).caller).toMatchObject({ role, purpose });
    },
  );

  it.each<[string, object, Headers]>([
    ['that the role does not have', inRole('clerical'), { 'Chesil-Purpose': 'investigation' }],
    ['that only systems have', staff, { 'Chesil-Purpose': 'system' }],
    ['of a person who would be staff', person, { 'Chesil-Purpose': 'direct-care' }],
    ['of a system that would be staff', system, { 'Chesil-Purpose': 'direct-care' }],
    ['that is none', staff, { 'Chesil-Purpose': 'curiosity' }],
    ['that comes twice', staff, { 'Chesil-Purpose': ['direct-care', 'safeguarding'] }],
  ])('is refused: one %s', (_, claims, sent) => {
    expect(codeOf(claims, sent)).toBe('bad-purpose');
  });
});

describe('claims that no token of ours has', () => {
  const roles = (...list: object[]) => ({ ...staff, roles: JSON.stringify(list) });

  it.each<[string, object]>([
    ['none at all', {}],
    ['no client', { ...system, client_id: '' }],
    ['no organisation', { client_id: 'feed', scope: 'system/*.rs' }],
    ['an organisation that is no id', { ...system, organisation: 'UHD!' }],
    ['a source that is no name', { ...system, source: 'Lab!' }],
    ['staff with a source', { ...staff, source: 'main' }],
    ['a person with a source', { ...person, source: 'laboratory' }],
    ['a system that looks for people', { ...system, organisation: 'people' }],
    ['a system that is somebody', { ...system, staff: 'cis2|1' }],
    ['a system with scopes of staff', { ...system, scope: 'user/*.rs' }],
    ['staff with scopes of systems', { ...staff, scope: 'user/*.rs system/*.cruds' }],
    ['staff with an organisation beside their roles', { ...staff, organisation: 'uhd' }],
    ['staff whom nobody vouches for', { ...staff, provider: '' }],
    ['staff of another provider', { ...staff, provider: 'dorset' }],
    ['staff without an id', { ...staff, staff: 'hampshire|' }],
    ['staff of unknown assurance', { ...staff, assurance: 'hearsay' }],
    ['staff who are a person too', { ...staff, person: PERSON }],
    ['a person who is staff too', { ...person, staff: 'nhs-login|1' }],
    ['a person without an id', { ...person, person: '' }],
    ['a person whose id is an NHS number', { ...person, person: '9990000018' }],
    ['roles that are no JSON', { ...staff, roles: '[{' }],
    ['roles that are no list', { ...staff, roles: '{"id":"1"}' }],
    ['no roles', roles()],
    ['a role that there is not', roles({ ...nurse, role: 'wizard' })],
    ['a role by a name that every object has', roles({ ...nurse, role: 'toString' })],
    ['the role of a system', roles({ ...nurse, role: 'system' })],
    ['the role of a proxy', roles({ ...nurse, role: 'proxy' })],
    ['a person for an organisation', roles({ ...nurse, role: 'person' })],
    ['staff for the people', roles({ ...nurse, organisation: 'people' })],
    ['a role for nobody', roles({ id: 'one', role: 'gp' })],
    ['two roles of one id', roles(nurse, { ...nurse, role: 'clerical' })],
    ['a role whose id would be two in a header', roles({ ...nurse, id: 'one, two' })],
    ['a person with a second role', { ...person, roles: JSON.stringify([nurse, ...JSON.parse(person.roles)]) }],
  ])('make no caller: %s', (_, claims) => {
    expect(codeOf(claims)).toBe('unauthorised');
  });

  it('never throw, and never make one of two kinds', () => {
    const claim = fc.oneof(fc.string(), fc.constantFrom(...Object.values({ ...system, ...staff, ...person })), fc.json());
    const claims = fc.dictionary(fc.constantFrom(...Object.keys({ ...system, ...staff, ...person }), '__proto__'), claim);
    fc.assert(
      fc.property(claims, fc.dictionary(fc.string(), fc.string()), (told, headers) => {
        const { caller } = callerOf(event(told, headers));
        if (caller === undefined) return;
        const kinds = [caller.role === 'system', caller.person !== undefined, caller.staff !== undefined];
        expect(kinds.filter(Boolean)).toHaveLength(1);
        expect(caller.organisation === 'people').toBe(caller.role === 'person');
        expect(ROLES[caller.role].purposes).toContain(caller.purpose);
      }),
      { numRuns: 2_000 },
    );
  });
});
