import { Logger } from '@aws-lambda-powertools/logger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRoutes } from '../../../../functions/serve/routes.ts';
import { refuse } from '../../../../shared/fhir/outcomes.ts';
import { answerOf, apiHandler } from '../../../../shared/lambda/api.ts';
import { withCors } from '../../../../shared/lambda/cors.ts';
import { createLog } from '../../../../shared/lambda/logger.ts';
import { createWorld, type World } from '../world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world?.engine.stop());

const APP = 'https://app.example';

/** What a browser sends for a script of an origin, and what comes back. */
async function browse(method: string, path: string, headers: Record<string, string>) {
  const handler = apiHandler(withCors([APP], createRoutes(world.dependencies)));
  const event = {
    httpMethod: method,
    path: `/fhir/R4/${path}`,
    headers,
    body: null,
    isBase64Encoded: false,
    requestContext: { requestId: 'r', path: `/fhir/R4/${path}` },
  };
  const { statusCode, headers: told, body } = await handler(event as never, {} as never);
  return { status: statusCode, headers: told as Record<string, string>, body };
}

describe('an app', () => {
  it('learns without a token where people sign in, and what it can count on', async () => {
    const { status, json, headers } = await world.ask('.well-known/smart-configuration', { caller: null });
    expect({ status, json }).toMatchObject({
      status: 200,
      json: {
        authorization_endpoint: 'https://chesil.example/oauth2/authorize',
        token_endpoint: 'https://chesil.example/oauth2/token',
        revocation_endpoint: 'https://chesil.example/oauth2/revoke',
        code_challenge_methods_supported: ['S256'],
      },
    });
    expect(headers).toMatchObject({ 'content-type': 'application/json' });
    expect(json.capabilities).toEqual(expect.arrayContaining(['launch-standalone', 'permission-user', 'permission-v2']));
    // Cognito refuses the scopes `fhirUser` and `launch/patient`, so nothing says that an app may ask for them.
    const promised = [...json.capabilities, ...json.scopes_supported];
    for (const refused of ['sso-openid-connect', 'context-standalone-patient', 'fhirUser', 'launch/patient'])
      expect(promised).not.toContain(refused);
    expect(json.scopes_supported).toContain('openid');
    expect((await world.ask('.well-known/other', { caller: null })).status).toBe(401);
  });

  it('may send its token from a browser when its origin is registered', async () => {
    const asked = { origin: APP, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' };
    const { status, headers } = await browse('OPTIONS', 'Patient/x', asked);
    expect({ status, headers }).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': APP,
        'access-control-allow-headers': expect.stringContaining('NHSD-Session-URID'),
        vary: expect.stringContaining('Origin'),
      },
    });
    expect(headers['access-control-allow-credentials']).toBeUndefined();
  });

  it('may read its answers, refusals too', async () => {
    for (const path of ['metadata', 'Patient/x']) {
      const { headers } = await browse('GET', path, { origin: APP });
      expect(headers).toMatchObject({ 'access-control-allow-origin': APP });
      expect(headers['access-control-expose-headers']).toContain('ETag');
    }
  });

  it('may read that it has to sign in, and that something failed', async () => {
    const unsigned = await browse('GET', 'Patient/x', { origin: APP });
    expect(unsigned).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer realm="chesil"' } });
    const unreadable = await browse('GET', 'Patient/%E0%A4%A', { origin: APP });
    expect(unreadable).toMatchObject({ status: 400, headers: { 'access-control-allow-origin': APP } });
    const failing = apiHandler(
      withCors([APP], async () => {
        throw new Error('a bug');
      }),
      createLog(new Logger({ logLevel: 'SILENT' })),
    );
    const event = {
      httpMethod: 'GET',
      path: '/R4/x',
      headers: { Origin: APP },
      requestContext: { requestId: 'r', path: '/fhir/R4/x' },
    };
    const { statusCode, headers } = await failing(event as never, {} as never);
    expect({ statusCode, headers }).toMatchObject({ statusCode: 500, headers: { 'access-control-allow-origin': APP } });
  });

  it('is told when to try again', async () => {
    const { status, headers } = answerOf(refuse('unavailable'));
    expect({ status, headers }).toEqual({ status: 503, headers: { 'retry-after': '2' } });
  });

  it.each(['https://app.example.evil.example', 'https://APP.example', 'null', 'http://app.example'])(
    'of the origin %s may not: nothing says that it could',
    async (origin) => {
      for (const method of ['OPTIONS', 'GET']) {
        const { headers } = await browse(method, 'metadata', { origin });
        expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
        expect(headers.vary).toContain('Origin');
      }
    },
  );
});
