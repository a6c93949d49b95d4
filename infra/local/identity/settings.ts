import { authorise } from '../iam/authorise.ts';
import type { Policies } from '../iam/policies.ts';
import { servicePrincipal } from '../iam/principal.ts';
import { type Place, type ResolvedResource, refuseUnknownProperties, resourcesOf, UnsupportedTemplate } from '../resource.ts';

/** A partner's app client. */
export interface ClientSettings {
  readonly clientId: string;
  readonly name: string;
  /** What its tokens may say, and do say when it asks for nothing in particular. */
  readonly scopes: readonly string[];
  readonly tokenSeconds: number;
}

/** A user pool, its clients and its token trigger. */
export interface PoolSettings {
  readonly poolId: string;
  readonly issuer: string;
  /** ARN of the function that is asked before each token. */
  readonly trigger?: string;
  readonly clients: readonly ClientSettings[];
}

/** Properties that speak of people who sign in with a password: nobody does. */
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
  'UserPoolName',
  'UserPoolTags',
  'UserPoolTier',
];
const SERVER_PROPERTIES = ['Identifier', 'Name', 'Scopes', 'UserPoolId'];
const CLIENT_PROPERTIES = [
  ...[
    'AccessTokenValidity',
    'AllowedOAuthFlows',
    'AllowedOAuthFlowsUserPoolClient',
    'AllowedOAuthScopes',
    'AuthSessionValidity',
    'ClientName',
  ],
  ...[
    'EnableTokenRevocation',
    'ExplicitAuthFlows',
    'GenerateSecret',
    'PreventUserExistenceErrors',
    'SupportedIdentityProviders',
    'TokenValidityUnits',
    'UserPoolId',
  ],
];

const UNIT_SECONDS: Readonly<Record<string, number>> = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 };
const LEAST_SECONDS = 5 * 60;
const MOST_SECONDS = 24 * 3600;

/** Reads the one user pool of a template. @throws UnsupportedTemplate */
export function poolOf(resources: Iterable<ResolvedResource>, policies: Policies, place: Place): PoolSettings {
  const all = [...resources];
  const [pool, other] = resourcesOf(all, 'AWS::Cognito::UserPool');
  if (pool === undefined || other !== undefined)
    throw new UnsupportedTemplate((other ?? pool)?.logicalId ?? 'AWS::Cognito::UserPool', 'there must be one user pool');
  refuseUnknownProperties(pool, POOL_PROPERTIES);
  const scopes = new Set(resourcesOf(all, 'AWS::Cognito::UserPoolResourceServer').flatMap(readServer));
  const trigger = readTrigger(pool, policies, place);
  return {
    poolId: pool.ref,
    issuer: `https://cognito-idp.${place.region}.amazonaws.com/${pool.ref}`,
    clients: resourcesOf(all, 'AWS::Cognito::UserPoolClient').map((client) => readClient(client, scopes)),
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

function readClient(client: ResolvedResource, known: ReadonlySet<string>): ClientSettings {
  refuseUnknownProperties(client, CLIENT_PROPERTIES);
  const { logicalId, ref, properties } = client;
  const {
    AllowedOAuthFlows = [],
    AllowedOAuthScopes = [],
    ClientName,
    GenerateSecret,
  } = properties as {
    AllowedOAuthFlows?: string[];
    AllowedOAuthScopes?: string[];
    ClientName?: string;
    GenerateSecret?: unknown;
  };
  if (AllowedOAuthFlows.join() !== 'client_credentials')
    throw new UnsupportedTemplate(`${logicalId}.AllowedOAuthFlows`, 'only client_credentials is known');
  if (String(GenerateSecret) !== 'true')
    throw new UnsupportedTemplate(`${logicalId}.GenerateSecret`, 'client credentials need a secret');
  const unknown = AllowedOAuthScopes.find((scope) => !known.has(scope));
  if (unknown !== undefined)
    throw new UnsupportedTemplate(`${logicalId}.AllowedOAuthScopes`, `no resource server has the scope ${unknown}`);
  return { clientId: ref, name: ClientName ?? logicalId, scopes: AllowedOAuthScopes, tokenSeconds: readValidity(client) };
}

function readValidity({ logicalId, properties }: ResolvedResource): number {
  const { AccessTokenValidity, TokenValidityUnits } = properties as {
    AccessTokenValidity?: number;
    TokenValidityUnits?: { AccessToken?: string };
  };
  if (AccessTokenValidity === undefined) return UNIT_SECONDS.hours!;
  const seconds = Number(AccessTokenValidity) * (UNIT_SECONDS[TokenValidityUnits?.AccessToken ?? 'hours'] ?? Number.NaN);
  if (seconds >= LEAST_SECONDS && seconds <= MOST_SECONDS) return seconds;
  throw new UnsupportedTemplate(`${logicalId}.AccessTokenValidity`, 'must be from 5 minutes to 1 day');
}
