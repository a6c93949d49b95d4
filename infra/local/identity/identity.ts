import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { isOutOfRoom } from '../data-folder/fault.ts';
import type { Policies } from '../iam/policies.ts';
import type { Place, ResolvedResource } from '../resource.ts';
import { readSecretReference, type SecretOf } from '../secrets/reference.ts';
import { createAttempts } from './federation/attempts.ts';
import { createFederation } from './federation/federation.ts';
import { createReach, type NameTable } from './federation/reach.ts';
import { createRelyingParty, type RelyingParty } from './federation/relying-party.ts';
import { openKeeping, publicKey } from './keeping.ts';
import { signOut } from './logout.ts';
import { createDrafts, type DraftRequest } from './oauth/drafts.ts';
import { createProvider } from './oauth/provider.ts';
import { openLoginStore } from './oauth/store.ts';
import { applyTrigger, type TokenDraft, triggerEvent, undrafted } from './oauth/trigger.ts';
import { createUsers } from './oauth/users.ts';
import { sendPage } from './pages/answer.ts';
import { refusalPage } from './pages/refusal.ts';
import { type AppClient, poolOf, type SystemClient } from './pool/settings.ts';
import { answerUserInfo } from './user-info.ts';

/** What an access token says once it has been checked. */
export interface AccessClaims {
  readonly sub: string;
  readonly client_id: string;
  readonly scope: string;
  readonly [claim: string]: unknown;
}

/** A client with the secret that its partner signs in with. */
export interface IssuedClient extends SystemClient {
  readonly clientSecret: string;
}

/** The pool as one of its providers knows it. */
export interface RegisteredProvider {
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
}

/** Cognito's endpoints and verifier, on whatever port they are mounted. */
export interface Identity {
  readonly issuer: string;
  readonly poolId: string;
  readonly clients: readonly IssuedClient[];
  readonly apps: readonly AppClient[];
  readonly providers: readonly RegisteredProvider[];
  /** Answers the pool's addresses. @returns false, with nothing answered, for any other */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /**
   * Checks a token as API Gateway's authoriser does: signature, issuer, use, client and expiry. Nothing is remembered of a token.
   *
   * @throws Error when the token is not to be believed
   */
  verifyToken(token: string): Promise<AccessClaims>;
  close(): void;
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
  /** What a secret holds that the template refers to. */
  readonly secretOf?: SecretOf;
  /** Where the hosts of identity providers are. */
  readonly names?: NameTable;
  /** Where failures are reported. What the caller is told never says more than that there was one. */
  readonly report?: (error: unknown) => void;
}

/** @throws UnsupportedTemplate when pool, clients or providers have something that is not known here */
export function createIdentity(parts: Parts): Identity {
  const { resources, policies, baseUrl, dataDir, place, invokeTrigger, names = {}, report = console.error } = parts;
  const pool = poolOf(resources, policies, place);
  const { signingKey, cookieKey, secretOf } = openKeeping(dataDir);
  const store = openLoginStore(join(dataDir, 'identity', 'logins.db'), { report });
  const users = createUsers(store, pool.poolId);
  const { poolId, issuer, trigger } = pool;

  const draft = async ({ occasion, client: { clientId }, scopes, ...more }: DraftRequest): Promise<TokenDraft> => {
    if (trigger === undefined) return undrafted(scopes);
    const event = triggerEvent({ occasion, region: place.region, poolId, clientId, scopes, ...more });
    return applyTrigger(scopes, await invokeTrigger(trigger, event));
  };
  const drafts = createDrafts({ store, users, draft, clients: pool.clients, report });
  const oauth = createProvider({ pool, signingKey, cookieKey, secretOf, store, users, drafts, draft, report });

  const redirectUri = `${baseUrl}/oauth2/idpresponse`;
  const reach = createReach(names);
  const providers = pool.providers.map((provider) => ({
    provider,
    clientSecret: readSecretReference(provider.clientSecret, parts.secretOf),
  }));
  const relyingParties = new Map<string, RelyingParty>(
    providers.map((each) => [each.provider.name, createRelyingParty({ ...each, redirectUri, reach })]),
  );
  const federation = createFederation({
    ...{ pool, oauth, users, baseUrl, report },
    attempts: createAttempts(store),
    partyOf: (name) => relyingParties.get(name)!,
  });

  const jwks = { keys: [publicKey(signingKey)] };
  const verifier = CognitoJwtVerifier.create({
    userPoolId: poolId,
    tokenUse: 'access',
    clientId: pool.clients.map(({ clientId }) => clientId),
  });
  verifier.cacheJwks(jwks);
  // Never `verify`: for a key that it does not know it would ask the real Cognito.
  const verifyToken = async (token: string) => verifier.verifySync(token) as AccessClaims;

  const callback = oauth.callback();
  const documents = new Map<string, unknown>([
    [`/${poolId}/.well-known/openid-configuration`, discovery(issuer, baseUrl, poolId)],
    [`/${poolId}/.well-known/jwks.json`, jwks],
  ]);
  const routes = new Map<string, (request: IncomingMessage, response: ServerResponse) => Promise<void> | void>([
    ['/oauth2/token', callback],
    ['/oauth2/revoke', callback],
    ['/oauth2/authorize', callback],
    ['/oauth2/idpresponse', federation.comeBack],
    ['/oauth2/userInfo', (request, response) => answerUserInfo(request, response, { verifyToken, users, pool })],
    ['/login', federation.chooseProvider],
    ['/logout', (request, response) => signOut(request, response, { oauth, pool, baseUrl })],
  ]);

  return {
    issuer,
    poolId,
    clients: pool.clients.flatMap((client) =>
      client.flow === 'code' ? [] : [{ ...client, clientSecret: secretOf(client.clientId) }],
    ),
    apps: pool.clients.filter((client) => client.flow === 'code'),
    providers: providers.map(({ provider, clientSecret }) => ({
      name: provider.name,
      issuer: provider.issuer,
      clientId: provider.clientId,
      clientSecret,
      redirectUri,
    })),
    async handle(request, response) {
      const path = (request.url ?? '/').split('?', 1)[0]!;
      if (documents.has(path)) {
        answerDocument(request, response, documents.get(path));
        return true;
      }
      // `/login/<uid>` and `/oauth2/authorize/<uid>` belong to one request to sign in.
      const route = routes.get(path) ?? routes.get(path.replace(/^(\/login|\/oauth2\/authorize)\/[\w-]+$/, '$1'));
      if (route === undefined) return false;
      try {
        await route(request, response);
      } catch (error) {
        if (!isOutOfRoom(error) || response.headersSent) throw error;
        report(error);
        sendPage(response, refusalPage('no-room'));
      }
      return true;
    },
    verifyToken,
    close: () => store.close(),
  };
}

function answerDocument(request: IncomingMessage, response: ServerResponse, document: unknown): void {
  const found = request.method === 'GET' || request.method === 'HEAD';
  response.writeHead(found ? 200 : 405, {
    'content-type': 'application/json',
    'access-control-allow-origin': '*',
    ...(found ? {} : { allow: 'GET, HEAD' }),
  });
  response.end(found ? JSON.stringify(document) : undefined);
}

/** What Cognito says of a pool (OpenID Connect Discovery 1.0). */
const discovery = (issuer: string, baseUrl: string, poolId: string) => ({
  issuer,
  authorization_endpoint: `${baseUrl}/oauth2/authorize`,
  end_session_endpoint: `${baseUrl}/logout`,
  jwks_uri: `${baseUrl}/${poolId}/.well-known/jwks.json`,
  token_endpoint: `${baseUrl}/oauth2/token`,
  revocation_endpoint: `${baseUrl}/oauth2/revoke`,
  userinfo_endpoint: `${baseUrl}/oauth2/userInfo`,
  grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
  code_challenge_methods_supported: ['S256'],
  id_token_signing_alg_values_supported: ['RS256'],
  response_types_supported: ['code'],
  scopes_supported: ['openid', 'email', 'phone', 'profile'],
  subject_types_supported: ['public'],
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
});
