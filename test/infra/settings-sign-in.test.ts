import { describe, expect, it } from 'vitest';
import { checkSettings, loadSettings, providersOf } from '../../infra/settings.ts';

const demo = loadSettings('demo');
const providerOf = (id: string) => demo.providers.find((one) => one.id === id)!;
const [hampshire, wiltshire, cis2, nhsLogin] = ['hampshire', 'wiltshire', 'cis2', 'nhs-login'].map(providerOf);

const portal = {
  name: 'portal',
  redirectUris: ['https://portal.example/signed-in'],
  logoutUris: ['https://portal.example/'],
  scopes: ['openid', 'user/*.rs'],
};

const refusal = (change: object): string => {
  try {
    checkSettings({ ...demo, apps: [], ...change });
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  }
};

/** What is said of one provider that is the only one. */
const ofProvider = (provider: object) => refusal({ providers: [provider] });
/** What is said of one app, where the demo's providers are. */
const ofApp = (change: object) => refusal({ apps: [{ ...portal, ...change }] });

describe('providers in the settings', () => {
  it('are seven in the demo: five counties, the two national services', () => {
    expect(demo.providers.map(({ id }) => id)).toEqual([
      'dorset',
      'hampshire',
      'wiltshire',
      'somerset',
      'devon',
      'cis2',
      'nhs-login',
    ]);
  });

  const row = { claim: 'g', role: 'clinician', organisation: 'hhft' };
  it.each<[string, object, string]>([
    [
      'an unknown organisation',
      { ...hampshire, speaksFor: ['nobody'] },
      'providers[0].speaksFor[0]: no organisation has this id',
    ],
    ['no organisation', { ...wiltshire, speaksFor: [] }, 'providers[0].speaksFor: speaks for no organisation'],
    [
      'a role for an unknown organisation',
      { ...hampshire, roles: [{ ...row, organisation: 'nobody' }] },
      'providers[0].roles[0].organisation: no organisation has this id',
    ],
    [
      'a role for an organisation that it may not speak for',
      { ...hampshire, roles: [{ ...row, organisation: 'uhd' }] },
      'providers[0].roles[0].organisation: is none that this provider speaks for',
    ],
    [
      'a role for nobody in particular of several',
      { ...hampshire, roles: [{ claim: 'g', role: 'clinician' }] },
      'providers[0].roles[0]: must name the organisation',
    ],
    [
      'an unknown role',
      { ...hampshire, roles: [{ ...row, role: 'wizard' }] },
      'providers[0].roles[0].role: no role that staff can have',
    ],
    [
      'the role of a person',
      { ...hampshire, roles: [{ ...row, role: 'person' }] },
      'providers[0].roles[0].role: no role that staff can have',
    ],
    [
      'the role of a system',
      { ...hampshire, roles: [{ ...row, role: 'system' }] },
      'providers[0].roles[0].role: no role that staff can have',
    ],
    ['a line twice', { ...hampshire, roles: [row, row] }, 'providers[0].roles[1].claim: is also that of roles[0]'],
    ['no roles', { ...hampshire, roles: [] }, 'providers[0].roles: maps to no role'],
    ['no assurance', { ...hampshire, assurance: {} }, 'providers[0].assurance: is empty'],
    ['assurance of a kind that there is not', { ...hampshire, assurance: { mfa: 'total' } }, 'providers[0].assurance.mfa: '],
    [
      'an issuer without TLS',
      { ...hampshire, connection: { ...hampshire!.connection, issuer: 'http://login.example' } },
      'providers[0].connection.issuer: ',
    ],
    [
      'an issuer with a slash at its end',
      { ...hampshire, connection: { ...hampshire!.connection, issuer: 'https://login.example/' } },
      'providers[0].connection.issuer: an https address without a slash at its end',
    ],
    [
      'no openid',
      { ...hampshire, connection: { ...hampshire!.connection, scopes: ['profile'] } },
      'providers[0].connection.scopes: must have openid',
    ],
    ['an id that Cognito’s groups could not have', { ...hampshire, id: 'Hampshire IdP' }, 'providers[0].id: a slug'],
    ['a domain that is none', { ...hampshire, domains: ['@hhft.nhs.uk'] }, 'providers[0].domains[0]: an e-mail domain'],
    ['a domain longer than Cognito takes', { ...hampshire, domains: [`${'a'.repeat(40)}.uk`] }, 'providers[0].domains[0]: '],
    [
      'more domains than Cognito takes',
      { ...hampshire, domains: Array.from({ length: 51 }, (_, index) => `d${index}.example`) },
      'providers[0].domains: at most 50',
    ],
    ['a misspelt setting', { ...hampshire, speakFor: [] }, 'providers[0]: Unrecognized key: "speakFor"'],
    [
      'CIS2 over SAML',
      { ...cis2, connection: { protocol: 'saml', metadataUrl: 'https://cis2.example/metadata' } },
      'providers[0].connection.protocol: cis2 speaks oidc',
    ],
    [
      'a CIS2 role that is a group',
      { ...cis2, roles: [{ claim: 'nurses', role: 'clinician' }] },
      'providers[0].roles[0].claim: the end of a role code',
    ],
    [
      'CIS2 that is told for whom',
      { ...cis2, roles: [{ claim: 'R8000', role: 'clinician', organisation: 'uhd' }] },
      'providers[0].roles[0].organisation: CIS2 says itself',
    ],
    [
      'a CIS2 role with two meanings',
      {
        ...cis2,
        roles: [
          { claim: 'R8000', role: 'clinician' },
          { claim: 'R8000', role: 'gp' },
        ],
      },
      'providers[0].roles[1].claim: is also that of roles[0]',
    ],
    [
      'NHS login with a role of staff',
      { ...nhsLogin, roles: [{ claim: 'P9', role: 'gp' }] },
      'providers[0].roles: people who use NHS login have no role of staff',
    ],
    [
      'NHS login for an organisation',
      { ...nhsLogin, speaksFor: ['uhd'] },
      'providers[0].speaksFor: people who use NHS login act for no organisation',
    ],
    ['NHS login for all organisations', { ...nhsLogin, speaksFor: 'all' }, 'providers[0].speaksFor: '],
    [
      'NHS login that takes P5',
      { ...nhsLogin, assurance: { P9: 'high', P5: 'substantial' } },
      'providers[0].assurance.P5: only P9 may see a record',
    ],
    ['NHS login without P9', { ...nhsLogin, assurance: {} }, 'providers[0].assurance: must say that P9 is high'],
    [
      'NHS login over SAML',
      { ...nhsLogin, connection: { protocol: 'saml', metadataUrl: 'https://login.example/metadata' } },
      'providers[0].connection.protocol: nhs-login speaks oidc',
    ],
  ])('are refused, by name, with %s', (_, provider, message) => {
    expect(ofProvider(provider)).toContain(`\n  ${message}`);
  });

  it('may be SAML directories whose groups mean roles', () => {
    const saml = { ...wiltshire, connection: { protocol: 'saml', metadataUrl: 'https://idp.salisbury.example/metadata' } };
    expect(ofProvider(saml)).toBe('accepted');
  });

  it('need not say for whom where they speak for one organisation', () => {
    expect(ofProvider({ ...wiltshire, roles: [{ claim: 'nurses', role: 'clinician' }] })).toBe('accepted');
  });

  it('are refused when two have one id, or one domain', () => {
    const twice = refusal({ providers: [wiltshire, { ...wiltshire }] });
    expect(twice).toContain('\n  providers[1].id: is also that of providers[0]');
    expect(twice).toContain('\n  providers[1].domains[0]: is also one of providers[0]');
  });

  it('are told all that is wrong with them at once', () => {
    const message = ofProvider({ ...hampshire, speaksFor: ['nobody'], assurance: {}, roles: [{ ...row, organisation: 'uhd' }] });
    expect(message.split('\n  ')).toHaveLength(4);
  });
});

describe('organisations in the settings', () => {
  it('are refused the name that stands for people', () => {
    const people = { ...demo.organisations[0], id: 'people', successors: [] };
    expect(refusal({ organisations: [...demo.organisations, people] })).toContain(
      `\n  organisations[${demo.organisations.length}].id: stands for people who look for themselves`,
    );
  });
});

describe('apps in the settings', () => {
  it('have short tokens and a session of a shift, where nothing is said', () => {
    const { apps } = checkSettings({ ...demo, apps: [portal] });
    expect(apps[0]).toMatchObject({ tokenMinutes: 15, sessionHours: 10 });
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ['staff', ['openid', 'user/*.rs'], ['dorset', 'hampshire', 'wiltshire', 'somerset', 'devon', 'cis2']],
    ['people', ['openid', 'patient/*.rs'], ['nhs-login']],
    ['both', ['user/*.rs', 'patient/*.rs'], demo.providers.map(({ id }) => id)],
  ])('for %s let those sign in whom their scopes are for', (_, scopes, expected) => {
    const settings = checkSettings({ ...demo, apps: [{ ...portal, scopes }] });
    expect(providersOf(settings, settings.apps[0]!).map(({ id }) => id)).toEqual(expected);
  });

  it('let those sign in whom they name', () => {
    const settings = checkSettings({ ...demo, apps: [{ ...portal, providers: ['cis2'] }] });
    expect(providersOf(settings, settings.apps[0]!).map(({ id }) => id)).toEqual(['cis2']);
  });

  it.each([
    'user/Observation.rs?category=vital-signs',
    'patient/Observation.s?category=http:%2F%2Fterminology.hl7.org%2FCodeSystem%2Fobservation-category|laboratory',
    'user/Condition.r?category=problem-list-item&clinical-status=active',
  ])('may be narrow: %s', (scope) => {
    expect(ofApp({ scopes: [scope, 'user/Patient.r', 'patient/Patient.r'] })).toBe('accepted');
  });

  it.each<[string, object, string]>([
    [
      'an address without TLS',
      { redirectUris: ['http://portal.example/'] },
      'apps[0].redirectUris[0]: https://…, or http://localhost',
    ],
    ['an address on this machine by another name', { redirectUris: ['http://127.0.0.1:1/'] }, 'apps[0].redirectUris[0]: '],
    [
      'an address that only looks like this machine',
      { redirectUris: ['http://localhost.evil.example/'] },
      'apps[0].redirectUris[0]: ',
    ],
    ['an address with a fragment', { redirectUris: ['https://portal.example/#here'] }, 'apps[0].redirectUris[0]: '],
    ['an address with a wildcard', { redirectUris: ['https://*.portal.example/'] }, 'apps[0].redirectUris[0]: '],
    ['an address with a user in it', { redirectUris: ['https://portal.example@evil.example/'] }, 'apps[0].redirectUris[0]: '],
    ['an address that runs', { redirectUris: ['javascript:alert(1)'] }, 'apps[0].redirectUris[0]: '],
    ['an address to leave to that is none', { logoutUris: ['portal'] }, 'apps[0].logoutUris[0]: '],
    [
      'more addresses than Cognito takes',
      { redirectUris: Array.from({ length: 101 }, (_, index) => `https://portal.example/${index}`) },
      'apps[0].redirectUris: ',
    ],
    ['no address', { redirectUris: [] }, 'apps[0].redirectUris: '],
    ['a scope of systems', { scopes: ['system/*.rs'] }, 'apps[0].scopes[0]: openid, or a SMART v2 scope that reads'],
    ['a scope that writes', { scopes: ['user/*.cruds'] }, 'apps[0].scopes[0]: openid, or a SMART v2 scope that reads'],
    ['letters in another order', { scopes: ['user/*.sr'] }, 'apps[0].scopes[0]: '],
    ['a scope of SMART 1', { scopes: ['user/*.read'] }, 'apps[0].scopes[0]: '],
    ['a slash in a query', { scopes: ['user/Observation.rs?category=http://x'] }, 'apps[0].scopes[0]: '],
    ['a quote in a query', { scopes: ['user/Observation.rs?code="x"'] }, 'apps[0].scopes[0]: '],
    ['a blank in a query', { scopes: ['user/Observation.rs?code=a b'] }, 'apps[0].scopes[0]: '],
    [
      'a letter that is not ASCII',
      { scopes: ['user/Observation.rs?code=ä'] },
      'apps[0].scopes[0]: holds a character that Cognito refuses',
    ],
    ['an empty query', { scopes: ['user/Observation.rs?'] }, 'apps[0].scopes[0]: '],
    [
      'what lets apps change what the pool knows',
      { scopes: ['user/*.rs', 'aws.cognito.signin.user.admin'] },
      'apps[0].scopes[1]: ',
    ],
    ['nothing to read', { scopes: ['openid'] }, 'apps[0].scopes: lets nobody read anything'],
    ['a scope twice', { scopes: ['user/*.rs', 'user/*.rs'] }, 'apps[0].scopes: names a scope twice'],
    [
      'more scopes than Cognito takes',
      { scopes: Array.from({ length: 51 }, (_, index) => `user/Observation.rs?code=${index}`) },
      'apps[0].scopes: ',
    ],
    ['an unknown provider', { providers: ['surrey'] }, 'apps[0].providers[0]: no provider has this id'],
    [
      'people alone, with scopes of staff',
      { providers: ['nhs-login'] },
      'apps[0].scopes: has user/ scopes, yet no member of staff can sign in',
    ],
    [
      'people among them, without scopes for people',
      { providers: ['cis2', 'nhs-login'] },
      'apps[0].providers: lets a person sign in, yet has no patient/ scopes',
    ],
    [
      'staff who stay signed in for longer than a shift',
      { sessionHours: 13 },
      'apps[0].sessionHours: at most 12 where staff sign in',
    ],
    ['tokens that are shorter than Cognito makes them', { tokenMinutes: 4 }, 'apps[0].tokenMinutes: '],
    ['tokens that outlive those of systems', { tokenMinutes: 61 }, 'apps[0].tokenMinutes: '],
    ['the name of a client', { name: 'uhd' }, 'apps[0].name: is also that of a client'],
    ['a name that is none', { name: 'My portal' }, 'apps[0].name: a slug'],
  ])('are refused, by name, with %s', (_, change, message) => {
    expect(ofApp(change)).toContain(`\n  ${message}`);
  });

  it('for people may keep them signed in for a day', () => {
    expect(ofApp({ scopes: ['patient/*.rs'], sessionHours: 24 })).toBe('accepted');
    expect(ofApp({ scopes: ['patient/*.rs'], sessionHours: 25 })).toContain('apps[0].sessionHours: ');
  });

  it('are refused when two have one name, or together more scopes than a resource server can', () => {
    expect(refusal({ apps: [portal, portal] })).toContain('\n  apps[1].name: is also that of apps[0]');
    const many = [0, 1, 2].map((app) => ({
      ...portal,
      name: `portal-${app}`,
      scopes: Array.from({ length: 40 }, (_, index) => `user/Observation.rs?code=${app}-${index}`),
    }));
    expect(refusal({ apps: many })).toContain('\n  apps: more than 100 different scopes of user/');
  });
});
