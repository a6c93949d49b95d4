import type { PreTokenGenerationV3TriggerEvent } from 'aws-lambda';

/** What a token is to say, before it is signed. */
export interface TokenDraft {
  readonly scopes: readonly string[];
  /** Claims beside those that every access token has. */
  readonly claims: Record<string, unknown>;
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

interface TokenRequest {
  readonly region: string;
  readonly poolId: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** What the client sent as `aws_client_metadata`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The event that the trigger receives before a token of client credentials (version V3_0). */
export const triggerEvent = ({ region, poolId, clientId, scopes, metadata }: TokenRequest): PreTokenGenerationV3TriggerEvent => ({
  version: '3',
  triggerSource: 'TokenGeneration_ClientCredentials',
  region,
  userPoolId: poolId,
  userName: 'ClientCredentials',
  callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId },
  request: {
    userAttributes: {},
    groupConfiguration: { groupsToOverride: [], iamRolesToOverride: [] },
    scopes: [...scopes],
    ...(metadata === undefined ? {} : { clientMetadata: { ...metadata } }),
  },
  response: { claimsAndScopeOverrideDetails: {} },
});

interface AccessTokenGeneration {
  readonly claimsToAddOrOverride?: Readonly<Record<string, unknown>>;
  readonly claimsToSuppress?: readonly string[];
  readonly scopesToAdd?: readonly string[];
  readonly scopesToSuppress?: readonly string[];
}

/** What the token says once the trigger has had its say. */
export function applyTrigger(scopes: readonly string[], answer: unknown): TokenDraft {
  const { response } = (answer ?? {}) as {
    response?: { claimsAndScopeOverrideDetails?: { accessTokenGeneration?: AccessTokenGeneration } | null };
  };
  const {
    claimsToAddOrOverride = {},
    claimsToSuppress = [],
    scopesToAdd = [],
    scopesToSuppress = [],
  } = response?.claimsAndScopeOverrideDetails?.accessTokenGeneration ?? {};
  const claims = Object.entries(claimsToAddOrOverride).filter(
    ([name]) => !PROTECTED.has(name) && !claimsToSuppress.includes(name),
  );
  return {
    scopes: [...new Set([...scopes, ...scopesToAdd])].filter((scope) => !scopesToSuppress.includes(scope)),
    claims: Object.fromEntries(claims),
  };
}
