import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessClaims } from './identity.ts';
import { readableOf } from './oauth/tokens.ts';
import type { Users } from './oauth/users.ts';
import type { PoolSettings } from './pool/settings.ts';

interface Parts {
  readonly verifyToken: (token: string) => Promise<AccessClaims>;
  readonly users: Users;
  readonly pool: PoolSettings;
}

/** A browser asks first whether an app's script may send its token. */
const PREFLIGHT = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'authorization',
};

/** What an app may know of whoever signed in (Cognito developer guide, "The userInfo endpoint"). */
export async function answerUserInfo(request: IncomingMessage, response: ServerResponse, parts: Parts): Promise<void> {
  const { verifyToken, users, pool } = parts;
  if (request.method === 'OPTIONS') return void response.writeHead(204, PREFLIGHT).end();
  const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const claims = await verifyToken(token).catch(() => undefined);
  const user = claims?.scope.split(' ').includes('openid') ? users.bySub(claims.sub) : undefined;
  const client = pool.clients.find(({ clientId }) => clientId === claims?.client_id);
  const headers = { 'content-type': 'application/json', 'access-control-allow-origin': '*', 'cache-control': 'no-store' };
  if (user === undefined || client?.flow !== 'code') {
    response.writeHead(401, { ...headers, 'www-authenticate': 'Bearer error="invalid_token"' });
    response.end('{"error":"invalid_token"}');
    return;
  }
  response.writeHead(200, headers);
  response.end(JSON.stringify({ sub: user.sub, username: user.username, ...readableOf(user, client.readable) }));
}
