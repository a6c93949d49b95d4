import type Provider from 'oidc-provider';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { PoolSettings, SystemClient } from '../pool/settings.ts';
import type { DraftRequest, Drafts } from './drafts.ts';
import { jwtFor, RESOURCE } from './tokens.ts';
import type { TokenDraft } from './trigger.ts';

export const SYSTEM_GRANT = 'client_credentials';

interface Parts {
  readonly pool: PoolSettings;
  readonly drafts: Drafts;
  readonly draft: (request: DraftRequest) => Promise<TokenDraft>;
  readonly report: (error: unknown) => void;
}

/** Answers a partner's system that asks for a token. */
export async function grantSystemToken(provider: Provider, parts: Parts, ctx: KoaContextWithOIDC): Promise<void> {
  const { pool, drafts, draft, report } = parts;
  const { client, params } = ctx.oidc;
  const settings = pool.clients.find(({ clientId }) => clientId === client?.clientId) as SystemClient | undefined;
  if (client === undefined || settings === undefined) throw new errors.InvalidClient('unknown client');
  const scopes = chooseScopes(params?.scope as string | undefined, settings.scopes);
  if (scopes === undefined) throw new errors.InvalidScope('the client may not ask for this scope', String(params?.scope));
  const metadata = readMetadata(params?.aws_client_metadata);
  const request = {
    occasion: 'TokenGeneration_ClientCredentials',
    client: settings,
    scopes,
    ...(metadata && { metadata }),
  } as const;
  const { scopes: granted, claims } = await draft(request).catch((error: unknown) => {
    report(error);
    throw new errors.InvalidRequest('PreTokenGeneration failed');
  });

  const token = new provider.ClientCredentials({ client, scope: granted.join(' ') });
  token.resourceServer = new provider.ResourceServer(RESOURCE, jwtFor(client.clientId, granted, settings.tokenSeconds));
  drafts.note(token, claims);
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
