import { generateKeyPairSync, sign } from 'node:crypto';
import { CognitoJwtVerifier } from 'aws-jwt-verify';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { rememberTokens } from '../../infra/local/gateway/token-memory.ts';
import { callerOf } from '../../shared/lambda/caller.ts';
import type { Figure } from './report.ts';

const POOL = 'eu-west-2_bench0001';
const CLIENT = '1example23456789';
const CHECKS = 2_000;
/** What a token may cost, warm. */
const PROMISE = '≤ 300 µs';

/** Claims of a GP with two roles: as long as tokens mostly get. */
const ROLES = ['555254242102', '555254242103'].map((id, index) => ({
  id,
  organisation: ['ammonite', 'old-sluice'][index],
  role: 'gp',
}));

/** What it costs, warm, to believe a token: to check it, to know it again as API Gateway does for five minutes, and to read who calls. */
export async function measureTokens(): Promise<Figure[]> {
  const { token, verify } = issue();
  const remembered = rememberTokens(verify);
  const event = eventOf(await verify(token()));
  if (callerOf(event).caller === undefined) throw new Error('the token of the bench is not understood');
  const known = token();
  return [
    await figure('token checked: signature, issuer, client, expiry', () => verify(token())),
    await figure('token known again', () => remembered(known)),
    await figure('claims read: role, purpose, scopes', async () => callerOf(event)),
  ];
}

/** A pool's key, tokens that it signed (no two alike), and the check that `infra/local/identity` makes of them. */
function issue() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const verifier = CognitoJwtVerifier.create({ userPoolId: POOL, tokenUse: 'access', clientId: CLIENT });
  verifier.cacheJwks({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'RS256', use: 'sig' } as never] });
  const tokens = Array.from({ length: 200 }, (_, index) => signed(privateKey, index));
  let next = 0;
  return {
    token: () => tokens[next++ % tokens.length]!,
    verify: async (text: string) => verifier.verifySync(text),
  };
}

function signed(key: Parameters<typeof sign>[2], index: number): string {
  const now = Math.floor(Date.now() / 1_000);
  const claims = {
    sub: CLIENT,
    iss: `https://cognito-idp.eu-west-2.amazonaws.com/${POOL}`,
    client_id: CLIENT,
    token_use: 'access',
    scope: 'openid user/*.rs user/Observation.rs?category=vital-signs',
    iat: now,
    exp: now + 900,
    jti: String(index),
    roles: JSON.stringify(ROLES),
    staff: 'cis2|555254240100',
    name: 'Dr Example',
    provider: 'cis2',
    assurance: 'high',
  };
  const content = [{ alg: 'RS256', kid: 'bench' }, claims].map(encode).join('.');
  return `${content}.${sign('sha256', Buffer.from(content), key).toString('base64url')}`;
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** The request of somebody who acts in the first of these roles. */
const eventOf = (claims: object) =>
  ({
    headers: {},
    multiValueHeaders: { 'NHSD-Session-URID': [ROLES[0]!.id] },
    requestContext: { authorizer: { claims } },
  }) as unknown as APIGatewayProxyEvent;

async function figure(name: string, run: () => Promise<unknown>): Promise<Figure> {
  for (let warm = 0; warm < CHECKS / 4; warm++) await run();
  const started = performance.now();
  for (let count = 0; count < CHECKS; count++) await run();
  return { name, value: ((performance.now() - started) * 1_000) / CHECKS, unit: 'µs', promise: PROMISE };
}
