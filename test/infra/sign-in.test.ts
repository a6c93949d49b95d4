import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { Key } from 'aws-cdk-lib/aws-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IdentityProviders } from '../../infra/constructs/sign-in/providers.ts';
import { demo } from '../../infra/deployments/demo.ts';
import { checkSettings, loadSettings } from '../../infra/settings.ts';
import type { Provider } from '../../shared/directory/providers.ts';
import { type Synthesised, synthesise } from './synthesised.ts';

let system: Synthesised;
beforeAll(async () => {
  system = await synthesise({ checks: false });
});
afterAll(() => system.remove());

const all = (type: string) => Object.values(system.resources(type)).map(({ Properties }) => Properties);
const providerNamed = (name: string) =>
  all('AWS::Cognito::UserPoolIdentityProvider').find(({ ProviderName }) => ProviderName === name)!;

describe('the identity providers of the user pool', () => {
  it('are those of the settings, each found by its e-mail domains and its organisations', () => {
    const { providers } = loadSettings('demo');
    expect(all('AWS::Cognito::UserPoolIdentityProvider').map(({ ProviderName }) => ProviderName)).toEqual(
      providers.map(({ id }) => id),
    );
    expect(providerNamed('hampshire').IdpIdentifiers).toEqual(expect.arrayContaining(['hhft.example', 'hhft']));
    const identifiers = all('AWS::Cognito::UserPoolIdentityProvider').flatMap(({ IdpIdentifiers = [] }) => IdpIdentifiers);
    expect(new Set(identifiers).size).toBe(identifiers.length);
    // CreateIdentityProvider, IdpIdentifiers.
    for (const identifier of identifiers) expect(identifier).toMatch(/^[\w\s+=.@-]{1,40}$/);
  });

  it('say who somebody is in the words of their shape', () => {
    expect(providerNamed('cis2').AttributeMapping).toEqual({
      name: 'name',
      'custom:staff_id': 'nhsid_useruid',
      'custom:roles': 'nhsid_nrbac_roles',
      'custom:selected_role': 'selected_roleid',
      'custom:assurance': 'id_assurance_level',
    });
    expect(providerNamed('dorset').AttributeMapping).toEqual({
      ...{ name: 'name', email: 'email' },
      'custom:staff_id': 'oid',
      'custom:roles': 'groups',
      'custom:assurance': 'acr',
    });
    expect(providerNamed('nhs-login').AttributeMapping).toEqual({
      name: 'name',
      'custom:nhs_number': 'nhs_number',
      'custom:assurance': 'identity_proofing_level',
    });
  });

  it('map to attributes that the pool has, and that can change at each sign-in', () => {
    const [pool] = all('AWS::Cognito::UserPool');
    const schema: readonly { Name: string; Mutable: boolean }[] = pool!.Schema;
    const mutable = schema.filter(({ Mutable }) => Mutable).map(({ Name }) => `custom:${Name}`);
    for (const { AttributeMapping } of all('AWS::Cognito::UserPoolIdentityProvider'))
      for (const name of Object.keys(AttributeMapping).filter((each) => each.startsWith('custom:')))
        expect(mutable).toContain(name);
  });

  it('are signed in to with a secret that stands in no template', () => {
    const secrets = system.resources('AWS::SecretsManager::Secret');
    for (const { ProviderName, ProviderDetails } of all('AWS::Cognito::UserPoolIdentityProvider')) {
      const reference = JSON.stringify(ProviderDetails.client_secret);
      expect(reference).toMatch(/\{\{resolve:secretsmanager:.*:SecretString:clientSecret::\}\}/);
      const id = /"Ref":"([^"]+)"/.exec(reference)?.[1] ?? '';
      expect(secrets[id]?.Properties).toMatchObject({
        Name: `chesil/demo/providers/${ProviderName}`,
        KmsKeyId: expect.anything(),
        GenerateSecretString: { GenerateStringKey: 'clientSecret' },
      });
    }
  });
});

describe('an app', () => {
  const app = () => all('AWS::Cognito::UserPoolClient').find(({ ClientName }) => ClientName === 'sample-app')!;

  it('is a public client: a code, and nothing implicit, no secret, no password', () => {
    expect(app()).toMatchObject({
      GenerateSecret: false,
      AllowedOAuthFlows: ['code'],
      ExplicitAuthFlows: ['ALLOW_CUSTOM_AUTH'],
      PreventUserExistenceErrors: 'ENABLED',
      EnableTokenRevocation: true,
    });
    expect(JSON.stringify(app().SupportedIdentityProviders)).not.toContain('COGNITO');
    expect(app().SupportedIdentityProviders).toHaveLength(7);
  });

  it('gets short tokens, a session of a shift, and refresh tokens that are good once', () => {
    const minutes = { AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'minutes' };
    expect(app()).toMatchObject({ AccessTokenValidity: 15, IdTokenValidity: 15, TokenValidityUnits: minutes });
    expect(app().RefreshTokenValidity).toBeLessThanOrEqual(12 * 60);
    expect(app().RefreshTokenRotation).toEqual({ Feature: 'ENABLED', RetryGracePeriodSeconds: 10 });
  });

  it('reads of people no more than their name, and cannot change what their provider said', () => {
    expect(app().ReadAttributes).toEqual(['name']);
    const mapped = all('AWS::Cognito::UserPoolIdentityProvider').flatMap(({ AttributeMapping }) => Object.keys(AttributeMapping));
    // Or Cognito could not note it, and nobody would be signed in.
    expect(app().WriteAttributes).toEqual(expect.arrayContaining([...new Set(mapped)]));
    expect(JSON.stringify(app().AllowedOAuthScopes)).not.toContain('aws.cognito.signin.user.admin');
  });

  it('is signed in to on a page of its own, which Cognito shows only to clients that have a look', () => {
    expect(all('AWS::Cognito::UserPoolDomain')).toMatchObject([{ ManagedLoginVersion: 2 }]);
    expect(all('AWS::Cognito::ManagedLoginBranding')).toHaveLength(loadSettings('demo').apps.length);
  });

  it('has scopes that resource servers have, in characters that Cognito takes', () => {
    const servers = all('AWS::Cognito::UserPoolResourceServer');
    expect(servers.map(({ Identifier }) => Identifier).sort()).toEqual(['launch', 'patient', 'system', 'user']);
    const names: string[] = servers.flatMap(({ Scopes }) => Scopes.map(({ ScopeName }: { ScopeName: string }) => ScopeName));
    expect(names).toContain('Observation.rs?category=vital-signs');
    // CreateResourceServer, ScopeName.
    for (const name of names) expect(name).toMatch(/^[\x21\x23-\x2e\x30-\x5b\x5d-\x7e]{1,256}$/);
  });
});

describe('a provider that speaks SAML 2.0', () => {
  const saml: Provider = {
    id: 'coast',
    name: 'Coast Council',
    shape: 'groups',
    connection: { protocol: 'saml', metadataUrl: 'https://login.coast.example/metadata' },
    speaksFor: ['bcp'],
    domains: ['coast.example'],
    roles: [{ claim: 'social-workers', role: 'social-worker' }],
    assurance: { 'http://schemas.microsoft.com/claims/multipleauthn': 'high' },
  };

  const template = () => {
    const stack = new Stack(new App(), 'Saml');
    const settings = checkSettings({ ...demo, providers: [saml], apps: [] });
    const userPool = new UserPool(stack, 'Pool');
    new IdentityProviders(stack, 'Providers', { settings, userPool, encryptionKey: new Key(stack, 'Key') });
    return Template.fromStack(stack);
  };

  it('is asked in signed requests, answers in encrypted assertions, and only when asked', () => {
    template().hasResourceProperties('AWS::Cognito::UserPoolIdentityProvider', {
      ProviderName: 'coast',
      ProviderType: 'SAML',
      IdpIdentifiers: ['coast.example', 'bcp'],
      ProviderDetails: {
        MetadataURL: 'https://login.coast.example/metadata',
        RequestSigningAlgorithm: 'rsa-sha256',
        EncryptedResponses: true,
        IDPInit: false,
        IDPSignout: true,
      },
    });
  });

  it('says by attributes what OpenID providers say by claims', () => {
    template().hasResourceProperties('AWS::Cognito::UserPoolIdentityProvider', {
      AttributeMapping: {
        name: 'http://schemas.microsoft.com/identity/claims/displayname',
        email: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
        'custom:staff_id': 'http://schemas.microsoft.com/identity/claims/objectidentifier',
        'custom:roles': 'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups',
        'custom:assurance': 'http://schemas.microsoft.com/claims/authnmethodsreferences',
      },
    });
  });

  it('has no secret of ours to keep', () => {
    template().resourceCountIs('AWS::SecretsManager::Secret', 0);
  });
});
