import { describe, expect, it } from 'vitest';
import { REFUSALS } from '../../../functions/claims/refusals.ts';
import type { TokenSource } from '../../../functions/claims/tokens.ts';
import { demo } from '../../../infra/deployments/demo.ts';
import { NHS_NUMBER as NHS_NUMBER_SYSTEM } from '../../../shared/fhir/systems.ts';
import { callerOf } from '../../../shared/lambda/caller.ts';
import { ask, identity, NHS_NUMBER, question, signedIn, tokenOf, trigger } from './asking.ts';
import { AMMONITE, cis2 } from './profiles.ts';

const MFA = 'https://refeds.org/profile/mfa';
const nurse = {
  name: 'Nurse Example',
  'custom:staff_id': '6d0f0c8e-1111-4a66-9d5b-000000000001',
  'custom:assurance': MFA,
  'custom:roles': '["hhft-nurses"]',
};

const person = { name: 'Pat Example', 'custom:nhs_number': NHS_NUMBER, 'custom:assurance': 'P9' };

describe('staff who sign in with their county', () => {
  it('get a token in the role that their group means, for the organisation of that group', async () => {
    const { claims, roles } = await tokenOf(signedIn('hampshire', nurse));
    expect(roles).toEqual([{ id: 'hhft:clinician', organisation: 'hhft', role: 'clinician' }]);
    expect(claims).toEqual({
      roles: JSON.stringify(roles),
      staff: 'hampshire|6d0f0c8e-1111-4a66-9d5b-000000000001',
      name: 'Nurse Example',
      provider: 'hampshire',
      assurance: 'high',
    });
  });

  it.each([
    ['JSON', '["dch-nurses","dhc-health-visitors"]'],
    ['brackets without quotes', '[dch-nurses, dhc-health-visitors]'],
    ['commas', 'dch-nurses,dhc-health-visitors'],
    ['form-encoded values', 'dch%2Dnurses,dhc%2Dhealth%2Dvisitors'],
    ['a form-encoded list', '%5B%22dch-nurses%22%2C+%22dhc-health-visitors%22%5D'],
  ])('are read however Cognito flattened their groups: %s', async (_, groups) => {
    const { roles } = await tokenOf(signedIn('dorset', { ...nurse, 'custom:roles': groups }));
    expect(roles.map(({ id }) => id)).toEqual(['dch:clinician', 'dhc:health-visitor']);
  });

  it('have a role once, however many of their groups mean it', async () => {
    const { roles } = await tokenOf(signedIn('hampshire', { ...nurse, 'custom:roles': 'hhft-nurses,hhft-doctors,hhft-nurses' }));
    expect(roles).toHaveLength(1);
  });

  it.each<[string, string, object, string]>([
    ['groups that mean nothing here', 'hampshire', { 'custom:roles': '["Domain Users"]' }, 'no-role'],
    ['groups that mean something at another provider', 'hampshire', { 'custom:roles': '["dch-nurses"]' }, 'no-role'],
    ['no groups', 'hampshire', { 'custom:roles': '' }, 'no-role'],
    ['groups that cannot be read', 'hampshire', { 'custom:roles': '[1,2]' }, 'roles-unreadable'],
    ['assurance that is not agreed', 'hampshire', { 'custom:assurance': 'trust me' }, 'assurance-unknown'],
    ['assurance by a name that every object has', 'hampshire', { 'custom:assurance': 'constructor' }, 'assurance-unknown'],
    ['no assurance', 'hampshire', { 'custom:assurance': '' }, 'assurance-unknown'],
    ['no identifier', 'hampshire', { 'custom:staff_id': '' }, 'identity-missing'],
    [
      'an identifier that would be somebody at another provider',
      'hampshire',
      { 'custom:staff_id': 'x|cis2|1' },
      'identity-missing',
    ],
    ['a provider that is not in the settings', 'surrey', {}, 'provider-unknown'],
  ])('get no token with %s', async (_, provider, change, code) => {
    expect(await ask(signedIn(provider, { ...nurse, ...change }))).toBe(code);
  });

  it.each([
    ['none', '[]'],
    ['two', JSON.stringify([{ providerName: 'hampshire' }, { providerName: 'dorset' }])],
    ['what cannot be read', 'hampshire'],
  ])('get no token when the user pool notes %s of the providers they signed in with', async (_, identities) => {
    expect(await ask(signedIn('hampshire', { ...nurse, identities }))).toBe('provider-unknown');
  });
});

describe('a provider', () => {
  const [hampshire] = demo.providers.filter(({ id }) => id === 'hampshire');
  const lying = { ...hampshire!, roles: [{ claim: 'hhft-nurses', role: 'gp' as const, organisation: 'uhd' }] };

  it('speaks for no organisation that it is not listed for, whatever its table says', async () => {
    expect(await ask(signedIn('hampshire', nurse), { providers: [lying] })).toBe('organisation-unknown');
  });

  it('that is listed for an organisation before a merger speaks for what has become of it, from that day on', async () => {
    const providers = [{ ...hampshire!, speaksFor: ['solent'], roles: [{ claim: 'hhft-nurses', role: 'clinician' as const }] }];
    const on = async (at: string) => (await tokenOf(signedIn('hampshire', nurse), { providers, at })).roles[0]?.organisation;
    expect(await on('2024-09-30T22:59:59.000Z')).toBe('solent');
    expect(await on('2024-10-01T00:00:00.000Z')).toBe('hiow-healthcare');
  });

  it('speaks for nobody who has left', async () => {
    const organisations = demo.organisations.map((one) =>
      one.id === 'hhft' ? { ...one, names: [{ value: 'Hampshire Hospitals', to: '2026-03-01' }] } : one,
    );
    expect(await ask(signedIn('hampshire', nurse), { organisations })).toBe('organisation-unknown');
    expect(await ask(signedIn('hampshire', nurse), { organisations, at: '2026-02-28T23:59:59.999Z' })).not.toBeTypeOf('string');
  });
});

describe('a person who signs in with NHS login', () => {
  it('is known by the id that their NHS number gives, and the number is in nothing that is said', async () => {
    const token = await tokenOf(signedIn('nhs-login', person));
    expect(token.claims).toEqual({
      roles: '[{"id":"self","organisation":"people","role":"person"}]',
      person: identity.person({ system: NHS_NUMBER_SYSTEM, value: NHS_NUMBER }),
      name: 'Pat Example',
      provider: 'nhs-login',
      assurance: 'high',
    });
    expect(JSON.stringify(token)).not.toContain(NHS_NUMBER);
  });

  it.each([
    ['P5', { 'custom:assurance': 'P5' }, 'not-proved'],
    ['P0', { 'custom:assurance': 'P0' }, 'not-proved'],
    ['no level', { 'custom:assurance': '' }, 'assurance-unknown'],
    ['another level', { 'custom:assurance': 'P10' }, 'assurance-unknown'],
    ['no NHS number', { 'custom:nhs_number': '' }, 'no-nhs-number'],
    ['a wrong check digit', { 'custom:nhs_number': '9990000019' }, 'no-nhs-number'],
  ])('gets no token with %s', async (_, change, code) => {
    expect(await ask(signedIn('nhs-login', { ...person, ...change }))).toBe(code);
  });

  it('gains no role from attributes that are for staff', async () => {
    const { roles } = await tokenOf(signedIn('nhs-login', { ...nurse, ...person, 'custom:assurance': 'P9' }));
    expect(roles).toEqual([{ id: 'self', organisation: 'people', role: 'person' }]);
  });
});

describe('the scopes of a token', () => {
  it('of staff are for staff: what an app asked for systems and for people goes', async () => {
    const asked = ['openid', 'user/*.rs', 'user/Observation.rs?category=vital-signs', 'patient/*.rs', 'system/*.cruds'];
    const { suppressed } = await tokenOf(signedIn('hampshire', nurse, [...asked, 'aws.cognito.signin.user.admin']));
    expect(suppressed).toEqual(['patient/*.rs', 'system/*.cruds', 'aws.cognito.signin.user.admin']);
  });

  it('of a person are for people', async () => {
    const { suppressed } = await tokenOf(signedIn('nhs-login', person, ['openid', 'user/*.rs', 'patient/*.rs', 'system/*.rs']));
    expect(suppressed).toEqual(['user/*.rs', 'system/*.rs']);
  });

  it.each<[string, string, Record<string, string>, string]>([
    ['a person in an app for staff', 'nhs-login', person, 'user/*.rs'],
    ['staff in an app for people', 'hampshire', nurse, 'patient/*.rs'],
    ['staff who would be a system', 'hampshire', nurse, 'system/*.cruds'],
  ])('leave nothing, so there is no token: %s', async (_, provider, attributes, scope) => {
    expect(await ask(signedIn(provider, attributes, ['openid', scope]))).toBe('nothing-to-read');
  });

  it('change nothing when they are wider than the role', async () => {
    const wide = await tokenOf(signedIn('dorset', { ...nurse, 'custom:roles': 'uhd-reception' }, ['user/*.rs']));
    expect(wide.roles).toEqual([{ id: 'uhd:clerical', organisation: 'uhd', role: 'clerical' }]);
    expect(wide.suppressed).toEqual([]);
  });
});

describe('what apps are told', () => {
  it('holds nothing of what the provider said for the user pool', async () => {
    const { hiddenFromApps } = await tokenOf(signedIn('nhs-login', person));
    expect(hiddenFromApps.toSorted()).toEqual(
      ['custom:assurance', 'custom:nhs_number', 'custom:roles', 'custom:selected_role', 'custom:staff_id'].toSorted(),
    );
  });

  it('says which Patient a person is, each time, and nothing of staff', async () => {
    for (const occasion of ['TokenGeneration_HostedAuth', 'TokenGeneration_RefreshTokens'] as const) {
      const { claims, idClaims } = await tokenOf(signedIn('nhs-login', person, undefined, occasion));
      expect(idClaims).toEqual({ fhirUser: `Patient/${claims.person}` });
      expect((await tokenOf(signedIn('hampshire', nurse, undefined, occasion))).idClaims).toEqual({});
    }
  });

  it('has a name on one line', async () => {
    const { claims } = await tokenOf(signedIn('hampshire', { ...nurse, name: ' Nurse\u202e\n Example\u0000 ' }));
    expect(claims.name).toBe('Nurse Example');
  });
});

describe('a token that is refreshed', () => {
  const refreshed = (attributes: Record<string, string>) =>
    signedIn('dorset', attributes, ['user/*.rs'], 'TokenGeneration_RefreshTokens');
  const social = { ...nurse, 'custom:roles': '["dorset-council-social-workers"]' };

  it('says what the provider said last', async () => {
    expect((await tokenOf(refreshed(social))).roles[0]?.role).toBe('social-worker');
  });

  it('is none once the role has gone from the table', async () => {
    const providers = demo.providers.map((one) => ({ ...one, roles: one.roles.filter(({ role }) => role !== 'social-worker') }));
    expect(await ask(refreshed(social), { providers })).toBe('no-role');
  });

  it('is none once the organisation has left, and for its successor once it has merged', async () => {
    const change = (told: object) => demo.organisations.map((one) => (one.id === 'dorset-council' ? { ...one, ...told } : one));
    const left = change({ names: [{ value: 'Dorset Council', to: '2026-03-02' }] });
    const merged = change({ successors: [{ organisation: 'bcp', on: '2026-03-02' }] });
    expect(await ask(refreshed(social), { organisations: left })).toBe('organisation-unknown');
    expect((await tokenOf(refreshed(social), { organisations: merged })).roles[0]?.organisation).toBe('bcp');
  });

  it('is none once the provider has gone', async () => {
    expect(await ask(refreshed(social), { providers: [] })).toBe('provider-unknown');
  });
});

describe('every token that is issued', () => {
  it.each<[string, Record<string, string>]>([
    ['hampshire', nurse],
    ['nhs-login', person],
    ['cis2', cis2([AMMONITE])],
  ])('is understood at the other end: %s', async (provider, attributes) => {
    const { claims } = await tokenOf(signedIn(provider, attributes));
    const { caller } = callerOf({
      headers: {},
      multiValueHeaders: {},
      requestContext: { authorizer: { claims: { ...claims, client_id: 'app', scope: 'openid' } } } as never,
    });
    expect(caller).toMatchObject({ provider, assurance: 'high' });
  });

  it.each(['TokenGeneration_Authentication', 'TokenGeneration_NewPasswordChallenge', 'TokenGeneration_AuthenticateDevice'])(
    'comes from a provider: %s, which is for passwords, gives none',
    async (source) => {
      const event = signedIn('hampshire', nurse, [], source as TokenSource);
      await expect(trigger()(event)).rejects.toThrow(REFUSALS['not-for-tokens']);
    },
  );

  it('comes from a trigger of version 3', async () => {
    expect(await ask(question({ version: '2' as '3' }))).toBe('not-for-tokens');
  });
});
