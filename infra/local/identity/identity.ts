import type { IncomingMessage, ServerResponse } from 'node:http';
import { CognitoJwtVerifier } from 'aws-jwt-verify';
import type { Policies } from '../iam/policies.ts';
import type { Place, ResolvedResource } from '../resource.ts';
import { openKeeping, publicKey } from './keeping.ts';
import { createProvider } from './provider.ts';
import { type ClientSettings, poolOf } from './settings.ts';
import { applyTrigger, triggerEvent } from './trigger.ts';

/** What an access token says once it has been checked. */
export interface AccessClaims {
  readonly sub: string;
  readonly client_id: string;
  readonly scope: string;
  readonly [claim: string]: unknown;
}

/** A client with the secret that its partner signs in with. */
export interface IssuedClient extends ClientSettings {
  readonly clientSecret: string;
}

/** Cognito's token endpoint and verifier, on whatever port they are mounted. */
export interface Identity {
  readonly issuer: string;
  readonly poolId: string;
  readonly clients: readonly IssuedClient[];
  /** Answers the pool's addresses. @returns false, with nothing answered, for any other */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /**
   * Checks a token as API Gateway's authoriser does: signature, issuer, use, client and expiry. Nothing is remembered of a token.
   *
   * @throws Error when the token is not to be believed
   */
  verifyToken(token: string): Promise<AccessClaims>;
}

interface Parts {
  readonly resources: Iterable<ResolvedResource>;
  readonly policies: Policies;
  /** Address that clients call, without a slash at its end. */
  readonly baseUrl: string;
  readonly dataDir: string;
  readonly place: Place;
  /** Runs the token trigger; answers what it answered and rejects when it fails. */
  readonly invokeTrigger: (functionArn: string, event: unknown) => Promise<unknown>;
  /** Where failures are reported. What the caller is told never says more than that there was one. */
  readonly report?: (error: unknown) => void;
}

/** @throws UnsupportedTemplate when pool or clients have something that is not known here */
export function createIdentity({
  resources,
  policies,
  baseUrl,
  dataDir,
  place,
  invokeTrigger,
  report = console.error,
}: Parts): Identity {
  const pool = poolOf(resources, policies, place);
  const { signingKey, cookieKey, secretOf } = openKeeping(dataDir);
  const jwks = { keys: [publicKey(signingKey)] };
  const { poolId, issuer, trigger } = pool;

  const provider = createProvider({
    pool,
    signingKey,
    cookieKey,
    secretOf,
    report,
    async draft({ clientId }, scopes, metadata) {
      if (trigger === undefined) return { scopes, claims: {} };
      const event = triggerEvent({
        region: place.region,
        poolId,
        clientId,
        scopes,
        ...(metadata === undefined ? {} : { metadata }),
      });
      return applyTrigger(scopes, await invokeTrigger(trigger, event));
    },
  });
  const oauth = provider.callback();

  const documents: Readonly<Record<string, unknown>> = {
    [`/${poolId}/.well-known/openid-configuration`]: discovery(issuer, baseUrl, poolId),
    [`/${poolId}/.well-known/jwks.json`]: jwks,
  };

  const verifier = CognitoJwtVerifier.create({
    userPoolId: poolId,
    tokenUse: 'access',
    clientId: pool.clients.map(({ clientId }) => clientId),
  });
  verifier.cacheJwks(jwks);

  return {
    issuer,
    poolId,
    clients: pool.clients.map((client) => ({ ...client, clientSecret: secretOf(client.clientId) })),
    async handle(request, response) {
      const path = (request.url ?? '/').split('?', 1)[0]!;
      if (path === '/oauth2/token' || path === '/oauth2/revoke') {
        await oauth(request, response);
        return true;
      }
      if (!Object.hasOwn(documents, path)) return false;
      const found = request.method === 'GET' || request.method === 'HEAD';
      response.writeHead(found ? 200 : 405, { 'content-type': 'application/json', ...(found ? {} : { allow: 'GET, HEAD' }) });
      response.end(found ? JSON.stringify(documents[path]) : undefined);
      return true;
    },
    // Never `verify`: for a key that it does not know it would ask the real Cognito.
    verifyToken: async (token) => verifier.verifySync(token) as AccessClaims,
  };
}

/** What Cognito says of a pool (OpenID Connect Discovery 1.0). */
const discovery = (issuer: string, baseUrl: string, poolId: string) => ({
  issuer,
  jwks_uri: `${baseUrl}/${poolId}/.well-known/jwks.json`,
  token_endpoint: `${baseUrl}/oauth2/token`,
  revocation_endpoint: `${baseUrl}/oauth2/revoke`,
  grant_types_supported: ['client_credentials'],
  id_token_signing_alg_values_supported: ['RS256'],
  response_types_supported: [],
  subject_types_supported: ['public'],
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
});
