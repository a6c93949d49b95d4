import { createHash, randomBytes } from 'node:crypto';
import { type Browser, createBrowser, type Shown } from './browser.ts';

/** An app that people sign in to, as a public client of a user pool. */
export interface Application {
  /** Where it sends the browser. `with` adds parameters, or leaves them out (`undefined`). */
  authorizeUrl(more?: Readonly<Record<string, string | undefined>>): string;
  /** Exchanges the code of an address that the browser came back to. */
  exchange(cameBackTo: URL, more?: Readonly<Record<string, string | undefined>>): Promise<TokenAnswer>;
  refresh(refreshToken: string): Promise<TokenAnswer>;
  revoke(refreshToken: string): Promise<number>;
  readonly verifier: string;
}

export interface TokenAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
}

export interface ApplicationSettings {
  readonly baseUrl: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope?: string;
}

const present = (values: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined));

export function createApplication({
  baseUrl,
  clientId,
  redirectUri,
  scope = 'openid user/*.rs',
}: ApplicationSettings): Application {
  const verifier = randomBytes(32).toString('base64url');
  const post = async (path: string, form: Readonly<Record<string, string | undefined>>): Promise<TokenAnswer> => {
    const answer = await fetch(baseUrl + path, { method: 'POST', body: new URLSearchParams(present(form)) });
    return { status: answer.status, body: (await answer.json().catch(() => ({}))) as Record<string, string> };
  };
  return {
    verifier,
    authorizeUrl: (more = {}) =>
      `${baseUrl}/oauth2/authorize?${new URLSearchParams(
        present({
          response_type: 'code',
          client_id: clientId,
          redirect_uri: redirectUri,
          scope,
          state: 'a-state-of-the-app',
          code_challenge: createHash('sha256').update(verifier).digest('base64url'),
          code_challenge_method: 'S256',
          ...more,
        }),
      )}`,
    exchange: (cameBackTo, more = {}) =>
      post('/oauth2/token', {
        grant_type: 'authorization_code',
        code: cameBackTo.searchParams.get('code') ?? '',
        client_id: clientId,
        redirect_uri: redirectUri,
        code_verifier: verifier,
        ...more,
      }),
    refresh: (refresh_token) => post('/oauth2/token', { grant_type: 'refresh_token', refresh_token, client_id: clientId }),
    revoke: async (token) => (await post('/oauth2/revoke', { token, client_id: clientId })).status,
  };
}

/** A browser that comes to rest where the app's own page would be shown. */
export const browserFor = ({ redirectUri }: Pick<ApplicationSettings, 'redirectUri'>): Browser =>
  createBrowser(({ origin }) => origin === new URL(redirectUri).origin);

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** Fills in the sign-in page that is shown. */
export const fillIn = (browser: Browser, { url, forms }: Shown, { username, password }: Login): Promise<Shown> =>
  browser.go(new URL(forms[0]!, url).href, { username, password });

/** What a token says, unchecked. */
export const decode = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;
