import { describe, expect, it } from 'vitest';
import { checkSettings, loadSettings } from '../../infra/settings.ts';

const demo = loadSettings('demo');
const providerOf = (id: string) => demo.providers.find((one) => one.id === id)!;
const [hampshire, wiltshire, cis2, nhsLogin] = ['hampshire', 'wiltshire', 'cis2', 'nhs-login'].map(providerOf);

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
