import Provider, { type Configuration, type JWK, type KoaContextWithOIDC } from 'oidc-provider';
import { isOutOfRoom } from '../../data-folder/fault.ts';
import { refusalPage } from '../pages/refusal.ts';
import type { AppClient, ClientSettings, PoolSettings, SystemClient } from '../pool/settings.ts';
import { createAdapter } from './adapter.ts';
import { asksToSignIn, SESSION_SECONDS, SIGN_IN_POLICY } from './asking.ts';
import type { DraftRequest, Drafts } from './drafts.ts';
import type { LoginStore } from './store.ts';
import { grantSystemToken, SYSTEM_GRANT } from './system-tokens.ts';
import { idTokenClaims, RESOURCE, resourceServerOf, shapeAccessToken } from './tokens.ts';
import type { TokenDraft } from './trigger.ts';
import type { Users } from './users.ts';

export interface ProviderParts {
  readonly pool: PoolSettings;
  readonly signingKey: JWK;
  readonly cookieKey: string;
  readonly secretOf: (clientId: string) => string;
  readonly store: LoginStore;
  readonly users: Users;
  readonly drafts: Drafts;
  /** Asks the token trigger; rejects when it refuses. */
  readonly draft: (request: DraftRequest) => Promise<TokenDraft>;
  readonly report: (error: unknown) => void;
}

/** How long a code can be exchanged (Cognito developer guide, "Authorize endpoint": five minutes). */
const CODE_SECONDS = 5 * 60;
/** How long somebody may take to sign in with a provider. */
export const SIGN_IN_SECONDS = 15 * 60;

/** The OAuth endpoints of a user pool: oidc-provider's clients and answers, with tokens and scopes as Cognito has them. */
export function createProvider(parts: ProviderParts): Provider {
  const { pool, report } = parts;
  const provider = new Provider(pool.issuer, configurationOf(parts));
  const outOfRoom = new WeakSet<object>();
  provider.use(answerWithoutRoom(outOfRoom));
  provider.use(askAsCognito(pool));
  provider.use(answerAsCognito(pool));
  provider.registerGrantType(SYSTEM_GRANT, (ctx) => grantSystemToken(provider, parts, ctx), ['scope', 'aws_client_metadata']);
  // oidc-provider sifts claims by scope; Cognito's ID tokens say all that the client may read.
  provider.IdToken.prototype.payload = async function payload() {
    return { ...this.available, ...this.extra };
  };
  provider.on('server_error', (ctx, error) => {
    if (isOutOfRoom(error)) outOfRoom.add(ctx.req);
    report(error);
  });
  return provider;
}

function configurationOf({ pool, signingKey, cookieKey, secretOf, store, users, drafts }: ProviderParts): Configuration {
  const appOf = (clientId: string | undefined) =>
    pool.clients.find((each) => isApp(each) && each.clientId === clientId) as AppClient;
  return {
    adapter: createAdapter({ store, graceSecondsOf: (clientId) => appOf(clientId)?.rotationGraceSeconds ?? 0 }),
    clients: pool.clients.map((client) => (isApp(client) ? registerApp(client) : registerSystem(client, secretOf))),
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    clientBasedCORS: (_, origin, { clientId }) =>
      appOf(clientId)?.redirectUris.some((address) => new URL(address).origin === origin) ?? false,
    cookies: {
      keys: [cookieKey],
      names: { session: 'cognito', interaction: 'cognito-sign-in', resume: 'cognito-resume' },
    },
    jwks: { keys: [signingKey] },
    allowOmittingSingleRegisteredRedirectUri: false,
    responseTypes: ['code'],
    scopes: ['openid', 'profile', 'email', 'phone'],
    routes: { authorization: '/oauth2/authorize', token: '/oauth2/token', revocation: '/oauth2/revoke' },
    extraParams: ['identity_provider', 'idp_identifier'],
    pkce: { required: (_, { clientAuthMethod }) => clientAuthMethod === 'none' },
    interactions: { policy: SIGN_IN_POLICY(pool, users), url: (_, { uid }) => `/login/${uid}` },
    conformIdTokenClaims: false,
    expiresWithSession: () => false,
    issueRefreshToken: async (_, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: ({ oidc }) => appOf(oidc.client?.clientId)?.rotationGraceSeconds !== undefined,
    features: {
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, _, { clientId }) => resourceServerOf(appOf(clientId), ctx),
      },
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
    },
    ttl: {
      ClientCredentials: (_, token) => token.resourceServer!.accessTokenTTL!,
      AccessToken: (_, token) => token.resourceServer!.accessTokenTTL!,
      AuthorizationCode: CODE_SECONDS,
      Grant: (_, { clientId }) => appOf(clientId).sessionSeconds,
      IdToken: (_, __, { clientId }) => appOf(clientId).idTokenSeconds,
      Interaction: SIGN_IN_SECONDS,
      // Exchanging one never makes the session longer.
      RefreshToken: ({ oidc }, _, { clientId }) =>
        oidc.entities.RotatedRefreshToken?.remainingTTL ?? appOf(clientId).sessionSeconds,
      Session: SESSION_SECONDS,
    },
    findAccount: (ctx, sub) => {
      const user = users.bySub(sub);
      return user && { accountId: sub, claims: () => idTokenClaims(ctx, { pool, user, drafts, client: appOf }) };
    },
    loadExistingGrant: async (ctx) => {
      if (asksToSignIn(ctx, pool, users)) return undefined;
      try {
        return await drafts.begin(ctx, appOf(ctx.oidc.client?.clientId));
      } catch (error) {
        // Whoever was refused may be somebody else next time: the browser is not remembered for them.
        await ctx.oidc.session?.destroy();
        throw error;
      }
    },
    extraTokenClaims: (ctx, token) => drafts.claimsOf(ctx, token),
    formats: {
      customizers: { jwt: (ctx, token, tokenParts) => shapeAccessToken(ctx, token, tokenParts, { pool, users, drafts }) },
    },
    renderError: (ctx, { error }, cause) => {
      ctx.type = 'html';
      Object.assign(ctx, refusalPage(isOutOfRoom(cause) ? 'no-room' : error));
    },
  };
}

const isApp = (client: ClientSettings): client is AppClient => client.flow === 'code';

const registerApp = ({ clientId, redirectUris }: AppClient) => ({
  client_id: clientId,
  token_endpoint_auth_method: 'none' as const,
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code' as const],
  redirect_uris: [...redirectUris],
});

const registerSystem = ({ clientId }: SystemClient, secretOf: (clientId: string) => string) => ({
  client_id: clientId,
  client_secret: secretOf(clientId),
  grant_types: [SYSTEM_GRANT],
  redirect_uris: [],
  response_types: [],
});

/** Who asks for no scope in particular gets all that the client may have. */
const askAsCognito = (pool: PoolSettings) => async (ctx: KoaContextWithOIDC, next: () => Promise<void>) => {
  const { scope, client_id } = ctx.query;
  if (ctx.path === '/oauth2/authorize' && ctx.method === 'GET' && scope === undefined) {
    const scopes = pool.clients.find(({ clientId }) => clientId === client_id)?.scopes;
    if (scopes !== undefined) ctx.query = { ...ctx.query, scope: scopes.join(' ') };
  }
  await next();
};

/** Cognito names the error and no more, and says 400 where others say 401; it repeats no scopes, and only a new refresh token. */
const answerAsCognito = (pool: PoolSettings) => async (ctx: KoaContextWithOIDC, next: () => Promise<void>) => {
  await next();
  leaveIssuerOut(ctx);
  if (typeof ctx.body !== 'object' || ctx.body === null) return;
  const {
    error,
    scope: _scope,
    refresh_token,
    ...tokens
  } = ctx.body as { error?: string; scope?: string; refresh_token?: string };
  if (error === undefined) {
    const client = pool.clients.find(({ clientId }) => clientId === ctx.oidc?.client?.clientId);
    const repeated =
      ctx.oidc?.params?.grant_type === 'refresh_token' && client?.flow === 'code' && client.rotationGraceSeconds === undefined;
    ctx.body = { ...tokens, ...(refresh_token === undefined || repeated ? {} : { refresh_token }) };
    return;
  }
  const { status } = ctx;
  ctx.body = { error };
  ctx.status = status < 500 ? 400 : status;
};

const RETRY_SECONDS = '30';

/** RFC 6749, section 4.1.2.1: an overload or maintenance is no fault of the request. Outside of the other answers, it has the last word. */
const answerWithoutRoom = (outOfRoom: WeakSet<object>) => async (ctx: KoaContextWithOIDC, next: () => Promise<void>) => {
  await next();
  if (!outOfRoom.has(ctx.req)) return;
  if (typeof ctx.body === 'object') ctx.body = { error: 'temporarily_unavailable' };
  ctx.status = 503;
  ctx.set('retry-after', RETRY_SECONDS);
};

/** RFC 9207: the issuer in the address that an app is come back to. Cognito leaves it out, and apps may stumble over it. */
function leaveIssuerOut(ctx: KoaContextWithOIDC): void {
  const location = ctx.response.get('location');
  if (!URL.canParse(location) || !new URL(location).searchParams.has('iss')) return;
  const address = new URL(location);
  address.searchParams.delete('iss');
  ctx.set('location', address.href);
}
