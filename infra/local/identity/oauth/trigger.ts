import type { PreTokenGenerationV3TriggerEvent } from 'aws-lambda';
import type { PoolUser } from './users.ts';

/** What tokens are to say, before they are signed. */
export interface TokenDraft {
  readonly scopes: readonly string[];
  /** Claims of the access token beside those that every one has. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** What is added to the ID token, and what is kept out of it. */
  readonly idToken: { readonly claims: Readonly<Record<string, unknown>>; readonly suppressed: readonly string[] };
}

/** Claims that no trigger can touch (Cognito developer guide, "Pre token generation Lambda trigger"). */
const PROTECTED = new Set([
  ...[
    'acr',
    'amr',
    'at_hash',
    'aud',
    'auth_time',
    'azp',
    'client_id',
    'device_key',
    'event_id',
    'exp',
    'iat',
    'identities',
    'iss',
    'jti',
  ],
  ...['nbf', 'nonce', 'origin_jti', 'scope', 'sub', 'token_use', 'username', 'version'],
]);

/** Why a token is made: for a system, for somebody who signs in, for somebody who goes on. */
export type Occasion = 'TokenGeneration_ClientCredentials' | 'TokenGeneration_HostedAuth' | 'TokenGeneration_RefreshTokens';

/** The same for every occasion; the types that are published know of one alone. */
export type TriggerEvent = Omit<PreTokenGenerationV3TriggerEvent, 'triggerSource'> & { readonly triggerSource: Occasion };

interface TokenRequest {
  readonly occasion: Occasion;
  readonly region: string;
  readonly poolId: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Who signs in; nobody does for a system. */
  readonly user?: PoolUser;
  /** What the client sent as `aws_client_metadata`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The event that the trigger receives before a token (version V3_0). */
export const triggerEvent = (request: TokenRequest): TriggerEvent => {
  const { occasion, region, poolId, clientId, scopes, user, metadata } = request;
  return {
    version: '3',
    triggerSource: occasion,
    region,
    userPoolId: poolId,
    userName: user?.username ?? 'ClientCredentials',
    callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId },
    request: {
      userAttributes: user === undefined ? {} : userAttributes(user),
      groupConfiguration: { groupsToOverride: user === undefined ? [] : [groupOf(poolId, user)], iamRolesToOverride: [] },
      scopes: [...scopes],
      ...(metadata === undefined ? {} : { clientMetadata: { ...metadata } }),
    },
    response: { claimsAndScopeOverrideDetails: {} },
  };
};

/** Cognito puts everybody who comes from a provider into a group of that provider. */
export const groupOf = (poolId: string, { provider }: PoolUser): string => `${poolId}_${provider}`;

const userAttributes = ({ sub, identities, attributes }: PoolUser): Record<string, string> => ({
  sub,
  'cognito:user_status': 'EXTERNAL_PROVIDER',
  identities: JSON.stringify(identities),
  ...attributes,
});

interface Generation {
  readonly claimsToAddOrOverride?: Readonly<Record<string, unknown>>;
  readonly claimsToSuppress?: readonly string[];
  readonly scopesToAdd?: readonly string[];
  readonly scopesToSuppress?: readonly string[];
}

/** What the tokens say once the trigger has had its say. */
export function applyTrigger(scopes: readonly string[], answer: unknown): TokenDraft {
  const { response } = (answer ?? {}) as {
    response?: {
      claimsAndScopeOverrideDetails?: { accessTokenGeneration?: Generation; idTokenGeneration?: Generation } | null;
    };
  };
  const { accessTokenGeneration = {}, idTokenGeneration = {} } = response?.claimsAndScopeOverrideDetails ?? {};
  const { scopesToAdd = [], scopesToSuppress = [] } = accessTokenGeneration;
  return {
    scopes: [...new Set([...scopes, ...scopesToAdd])].filter((scope) => !scopesToSuppress.includes(scope)),
    claims: claimsOf(accessTokenGeneration),
    idToken: { claims: claimsOf(idTokenGeneration), suppressed: idTokenGeneration.claimsToSuppress ?? [] },
  };
}

const claimsOf = ({ claimsToAddOrOverride = {}, claimsToSuppress = [] }: Generation): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(claimsToAddOrOverride).filter(([name]) => !PROTECTED.has(name) && !claimsToSuppress.includes(name)),
  );

/** Tokens of a pool without a trigger. */
export const undrafted = (scopes: readonly string[]): TokenDraft => ({
  scopes,
  claims: {},
  idToken: { claims: {}, suppressed: [] },
});
