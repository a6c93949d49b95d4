import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a provider can lie about. Left as it is, it tells the truth. */
export interface Lies {
  /** Changes the claims of the ID token. */
  readonly claims?: (honest: Claims) => Claims;
  /** Signs the ID token, or does not. */
  readonly sign?: (claims: Claims, keys: Keys) => string;
  /** What the document of discovery says its issuer is. */
  readonly issuer?: string;
  /** Changes the address that the browser is sent back to. */
  readonly back?: (address: URL) => URL;
  /** What the endpoint for user information says, beside who it is. */
  readonly userInfo?: Claims;
}

export type Claims = Readonly<Record<string, unknown>>;

export interface Keys {
  readonly published: KeyObject;
  readonly unpublished: KeyObject;
  /** As its document of keys has it. */
  readonly publicJwk: Readonly<Record<string, unknown>>;
}

/** An identity provider that says what it is told to say: real ones would not lie on demand. */
export interface LyingProvider {
  readonly address: string;
  lies: Lies;
  /** What it says of whoever signs in, when it tells the truth. */
  said: Claims;
  stop(): Promise<void>;
}

export const KID = 'key-1';

/** @param issuer by which it calls itself @param clientId of the pool */
export async function startLyingProvider(issuer: string, clientId: string): Promise<LyingProvider> {
  const keys = makeKeys();
  const codes = new Map<string, { readonly nonce: string }>();
  const provider: Pick<LyingProvider, 'lies' | 'said'> = { lies: {}, said: {} };

  const idToken = (nonce: string): string => {
    const now = Math.floor(Date.now() / 1000);
    const honest = { iss: issuer, aud: clientId, iat: now, exp: now + 300, nonce, ...provider.said };
    const { claims = (same) => same, sign: signAs = signRs256 } = provider.lies;
    return signAs(claims(honest), keys);
  };
  const routes: Record<string, (url: URL, request: IncomingMessage, response: ServerResponse) => unknown> = {
    '/.well-known/openid-configuration': () => ({
      issuer: provider.lies.issuer ?? issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      userinfo_endpoint: `${issuer}/me`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    }),
    '/keys': () => ({ keys: [keys.publicJwk] }),
    '/me': () => ({ sub: provider.said.sub, ...provider.lies.userInfo }),
    '/authorize': ({ searchParams }, _, response) => {
      const code = randomUUID();
      codes.set(code, { nonce: searchParams.get('nonce')! });
      const back = new URL(searchParams.get('redirect_uri')!);
      back.searchParams.set('code', code);
      back.searchParams.set('state', searchParams.get('state')!);
      response.writeHead(303, { location: (provider.lies.back ?? ((same) => same))(back).href }).end();
      return undefined;
    },
    '/token': async (_, request) => {
      const { code = '' } = Object.fromEntries(new URLSearchParams(await textOf(request)));
      const known = codes.get(code);
      codes.delete(code);
      if (known === undefined) return { error: 'invalid_grant' };
      return { access_token: randomUUID(), token_type: 'Bearer', expires_in: 60, id_token: idToken(known.nonce) };
    },
  };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', issuer);
    const answer = await routes[url.pathname]?.(url, request, response);
    if (answer !== undefined)
      response.writeHead('error' in (answer as object) ? 400 : 200, { 'content-type': 'application/json' });
    if (!response.writableEnded) response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(provider, {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

function makeKeys(): Keys {
  const make = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const published = make();
  const { n, e } = published.export({ format: 'jwk' });
  return { published, unpublished: make(), publicJwk: { kty: 'RSA', n, e, alg: 'RS256', use: 'sig', kid: KID } };
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export function signRs256(claims: Claims, { published }: Keys, by: KeyObject = published, kid = KID): string {
  const text = `${encode({ alg: 'RS256', kid })}.${encode(claims)}`;
  return `${text}.${sign('sha256', Buffer.from(text), by).toString('base64url')}`;
}

/** Nobody signed it. */
export const unsigned = (claims: Claims): string => `${encode({ alg: 'none' })}.${encode(claims)}.`;

/** Signed with a secret that everybody knows: the public key itself. */
export function signWithPublicKey(claims: Claims, { publicJwk, published }: Keys): string {
  const text = `${encode({ alg: 'HS256', kid: publicJwk.kid })}.${encode(claims)}`;
  const pem = createPublicKey(published).export({ format: 'pem', type: 'spki' });
  return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
