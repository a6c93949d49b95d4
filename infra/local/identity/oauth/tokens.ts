import { randomUUID } from 'node:crypto';
import { errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider';
import type { AppClient, PoolSettings } from '../pool/settings.ts';
import type { Drafts } from './drafts.ts';
import { groupOf } from './trigger.ts';
import type { PoolUser, Users } from './users.ts';

/** Names the pool's resource servers to the provider; it stands in no token. */
export const RESOURCE = 'urn:cognito:resource-servers';

/** What an app's access tokens are for. @throws InvalidScope when it asks for a scope that it may not have */
export function resourceServerOf(client: AppClient, { query, oidc }: KoaContextWithOIDC): ResourceServer {
  // As it was asked: the provider lets `offline_access` drop, which Cognito refuses.
  const asked = String(query.scope ?? oidc.params?.scope ?? '')
    .split(' ')
    .filter(Boolean);
  const foreign = asked.find((scope) => !client.scopes.includes(scope));
  if (foreign !== undefined) throw new errors.InvalidScope('the client may not ask for this scope', foreign);
  return jwtFor(client.clientId, client.scopes, client.tokenSeconds);
}

export const jwtFor = (clientId: string, scopes: readonly string[], seconds: number): ResourceServer => ({
  scope: scopes.join(' '),
  audience: clientId,
  accessTokenFormat: 'jwt',
  accessTokenTTL: seconds,
  jwt: { sign: { alg: 'RS256' } },
});

interface Pool {
  readonly pool: PoolSettings;
  readonly users: Users;
  readonly drafts: Drafts;
}

interface Token {
  readonly clientId?: string | undefined;
  readonly accountId?: string | undefined;
  readonly grantId?: string | undefined;
}

/** An access token exactly as Cognito issues it (Cognito developer guide, "Understanding the access token"). */
export function shapeAccessToken(
  ctx: KoaContextWithOIDC,
  { clientId, accountId, grantId }: Token,
  parts: { header?: Record<string, unknown>; payload: Record<string, unknown> },
  { pool, users, drafts }: Pool,
): void {
  const { payload } = parts;
  Object.assign(payload, { token_use: 'access', version: 2, jti: randomUUID() });
  const user = users.bySub(accountId ?? '');
  const draft = drafts.of(grantId ?? '');
  if (user === undefined || draft === undefined) Object.assign(payload, { sub: clientId, auth_time: payload.iat });
  else
    Object.assign(payload, {
      scope: draft.scopes.join(' '),
      username: user.username,
      'cognito:groups': [groupOf(pool.poolId, user)],
      auth_time: signedInAt(ctx),
      origin_jti: draft.originJti,
      event_id: draft.eventId,
    });
  // The provider insists on an audience; Cognito's access tokens have none, so it is not written out.
  Object.defineProperty(payload, 'aud', { value: payload.aud, enumerable: false, writable: true });
  parts.header = { typ: undefined };
}

interface IdTokenParts {
  readonly pool: PoolSettings;
  readonly user: PoolUser;
  readonly drafts: Drafts;
  readonly client: (clientId: string | undefined) => AppClient;
}

/** What an ID token says of somebody (Cognito developer guide, "Understanding the identity (ID) token"). */
export function idTokenClaims(ctx: KoaContextWithOIDC, { pool, user, drafts, client }: IdTokenParts): { sub: string } {
  const { AuthorizationCode, RefreshToken } = ctx.oidc.entities;
  const draft = drafts.of((AuthorizationCode ?? RefreshToken)?.grantId ?? '');
  const { suppressed, claims } = draft?.idToken ?? { suppressed: [], claims: {} };
  const { readable } = client(ctx.oidc.client?.clientId);
  const said: Record<string, unknown> = {
    'cognito:username': user.username,
    'cognito:groups': [groupOf(pool.poolId, user)],
    identities: user.identities.map((identity) => ({ ...identity, primary: 'true', dateCreated: String(identity.dateCreated) })),
    ...readableOf(user, readable),
  };
  for (const name of suppressed) delete said[name];
  const { originJti: origin_jti, eventId: event_id } = draft ?? {};
  return { ...said, ...claims, sub: user.sub, ...{ token_use: 'id', jti: randomUUID(), origin_jti, event_id } };
}

/** What a client may know of a user. */
export const readableOf = ({ attributes }: PoolUser, readable: readonly string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => readable.includes(name)));

const signedInAt = ({ oidc }: KoaContextWithOIDC): number | undefined =>
  (oidc.entities.AuthorizationCode ?? oidc.entities.RefreshToken)?.authTime;
