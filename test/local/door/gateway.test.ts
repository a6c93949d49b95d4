import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SmallSystem, startSmallSystem } from '../small-system.ts';

/** Tells what it received, or misbehaves as its path says. */
const WEB = `
  const answers = {
    fail: () => { throw new Error('secret of the function') },
    slow: () => new Promise(() => {}),
    exit: () => process.exit(1),
    nothing: () => undefined,
    text: () => 'no answer',
    status: () => ({ statusCode: 'many', body: '' }),
    object: () => ({ statusCode: 200, body: { a: 1 } }),
    header: () => ({ statusCode: 200, headers: { 'x-split': 'a\\r\\nx-smuggled: 1' }, body: '' }),
    large: (event) => ({ statusCode: 200, body: 'x'.repeat(Number(event.queryStringParameters.bytes)) }),
    binary: () => ({ statusCode: 200, headers: { 'content-type': 'image/png' }, body: Buffer.from([0, 255, 128]).toString('base64'), isBase64Encoded: true }),
    headers: () => ({ statusCode: 201, headers: { 'X-One': 1, 'WWW-Authenticate': 'Basic' }, multiValueHeaders: { 'x-two': ['a', 'b'] }, body: '' }),
    gone: () => ({ statusCode: 204, body: '' }),
    bytes: (event) => ({ statusCode: 200, body: JSON.stringify({ base64: event.isBase64Encoded, bytes: Buffer.from(event.body ?? '', 'base64').length }) }),
  };
  exports.handler = async (event) => {
    const [, , name] = event.path.split('/');
    const answer = event.path === '/brief' ? answers.slow : event.path.startsWith('/open/') ? answers[name] : undefined;
    return answer ? answer(event) : { statusCode: 200, body: JSON.stringify(event) };
  }`;

interface Event {
  readonly path: string;
  readonly [name: string]: unknown;
}

let system: SmallSystem;
let token: string;

beforeAll(async () => {
  system = await startSmallSystem({ sources: { web: WEB } });
  token = await system.token();
});
afterAll(() => system.end());

const call = (path: string, init: RequestInit = {}) => fetch(`${system.stageUrl}${path}`, init);
const authorised = (path: string, init: RequestInit = {}) =>
  call(path, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } });
const eventOf = async (response: Promise<Response>) => (await (await response).json()) as Event;

describe('a function receives', () => {
  test('what API Gateway would hand it: path, parameters, queries, headers, body', async () => {
    const event = await eventOf(
      call('/open/a%20b/c?x=1&x=2&y=%C3%A9+z&empty=', {
        method: 'POST',
        headers: { 'X-Sent': 'so', 'content-type': 'text/plain' },
        body: 'pebble',
      }),
    );
    expect(event).toMatchObject({
      resource: '/open/{rest+}',
      path: '/open/a%20b/c',
      httpMethod: 'POST',
      pathParameters: { rest: 'a%20b/c' },
      queryStringParameters: { x: '2', y: 'é z', empty: '' },
      multiValueQueryStringParameters: { x: ['1', '2'], y: ['é z'], empty: [''] },
      body: Buffer.from('pebble').toString('base64'),
      isBase64Encoded: true,
      stageVariables: null,
      requestContext: { stage: 'small', path: '/small/open/a%20b/c', resourcePath: '/open/{rest+}', httpMethod: 'POST' },
    });
    expect(event.headers).toMatchObject({ 'X-Sent': 'so', 'X-Forwarded-Proto': 'http' });
    expect(event.multiValueHeaders).toMatchObject({ 'X-Sent': ['so'] });
  });

  test('no body, no query and no parameters as null', async () => {
    expect(await eventOf(call('/'))).toMatchObject({
      resource: '/',
      body: null,
      isBase64Encoded: false,
      queryStringParameters: null,
      pathParameters: null,
    });
  });

  test('who calls: the claims of the token, all of them text', async () => {
    const { requestContext } = (await eventOf(authorised('/things/7'))) as unknown as {
      requestContext: { authorizer: { claims: Record<string, string> } };
    };
    expect(requestContext.authorizer.claims).toMatchObject({ scope: 'things/read', token_use: 'access' });
    expect(typeof requestContext.authorizer.claims.exp).toBe('string');
  });

  test('what is written out before what stands in braces', async () => {
    expect((await eventOf(authorised('/things/special'))).resource).toBe('/things/special');
    expect((await eventOf(authorised('/things/other'))).resource).toBe('/things/{id}');
  });

  test.each([1, 100, 70_000, 4_000_000])('%i bytes as they were sent', async (bytes) => {
    const answer = await call('/open/bytes', { method: 'POST', body: Buffer.alloc(bytes, 0x80) });
    expect(await answer.json()).toEqual({ base64: true, bytes });
  });
});

describe('a caller gets', () => {
  test('headers, once and several times; those that API Gateway keeps to itself under another name', async () => {
    const { status, headers } = await call('/open/headers');
    expect(status).toBe(201);
    expect(headers.get('x-one')).toBe('1');
    expect(headers.get('x-two')).toBe('a, b');
    expect(headers.get('x-amzn-remapped-www-authenticate')).toBe('Basic');
    expect(headers.get('www-authenticate')).toBeNull();
    expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('bytes that were base64', async () => {
    expect(new Uint8Array(await (await call('/open/binary')).arrayBuffer())).toEqual(new Uint8Array([0, 255, 128]));
  });

  test('nothing with 204, and nothing to HEAD', async () => {
    expect((await call('/open/gone')).status).toBe(204);
    expect(await (await call('/open/whatever', { method: 'HEAD' })).text()).toBe('');
  });

  test('answers up to 6 MB, and a 502 beyond', async () => {
    const answer = await call('/open/large?bytes=6200000');
    expect((await answer.text()).length).toBe(6_200_000);
    expect((await call('/open/large?bytes=6400000')).status).toBe(502);
  });

  test.each(['fail', 'exit', 'nothing', 'text', 'status', 'object', 'header'])(
    '502 when the function misbehaves: %s',
    async (how) => {
      const answer = await call(`/open/${how}`);
      expect(answer.status).toBe(502);
      expect(await answer.json()).toEqual({ message: 'Internal server error' });
      expect((await call('/open/afterwards')).status).toBe(200);
    },
  );

  test('504 when the function takes longer than the method waits', async () => {
    const answer = await call('/brief');
    expect(answer.status).toBe(504);
    expect(await answer.json()).toEqual({ message: 'Endpoint request timed out' });
  });

  test('502 when the function takes longer than it may', async () => {
    expect((await call('/open/slow')).status).toBe(502);
  });
});

describe('API Gateway itself answers', () => {
  test.each([
    ['/nowhere', 'GET'],
    ['/things', 'GET'],
    ['/things/1', 'DELETE'],
    ['/things/1/2', 'GET'],
    ['/things//', 'GET'],
  ])('403 to what has no route: %s %s', async (path, method) => {
    const answer = await authorised(path, { method });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toEqual({ message: 'Missing Authentication Token' });
  });

  test('401 in the words of the template to who has no token, or not one of ours', async () => {
    for (const authorization of [
      undefined,
      'Bearer nonsense',
      `Bearer ${token.slice(0, -3)}abc`,
      'Basic dTpw',
      `Bearer ${noneOf(token)}`,
    ]) {
      const headers = { 'X-Request-ID': 'my-own', ...(authorization && { authorization }) };
      const answer = await call('/things/1', { headers });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(answer.headers.get('x-request-id')).toBe('my-own');
      expect(await answer.json()).toEqual({ told: 'Unauthorized', id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    }
  });

  test('403 to a token without the scope', async () => {
    expect((await authorised('/things/1', { method: 'PUT', body: '{}' })).status).toBe(403);
  });

  test('429 to more than the stage lets through', async () => {
    const statuses = await Promise.all([1, 2, 3, 4].map(async () => (await call('/rare')).status));
    expect(statuses.sort()).toEqual([200, 200, 429, 429]);
  });

  test('403 without an API key, 429 when its quota is used up', async () => {
    const keyed = (key: string) => call('/keyed', { headers: { 'x-api-key': key } });
    expect((await call('/keyed')).status).toBe(403);
    expect((await keyed('another')).status).toBe(403);
    const statuses: number[] = [];
    for (let time = 0; time < 4; time++) statuses.push((await keyed('a-key-of-a-partner')).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  test.each([
    ['an event of more than 6 MB', 5_000_000],
    ['a request of more than 10 MB', 11_000_000],
  ])('413 to %s, announced or in chunks', async (_what, bytes) => {
    const body = Buffer.alloc(bytes);
    expect((await call('/open/bytes', { method: 'POST', body })).status).toBe(413);
    const stream = new Blob([body]).stream();
    expect((await call('/open/bytes', { method: 'POST', body: stream, duplex: 'half' })).status).toBe(413);
  });
});

/** The token without a signature, as `alg: none`. */
function noneOf(signed: string): string {
  const [, payload] = signed.split('.');
  return `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`;
}

describe('callers that mean harm, or are broken', () => {
  const port = () => Number(new URL(system.baseUrl).port);
  /** Sends text over a connection of its own; answers with what came back until the end or a while. */
  const speak = async (text: string, { thenHangUp = false, forMs = 20_000 } = {}): Promise<string> => {
    const socket = connect(port(), '127.0.0.1');
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(text);
    if (thenHangUp) socket.destroy();
    await Promise.race([once(socket, 'close').catch(() => {}), new Promise((resolve) => setTimeout(resolve, forMs))]);
    socket.destroy();
    return heard;
  };

  test.each<[string, string, RegExp]>([
    ['no HTTP', '\u0016\u0003\u0001 hello\r\n\r\n', /^HTTP\/1.1 400/],
    ['a huge header', `GET /small/ HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`, /^HTTP\/1.1 431/],
    ['very many headers', `GET /small/ HTTP/1.1\r\nhost: a\r\n${'a: b\r\n'.repeat(5_000)}\r\n`, /^HTTP\/1.1 431/],
    ['a length that is none', 'POST /small/open/x HTTP/1.1\r\nhost: a\r\ncontent-length: many\r\n\r\n', /^HTTP\/1.1 400/],
    [
      'two lengths',
      'POST /small/open/x HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
      /^HTTP\/1.1 400/,
    ],
    [
      'a length and chunks',
      'POST /small/open/x HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1.1 400/,
    ],
    [
      'a broken chunk',
      'POST /small/open/x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
      /^(HTTP\/1.1 400|$)/,
    ],
    [
      'an address with a broken escape',
      'GET /small/open/%ff%zz?%=%f HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
      /^HTTP\/1.1 200/,
    ],
    [
      'a header that is a name of every object',
      'GET /small/open/x?__proto__=1 HTTP/1.1\r\nhost: a\r\n__proto__: x\r\nconnection: close\r\n\r\n',
      /^HTTP\/1.1 200/,
    ],
    ['an address without a path', 'GET http://elsewhere/ HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n', /^HTTP\/1.1 404/],
    ['a tunnel', 'CONNECT elsewhere:443 HTTP/1.1\r\nhost: a\r\n\r\n', /^$|^HTTP\/1.1 4/],
    [
      'an upgrade',
      'GET /small/open/x HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
      /^HTTP\/1.1 200/,
    ],
  ])('%s', async (_what, text, answer) => {
    expect(await speak(text)).toMatch(answer);
    expect((await call('/open/afterwards')).status).toBe(200);
  });

  test('who hangs up in the middle, many times over', async () => {
    const half = 'POST /small/open/x HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\nabc';
    const slow = 'GET /small/open/slow HTTP/1.1\r\nhost: a\r\n\r\n';
    await Promise.all(Array.from({ length: 100 }, (_, index) => speak(index % 2 ? half : slow, { thenHangUp: true })));
    expect((await call('/open/afterwards')).status).toBe(200);
  });

  test('who dribbles does not keep others waiting', async () => {
    const sockets = Array.from({ length: 200 }, () => connect(port(), '127.0.0.1'));
    for (const socket of sockets) socket.on('error', () => {}).write('GET /small/op');
    expect((await call('/open/afterwards')).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });

  test('who sends on after a refusal is let finish, and answered once', async () => {
    const body = 'x'.repeat(300_000);
    const heard = await speak(`POST /small/things/1 HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    expect(heard).toMatch(/^HTTP\/1.1 403/);
    expect(heard.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });
});

describe('the start refuses an API that would not work on AWS', () => {
  test.each<[string, Record<string, unknown>, string]>([
    [
      'methods whose function lets nobody in',
      { Permission: { Type: 'AWS::KMS::Alias', Properties: { AliasName: 'alias/x' } } },
      'no AWS::Lambda::Permission',
    ],
    [
      'templates with directives',
      {
        Refused: {
          Type: 'AWS::ApiGateway::GatewayResponse',
          Properties: { ResponseType: 'THROTTLED', ResponseTemplates: { 'application/json': '#set($a = 1)' } },
        },
      },
      'directives of the template language',
    ],
  ])('%s', async (_what, resources, told) => {
    await expect(startSmallSystem({ sources: { web: WEB }, resources: resources as never })).rejects.toThrow(told);
  });
});
