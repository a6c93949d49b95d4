import { randomUUID } from 'node:crypto';
import Provider, { type Adapter, errors, type JWK, type KoaContextWithOIDC } from 'oidc-provider';
import type { ClientSettings, PoolSettings } from './settings.ts';
import type { TokenDraft } from './trigger.ts';

interface Parts {
  readonly pool: PoolSettings;
  readonly signingKey: JWK;
  readonly cookieKey: string;
  readonly secretOf: (clientId: string) => string;
  /** Asks the token trigger; rejects when it refuses. */
  readonly draft: (
    client: ClientSettings,
    scopes: readonly string[],
    metadata: Readonly<Record<string, string>> | undefined,
  ) => Promise<TokenDraft>;
  readonly report: (error: unknown) => void;
}

const GRANT = 'client_credentials';
/** Names the pool's resource servers to the provider; it stands in no token. */
const RESOURCE = 'urn:cognito:resource-servers';

/** The OAuth endpoints of a user pool: oidc-provider's clients and answers, with tokens and scopes as Cognito has them. */
export function createProvider(parts: Parts): Provider {
  const { pool, signingKey, cookieKey, secretOf, report } = parts;
  const provider = new Provider(pool.issuer, {
    adapter: () => KEEPS_NOTHING,
    clients: pool.clients.map(({ clientId }) => ({
      client_id: clientId,
      client_secret: secretOf(clientId),
      grant_types: [GRANT],
      redirect_uris: [],
      response_types: [],
    })),
    clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
    cookies: { keys: [cookieKey] },
    jwks: { keys: [signingKey] },
    routes: { token: '/oauth2/token', revocation: '/oauth2/revoke' },
    features: {
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
    },
    ttl: { ClientCredentials: (_, token) => token.resourceServer!.accessTokenTTL! },
    extraTokenClaims: (_, token) => CLAIMS.get(token),
    formats: { customizers: { jwt: (_, token, parts) => shapeToken(token, parts) } },
  });
  provider.use(answerAsCognito);
  provider.registerGrantType(GRANT, (ctx) => grantToken(provider, parts, ctx), ['scope', 'aws_client_metadata']);
  provider.on('server_error', (_, error) => report(error));
  return provider;
}

/** What the trigger added to each token that is being made: the provider asks for it when it signs. */
const CLAIMS = new WeakMap<object, Record<string, unknown>>();

/** Tokens carry everything that they mean and clients stand in the template: there is nothing to keep. */
const KEEPS_NOTHING: Adapter = {
  upsert: async () => undefined,
  find: async () => undefined,
  findByUserCode: async () => undefined,
  findByUid: async () => undefined,
  consume: async () => undefined,
  destroy: async () => undefined,
  revokeByGrantId: async () => undefined,
};

async function grantToken(provider: Provider, { pool, draft, report }: Parts, ctx: KoaContextWithOIDC): Promise<void> {
  const { client, params } = ctx.oidc;
  const settings = pool.clients.find(({ clientId }) => clientId === client?.clientId);
  if (client === undefined || settings === undefined) throw new errors.InvalidClient('unknown client');
  const scopes = chooseScopes(params?.scope as string | undefined, settings.scopes);
  if (scopes === undefined) throw new errors.InvalidScope('the client may not ask for this scope', String(params?.scope));
  const metadata = readMetadata(params?.aws_client_metadata);
  const { scopes: granted, claims } = await draft(settings, scopes, metadata).catch((error: unknown) => {
    report(error);
    throw new errors.InvalidRequest('PreTokenGeneration failed');
  });

  const token = new provider.ClientCredentials({ client, scope: granted.join(' ') });
  token.resourceServer = new provider.ResourceServer(RESOURCE, {
    scope: granted.join(' '),
    audience: client.clientId,
    accessTokenFormat: 'jwt',
    accessTokenTTL: settings.tokenSeconds,
    jwt: { sign: { alg: 'RS256' } },
  });
  CLAIMS.set(token, claims);
  ctx.body = { access_token: await token.save(), expires_in: settings.tokenSeconds, token_type: 'Bearer' };
}

/**
 * The scopes of a token: what was asked for, or all that the client may have when it asks for nothing.
 *
 * @returns `undefined` when it asks for one that it may not have
 */
function chooseScopes(asked: string | undefined, allowed: readonly string[]): readonly string[] | undefined {
  const wanted = [...new Set((asked ?? '').split(' ').filter(Boolean))];
  if (wanted.length === 0) return allowed;
  return wanted.every((scope) => allowed.includes(scope)) ? wanted : undefined;
}

function readMetadata(text: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch {
    throw new errors.InvalidRequest('aws_client_metadata is not JSON');
  }
}

/** An access token exactly as Cognito issues it to a client (Cognito developer guide, "Understanding the access token"). */
function shapeToken(
  { clientId }: { clientId?: string },
  parts: { header?: Record<string, unknown>; payload: Record<string, unknown> },
): void {
  const { payload } = parts;
  Object.assign(payload, { sub: clientId, token_use: 'access', version: 2, auth_time: payload.iat, jti: randomUUID() });
  // The provider insists on an audience; Cognito's access tokens have none, so it is not written out.
  Object.defineProperty(payload, 'aud', { value: payload.aud, enumerable: false, writable: true });
  parts.header = { typ: undefined };
}

/** Cognito names the error and no more, and says 400 where others say 401. */
async function answerAsCognito(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next();
  const { error } = (ctx.body ?? {}) as { error?: string };
  if (error === undefined) return;
  const { status } = ctx;
  ctx.body = { error };
  ctx.status = status < 500 ? 400 : status;
}
