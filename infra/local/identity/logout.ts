import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { redirect, sendPage } from './pages/answer.ts';
import { refusalPage } from './pages/refusal.ts';
import type { PoolSettings } from './pool/settings.ts';
import { forgetBrowser } from './remembered.ts';

interface Parts {
  readonly oauth: Provider;
  readonly pool: PoolSettings;
  readonly baseUrl: string;
}

/**
 * Ends the browser's session (Cognito developer guide, "Logout endpoint"), and goes to an address that the client has entered: to no other.
 * What tokens there are stay until they are revoked or run out.
 */
export async function signOut(
  request: IncomingMessage,
  response: ServerResponse,
  { oauth, pool, baseUrl }: Parts,
): Promise<void> {
  const query = new URL(request.url ?? '/', baseUrl).searchParams;
  const client = pool.clients.find(({ clientId }) => clientId === query.get('client_id'));
  const address = query.get('logout_uri') ?? '';
  if (client?.flow !== 'code' || !client.logoutUris.includes(address)) return sendPage(response, refusalPage('invalid-logout'));
  await forgetBrowser(oauth, request, response);
  redirect(response, address);
}
