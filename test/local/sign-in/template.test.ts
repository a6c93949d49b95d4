import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attributesOf } from '../../../infra/local/identity/federation/profile.ts';
import { readAttributes } from '../../../infra/local/identity/pool/attributes.ts';
import { readProvider } from '../../../infra/local/identity/pool/providers.ts';
import { readSecretReference } from '../../../infra/local/secrets/reference.ts';
import { html } from '../../../infra/pages/page.ts';
import { resource } from '../running-services.ts';
import { type SigningIn, startSigningIn } from './pool.ts';

let system: SigningIn;

beforeAll(async () => {
  system = await startSigningIn();
});
afterAll(() => system.stop());

describe('an app is refused', () => {
  it.each([
    ['with a secret, which it could not keep', { GenerateSecret: true }, /app\.GenerateSecret/],
    ['with two flows', { AllowedOAuthFlows: ['code', 'implicit'] }, /app\.AllowedOAuthFlows/],
    ['without an address to come back to', { CallbackURLs: [] }, /app\.CallbackURLs/],
    ['with a scope that no resource server has', { AllowedOAuthScopes: ['user/*.cruds'] }, /app\.AllowedOAuthScopes/],
    ['with a provider that is not there', { SupportedIdentityProviders: ['COGNITO'] }, /app\.SupportedIdentityProviders/],
    ['that may not write what its provider says', { WriteAttributes: ['name'] }, /app\.WriteAttributes: .*custom:staff_id/],
    ['whose tokens cannot be revoked', { EnableTokenRevocation: false }, /app\.EnableTokenRevocation/],
    ['with a session that Cognito does not take', { RefreshTokenValidity: 30 }, /app\.RefreshTokenValidity/],
    ['with a property that is not known here', { AnalyticsConfiguration: {} }, /app\.AnalyticsConfiguration/],
  ])('%s', (_, change, message) => {
    expect(() => system.restart(change)).toThrow(message);
  });
});

const details = { client_id: 'chesil', client_secret: 'secret', oidc_issuer: 'https://login.coast.example' };
const provider = (more: Record<string, unknown>) =>
  resource('coast', 'AWS::Cognito::UserPoolIdentityProvider', {
    ...{ UserPoolId: 'pool', ProviderName: 'coast', ProviderType: 'OIDC', ProviderDetails: details },
    AttributeMapping: { name: 'name', 'custom:roles': 'groups' },
    ...more,
  });
const pool = (attribute: object) => resource('pool', 'AWS::Cognito::UserPool', { Schema: [attribute] });
const ROLES = { Name: 'roles', AttributeDataType: 'String', Mutable: true, StringAttributeConstraints: { MaxLength: '20' } };
const known = readAttributes(pool(ROLES));

describe('a provider is refused', () => {
  it.each([
    ['that speaks another protocol', { ProviderType: 'SAML' }, /coast\.ProviderType/],
    ['with a detail that is not known here', { ProviderDetails: { ...details, jwks_uri: 'https://x.example' } }, /jwks_uri/],
    ['that is not reached over TLS', { ProviderDetails: { ...details, oidc_issuer: 'http://x.example' } }, /ProviderDetails/],
    ['that says what the pool cannot keep', { AttributeMapping: { 'custom:shoe_size': 'shoe' } }, /custom:shoe_size/],
  ])('%s', (_, more, message) => {
    expect(() => readProvider(provider(more), known)).toThrow(message);
  });

  it('by a pool whose attribute could be written once only', () => {
    expect(() => readAttributes(pool({ ...ROLES, Mutable: false }))).toThrow(/pool\.Schema\.roles/);
  });
});

describe('what a provider says', () => {
  const settings = readProvider(provider({}), known);

  it('becomes text in the attributes of the pool, and nothing else of it is kept', () => {
    const said = { name: 'Grace', groups: ['one', 'two'], shoe: 5 };
    expect(attributesOf(said, settings, known)).toEqual({ name: 'Grace', 'custom:roles': '["one","two"]' });
    expect(attributesOf({ groups: null }, settings, known)).toEqual({});
  });

  it('is not cut short where it is too long: it would mean something else', () => {
    expect(() => attributesOf({ groups: ['a-group', 'another-group'] }, settings, known)).toThrow('longer than the user pool');
  });
});

describe('a reference to a secret', () => {
  const secretOf = (id: string) => (id === 'arn:secret' ? '{"clientSecret":"shell"}' : undefined);

  it('is read as CloudFormation reads it', () => {
    expect(readSecretReference('{{resolve:secretsmanager:arn:secret:SecretString:clientSecret::}}', secretOf)).toBe('shell');
    expect(readSecretReference('plain', secretOf)).toBe('plain');
  });

  it.each(['arn:other:SecretString:clientSecret::', 'arn:secret:SecretString:another::'])(
    'to what is not there is refused: %s',
    (id) => {
      expect(() => readSecretReference(`{{resolve:secretsmanager:${id}}}`, secretOf)).toThrow('a secret that is not there');
    },
  );
});

describe('a page', () => {
  it('shows what is filled in as text, whatever it holds', () => {
    expect(html`<p title="${'"'}">${['<b>', "'&"]}${false}${undefined}${html`<i>${1}</i>`}</p>`.text).toBe(
      '<p title="&#34;">&#60;b&#62;&#39;&#38;<i>1</i></p>',
    );
  });
});
