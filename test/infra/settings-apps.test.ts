import { describe, expect, it } from 'vitest';
import { checkSettings, loadSettings, providersOf } from '../../infra/settings.ts';

const demo = loadSettings('demo');

const portal = {
  name: 'portal',
  redirectUris: ['https://portal.example/signed-in'],
  logoutUris: ['https://portal.example/'],
  scopes: ['openid', 'user/*.rs'],
};

const refusal = (apps: readonly object[]): string => {
  try {
    checkSettings({ ...demo, apps });
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  }
};

/** What is said of one app, where the demo's providers are. */
const ofApp = (change: object) => refusal([{ ...portal, ...change }]);

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
    expect(refusal([portal, portal])).toContain('\n  apps[1].name: is also that of apps[0]');
    const many = [0, 1, 2].map((app) => ({
      ...portal,
      name: `portal-${app}`,
      scopes: Array.from({ length: 40 }, (_, index) => `user/Observation.rs?code=${app}-${index}`),
    }));
    expect(refusal(many)).toContain('\n  apps: more than 100 different scopes of user/');
  });
});
