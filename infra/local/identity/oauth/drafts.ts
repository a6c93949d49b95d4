import { randomUUID } from 'node:crypto';
import { errors, type Grant, type KoaContextWithOIDC } from 'oidc-provider';
import { FunctionFailed } from '../../functions/failure.ts';
import type { AppClient, ClientSettings } from '../pool/settings.ts';
import type { LoginStore } from './store.ts';
import { RESOURCE } from './tokens.ts';
import type { Occasion, TokenDraft } from './trigger.ts';
import type { PoolUser, Users } from './users.ts';

/** What the trigger said of a login, with the ids that all its tokens share. */
export interface LoginDraft extends TokenDraft {
  /** Names the login in every token that comes of it. */
  readonly originJti: string;
  readonly eventId: string;
}

/** What the tokens of logins say: asked of the trigger when somebody signs in, and again each time that they go on. */
export interface Drafts {
  /** Begins a login of whoever the session remembers. @throws InvalidRequest with the trigger's own words when it refuses */
  begin(ctx: KoaContextWithOIDC, client: AppClient): Promise<Grant>;
  of(grantId: string): LoginDraft | undefined;
  /** Claims of an access token that is about to be signed. */
  claimsOf(ctx: KoaContextWithOIDC, token: object & { readonly grantId?: string }): Promise<Record<string, unknown>>;
  /** Notes what a system's token will say. */
  note(token: object, claims: Readonly<Record<string, unknown>>): void;
}

export interface DraftRequest {
  readonly occasion: Occasion;
  readonly client: ClientSettings;
  readonly scopes: readonly string[];
  readonly user?: PoolUser;
  readonly metadata?: Readonly<Record<string, string>>;
}

interface Parts {
  readonly store: LoginStore;
  readonly users: Users;
  /** Asks the token trigger; rejects when it refuses. */
  readonly draft: (request: DraftRequest) => Promise<TokenDraft>;
  readonly clients: readonly ClientSettings[];
  readonly report: (error: unknown) => void;
}

const KIND = 'Draft';

export function createDrafts({ store, users, draft, clients, report }: Parts): Drafts {
  const ofSystems = new WeakMap<object, Readonly<Record<string, unknown>>>();
  const of = (grantId: string) => store.get(KIND, grantId)?.content as LoginDraft | undefined;

  const keep = (grantId: string, content: LoginDraft, seconds: number) =>
    store.put(KIND, grantId, content, { seconds, grant: grantId });

  const ask = async (request: DraftRequest, originJti: string): Promise<LoginDraft> => {
    try {
      return { ...(await draft(request)), originJti, eventId: randomUUID() };
    } catch (error) {
      report(error);
      throw new errors.InvalidRequest(refusalOf(error));
    }
  };

  /** Who goes on is asked about anew: roles end, organisations leave. */
  const goOn = async ({ oidc }: KoaContextWithOIDC, grantId: string): Promise<LoginDraft | undefined> => {
    const { RefreshToken: token, Account: account } = oidc.entities;
    const user = users.bySub(account?.accountId ?? '');
    const client = clients.find(({ clientId }) => clientId === oidc.client?.clientId);
    const before = of(grantId);
    if (token === undefined || user === undefined || client === undefined || before === undefined) return before;
    const scopes = (token.scope ?? '').split(' ').filter(Boolean);
    const now = await ask({ occasion: 'TokenGeneration_RefreshTokens', client, scopes, user }, before.originJti);
    keep(grantId, now, token.remainingTTL);
    return now;
  };

  return {
    of,
    note: (token, claims) => void ofSystems.set(token, claims),
    async begin({ oidc }, client) {
      const { session, provider, params } = oidc;
      const user = users.bySub(session!.accountId!)!;
      const scopes = String(params?.scope ?? '')
        .split(' ')
        .filter(Boolean);
      const content = await ask({ occasion: 'TokenGeneration_HostedAuth', client, scopes, user }, randomUUID());
      const grant = new provider.Grant({ accountId: user.sub, clientId: client.clientId });
      grant.addOIDCScope(scopes.join(' '));
      grant.addResourceScope(RESOURCE, scopes.join(' '));
      keep(await grant.save(), content, client.sessionSeconds);
      return grant;
    },
    async claimsOf(ctx, token) {
      const system = ofSystems.get(token);
      if (system !== undefined) return { ...system };
      const { grantId = '' } = token;
      const refreshes = ctx.oidc.params?.grant_type === 'refresh_token';
      return { ...(refreshes ? await goOn(ctx, grantId) : of(grantId))?.claims };
    },
  };
}

/** What Cognito makes of a trigger that throws. */
function refusalOf(error: unknown): string {
  const said = error instanceof FunctionFailed && error.failure.cause === 'exception' ? error.failure.errorMessage : undefined;
  return said === undefined ? 'PreTokenGeneration failed' : `PreTokenGeneration failed with error ${said}.`;
}
