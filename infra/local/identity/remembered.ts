import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';

/** Has the pool forget who used this browser last. */
export async function forgetBrowser(oauth: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { cookies } = oauth.createContext(request, response);
  const id = cookies.get(oauth.cookieName('session'), { signed: true });
  if (id !== undefined) await (await oauth.Session.find(id))?.destroy();
}
