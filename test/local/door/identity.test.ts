import { createHmac, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { policiesOf } from '../../../infra/local/iam/policies.ts';
import { createIdentity, type Identity } from '../../../infra/local/identity/identity.ts';
import type { ResolvedResource } from '../../../infra/local/resource.ts';
import { PLACE, resource } from '../running-services.ts';

const POOL = 'eu-west-2_ABCDEFGHJ';
const ISSUER = `https://cognito-idp.eu-west-2.amazonaws.com/${POOL}`;
const triggerArn = 'arn:aws:lambda:eu-west-2:000000000000:function:claims';
const poolArn = `arn:aws:cognito-idp:eu-west-2:000000000000:userpool/${POOL}`;

const client = (id: string, scopes: string[], more = {}) =>
  resource(
    id,
    'AWS::Cognito::UserPoolClient',
    {
      UserPoolId: POOL,
      ClientName: id,
      GenerateSecret: true,
      AllowedOAuthFlows: ['client_credentials'],
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthScopes: scopes,
      AccessTokenValidity: 60,
      TokenValidityUnits: { AccessToken: 'minutes' },
      ...more,
    },
    { ref: `${id}00000000000000000000000`.slice(0, 26) },
  );
const pool = resource(
  'pool',
  'AWS::Cognito::UserPool',
  { LambdaConfig: { PreTokenGenerationConfig: { LambdaArn: triggerArn, LambdaVersion: 'V3_0' } } },
  { ref: POOL, arn: poolArn },
);
const server = resource('server', 'AWS::Cognito::UserPoolResourceServer', {
  Identifier: 'system',
  Scopes: ['*.cruds', '*.rs', 'Patient.rs'].map((ScopeName) => ({ ScopeName })),
  UserPoolId: POOL,
});
const permission = resource('permission', 'AWS::Lambda::Permission', {
  Action: 'lambda:InvokeFunction',
  FunctionName: triggerArn,
  Principal: 'cognito-idp.amazonaws.com',
  SourceArn: poolArn,
});
const RESOURCES = [
  pool,
  server,
  permission,
  client('uhd', ['system/*.cruds', 'system/*.rs']),
  client('gp', ['system/Patient.rs'], { AccessTokenValidity: 5 }),
];

type Event = { callerContext: { clientId: string }; request: { scopes: string[] } };

let dataDir: string;
let listener: Server;
let baseUrl: string;
let identity: Identity;
let events: Event[] = [];
let generation: object | undefined;

const start = (resources: readonly ResolvedResource[] = RESOURCES) =>
  createIdentity({
    resources,
    policies: policiesOf(resources),
    baseUrl,
    dataDir,
    place: PLACE,
    report: () => undefined,
    async invokeTrigger(functionArn, event) {
      expect(functionArn).toBe(triggerArn);
      events.push(structuredClone(event) as Event);
      if (generation === undefined) throw new Error('no such organisation');
      return { ...(event as Event), response: { claimsAndScopeOverrideDetails: { accessTokenGeneration: generation } } };
    },
  });

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'identity-'));
  listener = createServer(async (request, response) => {
    if (!(await identity.handle(request, response))) response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  identity = start();
});
afterAll(async () => {
  listener.closeAllConnections();
  listener.close();
  await rm(dataDir, { recursive: true });
});
beforeEach(() => {
  events = [];
  generation = { claimsToAddOrOverride: { organisation: 'uhd' } };
});

const clientOf = (name: string) => identity.clients.find((each) => each.name === name)!;
const post = async (path: string, form: Record<string, string>, headers: Record<string, string> = {}) => {
  const answer = await fetch(`${baseUrl}${path}`, { method: 'POST', headers, body: new URLSearchParams(form) });
  return {
    status: answer.status,
    cache: answer.headers.get('cache-control'),
    body: (await answer.json().catch(() => undefined)) as Record<string, string>,
  };
};
const basic = (id: string, secret: string) => ({ authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` });
const ask = (name: string, form: Record<string, string> = {}) => {
  const { clientId, clientSecret } = clientOf(name);
  return post('/oauth2/token', { grant_type: 'client_credentials', ...form }, basic(clientId, clientSecret));
};
const tokenOf = async (name = 'uhd') => (await ask(name)).body.access_token!;
const decode = (token: string) =>
  token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const isRefused = (token: string) =>
  identity.verifyToken(token).then(
    () => false,
    () => true,
  );

describe('a token', () => {
  it('has the shape of a Cognito access token, and nothing more than the trigger adds', async () => {
    const before = Math.floor(Date.now() / 1000);
    const { status, body, cache } = await ask('uhd', { scope: 'system/*.rs' });
    expect([status, cache]).toEqual([200, 'no-store']);
    expect(body).toEqual({ access_token: expect.any(String), expires_in: 3600, token_type: 'Bearer' });
    const [header, payload] = decode(body.access_token!);
    const { clientId } = clientOf('uhd');
    expect(header).toEqual({ alg: 'RS256', kid: expect.any(String) });
    expect(payload).toEqual({
      sub: clientId,
      client_id: clientId,
      token_use: 'access',
      scope: 'system/*.rs',
      version: 2,
      iss: ISSUER,
      iat: expect.any(Number),
      auth_time: payload.iat,
      exp: payload.iat + 3600,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      organisation: 'uhd',
    });
    expect(payload.iat).toBeGreaterThanOrEqual(before);
    expect(await identity.verifyToken(body.access_token!)).toMatchObject({ organisation: 'uhd', client_id: clientId });
  });

  it('says everything that the client may, when it asks for nothing in particular', async () => {
    expect(decode(await tokenOf())[1].scope).toBe('system/*.cruds system/*.rs');
    expect(decode(await tokenOf('gp'))[1]).toMatchObject({ scope: 'system/Patient.rs' });
    expect((await ask('gp')).body.expires_in).toBe(300);
  });

  it('is given for credentials in the body as well', async () => {
    const { clientId: client_id, clientSecret: client_secret } = clientOf('uhd');
    expect((await post('/oauth2/token', { grant_type: 'client_credentials', client_id, client_secret })).status).toBe(200);
  });

  it('is signed with a key that is published', async () => {
    const { jwks_uri, issuer, token_endpoint } = (await (
      await fetch(`${baseUrl}/${POOL}/.well-known/openid-configuration`)
    ).json()) as Record<string, string>;
    expect([issuer, token_endpoint]).toEqual([ISSUER, `${baseUrl}/oauth2/token`]);
    const { keys } = (await (await fetch(jwks_uri!)).json()) as { keys: Record<string, string>[] };
    expect(keys.map(({ kid }) => kid)).toContain(decode(await tokenOf())[0].kid);
    expect(Object.keys(keys[0]!).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  });
});

describe('the token trigger', () => {
  it('is asked with the event that Cognito sends', async () => {
    await ask('gp', { aws_client_metadata: '{"reason":"test"}' });
    expect(events).toEqual([
      {
        version: '3',
        triggerSource: 'TokenGeneration_ClientCredentials',
        region: 'eu-west-2',
        userPoolId: POOL,
        userName: 'ClientCredentials',
        callerContext: { awsSdkVersion: expect.any(String), clientId: clientOf('gp').clientId },
        request: {
          userAttributes: {},
          groupConfiguration: { groupsToOverride: [], iamRolesToOverride: [] },
          scopes: ['system/Patient.rs'],
          clientMetadata: { reason: 'test' },
        },
        response: { claimsAndScopeOverrideDetails: {} },
      },
    ]);
  });

  it('adds claims and changes scopes, but not what a token is', async () => {
    generation = {
      claimsToAddOrOverride: { organisation: 'dch', sub: 'another', iss: 'https://elsewhere', client_id: 'x', exp: 1 },
      scopesToAdd: ['system/extra'],
      scopesToSuppress: ['system/*.cruds'],
    };
    const [, payload] = decode(await tokenOf());
    const { clientId } = clientOf('uhd');
    expect(payload).toMatchObject({
      organisation: 'dch',
      sub: clientId,
      client_id: clientId,
      iss: ISSUER,
      scope: 'system/*.rs system/extra',
      exp: payload.iat + 3600,
    });
  });

  it('can refuse: then there is no token, and nothing is told', async () => {
    generation = undefined;
    const { status, body } = await ask('uhd');
    expect([status, body]).toEqual([400, { error: 'invalid_request' }]);
  });
});

describe('the token endpoint refuses', () => {
  const grant = { grant_type: 'client_credentials' };
  it.each([
    ['a scope that the client may not have', () => ask('gp', { scope: 'system/*.cruds' }), 'invalid_scope'],
    ['another grant', () => ask('uhd', { grant_type: 'password' }), 'unsupported_grant_type'],
    ['no grant', () => ask('uhd', { grant_type: '' }), 'invalid_request'],
    ['a wrong secret', () => post('/oauth2/token', grant, basic(clientOf('uhd').clientId, 'wrong')), 'invalid_client'],
    ['an unknown client', () => post('/oauth2/token', grant, basic('nobody', 'x')), 'invalid_client'],
    ['no credentials', () => post('/oauth2/token', grant), 'invalid_request'],
    ['two credentials', () => ask('uhd', { client_secret: 'x' }), 'invalid_request'],
    ['metadata that is not JSON', () => ask('uhd', { aws_client_metadata: '{' }), 'invalid_request'],
  ])('%s', async (_, send, error) => {
    const { status, body } = await send();
    expect([status, body]).toEqual([400, { error }]);
    expect(events).toEqual([]);
  });

  it('to revoke what has no life beyond its expiry', async () => {
    const { clientId, clientSecret } = clientOf('uhd');
    const { status, body } = await post('/oauth2/revoke', { token: await tokenOf() }, basic(clientId, clientSecret));
    expect([status, body]).toEqual([400, { error: 'unsupported_token_type' }]);
  });

  it('to answer anywhere else', async () => {
    for (const path of [
      '/',
      '/oauth2/authorize/x/y',
      '/login/x/y',
      '/jwks',
      '/.well-known/openid-configuration',
      '/oauth2/token/x',
    ])
      expect((await fetch(baseUrl + path)).status).toBe(404);
  });
});

describe('a token is not believed', () => {
  const key = () =>
    createPrivateKey({ key: JSON.parse(readFileSync(join(dataDir, 'identity', 'keys.json'), 'utf8')).signingKey, format: 'jwk' });
  const signed = (header: object, payload: object, by = key()) => {
    const text = `${encode(header)}.${encode(payload)}`;
    return `${text}.${sign('sha256', Buffer.from(text), by).toString('base64url')}`;
  };

  it('when it says another thing than was signed, or nothing was signed', async () => {
    const token = await tokenOf();
    const [header, payload] = decode(token);
    const [, , signature] = token.split('.');
    expect(await isRefused(signed(header, payload))).toBe(false);
    expect(await isRefused(`${encode(header)}.${encode({ ...payload, organisation: 'dch' })}.${signature}`)).toBe(true);
    expect(await isRefused(`${encode({ ...header, alg: 'none' })}.${encode(payload)}.`)).toBe(true);
    expect(await isRefused(`${encode({ alg: 'none', typ: 'JWT' })}.${encode(payload)}.`)).toBe(true);
    const mac = createHmac('sha256', 'x')
      .update(`${encode({ ...header, alg: 'HS256' })}.${encode(payload)}`)
      .digest('base64url');
    expect(await isRefused(`${encode({ ...header, alg: 'HS256' })}.${encode(payload)}.${mac}`)).toBe(true);
    expect(await isRefused('nonsense')).toBe(true);
  });

  it('when another key signed it', async () => {
    const [header, payload] = decode(await tokenOf());
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect(await isRefused(signed(header, payload, privateKey))).toBe(true);
    expect(await isRefused(signed({ ...header, kid: 'another' }, payload, privateKey))).toBe(true);
  });

  it.each([
    ['expired', { exp: Math.floor(Date.now() / 1000) - 1 }],
    ['of another pool', { iss: 'https://cognito-idp.eu-west-2.amazonaws.com/eu-west-2_OTHERPOOL' }],
    ['of an unknown client', { client_id: 'nobody' }],
    ['of another use', { token_use: 'id' }],
  ])('when it is %s', async (_, change) => {
    const [header, payload] = decode(await tokenOf());
    expect(await isRefused(signed(header, { ...payload, ...change }))).toBe(true);
  });
});

describe('what is kept', () => {
  it('outlives a restart: keys, secrets and the tokens that they stand behind', async () => {
    const token = await tokenOf();
    const again = start();
    expect(again.clients).toEqual(identity.clients);
    expect(await again.verifyToken(token)).toMatchObject({ organisation: 'uhd' });
  });

  it('can be read by its owner alone', async () => {
    const folder = join(dataDir, 'identity');
    const files = await readdir(folder);
    expect(files).toEqual(expect.arrayContaining(['keys.json', 'logins.db']));
    for (const file of files) expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
  });
});

describe('a template is refused', () => {
  it.each([
    ['a scope that no resource server has', [client('x', ['system/none'])], /x\.AllowedOAuthScopes/],
    ['a flow that is not known here', [client('x', [], { AllowedOAuthFlows: ['implicit'] })], /x\.AllowedOAuthFlows/],
    ['a property that is not known here', [client('x', [], { DefaultRedirectURI: '' })], /x\.DefaultRedirectURI/],
    ['a second pool', [{ ...pool, logicalId: 'second' }], /second/],
  ])('for %s', (_, more, message) => {
    expect(() => start([...RESOURCES, ...more])).toThrow(message);
  });

  it('when the pool may not call its trigger', () => {
    expect(() => start(RESOURCES.filter((each) => each !== permission))).toThrow(
      /pool\.LambdaConfig: the function does not allow/,
    );
  });
});
