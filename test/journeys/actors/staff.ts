import { createHash, randomBytes } from 'node:crypto';
import type { DemoFile } from '../../../infra/local/demo-file.ts';
import type { Role } from '../../../shared/access/roles.ts';
import { type Partner, partnerWith } from './partner.ts';

const MOST_STEPS = 20;

/** Signs a member of staff in through their own provider, as an app in a browser does it: authorization code with PKCE. */
export async function signInStaff(demo: DemoFile, organisation: string, role: Role): Promise<Partner> {
  const user = demo.users.find((each) => each.organisation === organisation && each.role === role);
  const app = demo.apps[0];
  if (user === undefined || app === undefined) throw new Error(`${organisation} has no ${role} in the demo`);
  const redirectUri = app.redirectUris[0]!;
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: app.clientId,
    redirect_uri: redirectUri,
    scope: 'openid user/*.rs',
    state: 'journey',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    identity_provider: user.provider,
  });
  const code = await codeFor(`${demo.baseUrl}/oauth2/authorize?${query}`, redirectUri, user);
  const answer = await fetch(demo.tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      ...{ client_id: app.clientId, redirect_uri: redirectUri, code, code_verifier: verifier },
    }),
  });
  if (!answer.ok) throw new Error(`the token endpoint answered ${answer.status}`);
  const { access_token: token } = (await answer.json()) as { access_token: string };
  return partnerWith(demo.fhirUrl, organisation, token);
}

interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Follows redirects, signs in where a page asks for it, and stops at the app. */
async function codeFor(address: string, redirectUri: string, { username, password }: Credentials): Promise<string> {
  const browser = createBrowser();
  let [url, form]: [string, URLSearchParams | undefined] = [address, undefined];
  for (let step = 0; step < MOST_STEPS; step++) {
    const answer = await browser(url, form);
    const location = answer.headers.get('location');
    form = undefined;
    if (location === null) {
      const action = /<form method="post" action="([^"]+)"/.exec(await answer.text())?.[1];
      if (action === undefined) throw new Error(`signing in ended with ${answer.status}`);
      [url, form] = [new URL(action, url).href, new URLSearchParams({ username, password })];
      continue;
    }
    url = new URL(location, url).href;
    const code = url.startsWith(redirectUri) ? new URL(url).searchParams.get('code') : undefined;
    if (code === null) throw new Error(`signing in was refused: ${new URL(url).searchParams.get('error_description')}`);
    if (code !== undefined) return code;
  }
  throw new Error('signing in went round in a circle');
}

/** Keeps cookies by host and path. */
function createBrowser() {
  const jar = new Map<string, { readonly host: string; readonly path: string; readonly pair: string }>();
  return async (address: string, form: URLSearchParams | undefined): Promise<Response> => {
    const { host, pathname } = new URL(address);
    const sent = [...jar.values()].filter((cookie) => cookie.host === host && pathname.startsWith(cookie.path));
    const answer = await fetch(address, {
      redirect: 'manual',
      headers: sent.length === 0 ? {} : { cookie: sent.map(({ pair }) => pair).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    });
    for (const text of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = text.split(/;\s*/);
      const path = attributes.find((each) => /^path=/i.test(each))?.slice('path='.length) ?? '/';
      jar.set(`${host} ${path} ${pair.split('=')[0]}`, { host, path, pair });
    }
    return answer;
  };
}
