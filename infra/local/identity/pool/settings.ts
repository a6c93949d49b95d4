import { authorise } from '../../iam/authorise.ts';
import type { Policies } from '../../iam/policies.ts';
import { servicePrincipal } from '../../iam/principal.ts';
import { type Place, type ResolvedResource, refuseUnknownProperties, resourcesOf, UnsupportedTemplate } from '../../resource.ts';
import { type Attribute, readAttributes } from './attributes.ts';
import { type ClientSettings, readClient } from './clients.ts';
import { type ProviderSettings, readProvider } from './providers.ts';

export type { AppClient, ClientSettings, SystemClient } from './clients.ts';
export type { ProviderSettings } from './providers.ts';

/** A user pool, whose clients and providers it holds, and its token trigger. */
export interface PoolSettings {
  readonly poolId: string;
  readonly issuer: string;
  /** ARN of the function that is asked before each token. */
  readonly trigger?: string;
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly clients: readonly ClientSettings[];
  readonly providers: readonly ProviderSettings[];
}

/** Properties that speak of people who sign in with a password of the pool: nobody does. */
const ABOUT_PASSWORDS = [
  ...[
    'AccountRecoverySetting',
    'AdminCreateUserConfig',
    'AutoVerifiedAttributes',
    'EmailVerificationMessage',
    'EmailVerificationSubject',
  ],
  ...[
    'EnabledMfas',
    'MfaConfiguration',
    'Policies',
    'SmsVerificationMessage',
    'UsernameAttributes',
    'UsernameConfiguration',
    'VerificationMessageTemplate',
  ],
];
const POOL_PROPERTIES = [
  ...ABOUT_PASSWORDS,
  'DeletionProtection',
  'LambdaConfig',
  'Schema',
  'UserPoolName',
  'UserPoolTags',
  'UserPoolTier',
];
const SERVER_PROPERTIES = ['Identifier', 'Name', 'Scopes', 'UserPoolId'];

/** Scopes that every pool has (Cognito developer guide, "Scopes, M2M, and resource servers"). */
const OWN_SCOPES = ['openid', 'profile', 'email', 'phone'];

/** Reads the one user pool of a template. @throws UnsupportedTemplate */
export function poolOf(resources: Iterable<ResolvedResource>, policies: Policies, place: Place): PoolSettings {
  const all = [...resources];
  const [pool, other] = resourcesOf(all, 'AWS::Cognito::UserPool');
  if (pool === undefined || other !== undefined)
    throw new UnsupportedTemplate((other ?? pool)?.logicalId ?? 'AWS::Cognito::UserPool', 'there must be one user pool');
  refuseUnknownProperties(pool, POOL_PROPERTIES);
  const scopes = new Set([...OWN_SCOPES, ...resourcesOf(all, 'AWS::Cognito::UserPoolResourceServer').flatMap(readServer)]);
  const attributes = readAttributes(pool);
  const providers = resourcesOf(all, 'AWS::Cognito::UserPoolIdentityProvider').map((each) => readProvider(each, attributes));
  const known = { scopes, attributes, providers: new Map(providers.map((provider) => [provider.name, provider])) };
  const trigger = readTrigger(pool, policies, place);
  return {
    poolId: pool.ref,
    issuer: `https://cognito-idp.${place.region}.amazonaws.com/${pool.ref}`,
    attributes,
    providers,
    clients: resourcesOf(all, 'AWS::Cognito::UserPoolClient').map((client) => readClient(client, known)),
    ...(trigger === undefined ? {} : { trigger }),
  };
}

function readTrigger(
  { logicalId, properties, attributes }: ResolvedResource,
  policies: Policies,
  place: Place,
): string | undefined {
  const at = `${logicalId}.LambdaConfig`;
  const { PreTokenGenerationConfig, ...others } = (properties.LambdaConfig ?? {}) as {
    PreTokenGenerationConfig?: { LambdaArn: string; LambdaVersion: string };
  };
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) throw new UnsupportedTemplate(`${at}.${unknown}`, 'unknown trigger');
  if (PreTokenGenerationConfig === undefined) return undefined;
  const { LambdaArn, LambdaVersion } = PreTokenGenerationConfig;
  if (LambdaVersion !== 'V3_0')
    throw new UnsupportedTemplate(at, 'only triggers of version V3_0 see tokens of client credentials');
  const context = { 'aws:SourceArn': attributes.Arn ?? '', 'aws:SourceAccount': place.account };
  const decision = authorise(
    servicePrincipal('cognito-idp.amazonaws.com', place),
    { action: 'lambda:InvokeFunction', resource: LambdaArn, context },
    policies,
  );
  if (decision !== 'allowed') throw new UnsupportedTemplate(at, 'the function does not allow the pool to call it');
  return LambdaArn;
}

function readServer(server: ResolvedResource): string[] {
  refuseUnknownProperties(server, SERVER_PROPERTIES);
  const { Identifier, Scopes = [] } = server.properties as { Identifier: string; Scopes?: { ScopeName: string }[] };
  return Scopes.map(({ ScopeName }) => `${Identifier}/${ScopeName}`);
}
