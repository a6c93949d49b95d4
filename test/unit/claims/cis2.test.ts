import { describe, expect, it } from 'vitest';
import { demo } from '../../../infra/deployments/demo.ts';
import { ask, signedIn, tokenOf } from './asking.ts';
import { AMMONITE, cis2, ELSEWHERE, OLD_SLUICE, PARAMEDIC, PORTER, profile } from './profiles.ts';

describe('staff who sign in with CIS2', () => {
  it('choose here which role they act in, where they chose none there', async () => {
    const { roles, claims } = await tokenOf(signedIn('cis2', cis2([AMMONITE, OLD_SLUICE])));
    expect(roles).toEqual([
      { id: '555254242102', organisation: 'ammonite', role: 'gp' },
      { id: '555254242103', organisation: 'old-sluice', role: 'gp' },
    ]);
    expect(claims).toMatchObject({ staff: 'cis2|555254240100', provider: 'cis2', assurance: 'high' });
  });

  it('act in the role that they chose there', async () => {
    const { roles } = await tokenOf(signedIn('cis2', cis2([AMMONITE, OLD_SLUICE], OLD_SLUICE.person_roleid)));
    expect(roles).toEqual([{ id: '555254242103', organisation: 'old-sluice', role: 'gp' }]);
  });

  it('have the roles that mean something here, and not the others', async () => {
    const { roles } = await tokenOf(signedIn('cis2', cis2([ELSEWHERE, PORTER, PARAMEDIC])));
    expect(roles).toEqual([{ id: '555254242104', organisation: 'swasft', role: 'paramedic' }]);
  });

  it('are of whoever their organisation has become', async () => {
    const { roles } = await tokenOf(signedIn('cis2', cis2([profile('555254242107', 'rdz', 'S8000:G8000:R8001')])));
    expect(roles).toEqual([{ id: '555254242107', organisation: 'uhd', role: 'clinician' }]);
  });

  it('have the role that the closest line of the table gives', async () => {
    const providers = demo.providers.map((one) =>
      one.id === 'cis2' ? { ...one, roles: [...one.roles, { claim: 'S0080:G0450:R1070', role: 'clerical' as const }] } : one,
    );
    const { roles } = await tokenOf(signedIn('cis2', cis2([PARAMEDIC])), { providers });
    expect(roles[0]?.role).toBe('clerical');
  });

  it.each([
    ['as JSON objects with commas between', (list: object[]) => list.map((one) => JSON.stringify(one)).join(',')],
    ['each form-encoded', (list: object[]) => list.map((one) => encodeURIComponent(JSON.stringify(one))).join(',')],
    [
      'each form-encoded, in brackets',
      (list: object[]) => `[${list.map((one) => encodeURIComponent(JSON.stringify(one))).join(', ')}]`,
    ],
    ['form-encoded as a whole', (list: object[]) => encodeURIComponent(JSON.stringify(list))],
  ])('are read however Cognito flattened their role profiles: %s', async (_, flatten) => {
    const attributes = { ...cis2([]), 'custom:roles': flatten([AMMONITE, OLD_SLUICE]) };
    expect((await tokenOf(signedIn('cis2', attributes))).roles).toHaveLength(2);
  });

  it.each<[string, Record<string, string>, string]>([
    ['a chosen role that they do not hold', cis2([AMMONITE], OLD_SLUICE.person_roleid), 'role-not-held'],
    ['a chosen role that means nothing here', cis2([AMMONITE, PORTER], PORTER.person_roleid), 'no-role'],
    ['a chosen role elsewhere', cis2([AMMONITE, ELSEWHERE], ELSEWHERE.person_roleid), 'organisation-unknown'],
    ['no roles', cis2([]), 'no-role'],
    ['roles cut short', { ...cis2([]), 'custom:roles': JSON.stringify([AMMONITE]).slice(0, -9) }, 'roles-unreadable'],
    ['a role code that is none', cis2([{ ...AMMONITE, role_code: 'anything:R0260' }]), 'no-role'],
    ['identity assurance that is too low', { ...cis2([AMMONITE]), 'custom:assurance': '1' }, 'assurance-unknown'],
    [
      'more roles than a token can list',
      cis2(
        Array.from({ length: 21 }, (_, index) => ({
          person_roleid: `5${index}`,
          org_code: 'R0D',
          role_code: 'S8000:G8000:R8000',
        })),
      ),
      'too-many-roles',
    ],
  ])('get no token with %s', async (_, attributes, code) => {
    expect(await ask(signedIn('cis2', attributes))).toBe(code);
  });
});
