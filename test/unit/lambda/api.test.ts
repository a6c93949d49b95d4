import { gunzipSync, gzipSync } from 'node:zlib';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { refuse } from '../../../shared/fhir/outcomes.ts';
import { apiHandler, type Routes, startRoutes } from '../../../shared/lambda/api.ts';
import type { HttpRequest } from '../../../shared/lambda/http.ts';
import { createLog, type Log } from '../../../shared/lambda/logger.ts';

const OWN_ID = '0b6f1c9e-8d0a-4c53-9d5e-0a5b5f0f7a11';

function event(told: Partial<APIGatewayProxyEvent> = {}): APIGatewayProxyEvent {
  return {
    httpMethod: 'GET',
    path: '/R4/Patient/abc',
    resource: '/R4/{type}/{id}',
    headers: { Host: 'care.example', 'X-Forwarded-Proto': 'https' },
    multiValueHeaders: {},
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    stageVariables: null,
    body: null,
    isBase64Encoded: false,
    requestContext: {
      requestId: OWN_ID,
      path: '/fhir/R4/Patient/abc',
      authorizer: { claims: { organisation: 'uhd', client_id: 'client', scope: 'system/*.rs system/Patient.c' } },
    } as unknown as APIGatewayProxyEvent['requestContext'],
    ...told,
  };
}

async function call(routes: Routes, given: APIGatewayProxyEvent, log?: Log) {
  return apiHandler(routes, log)(given, {} as Context);
}

/** What the routes are given. */
async function requestOf(given: APIGatewayProxyEvent): Promise<HttpRequest | undefined> {
  let seen: HttpRequest | undefined;
  await call(async (request) => {
    seen = request;
    return { status: 204 };
  }, given);
  return seen;
}

const base64 = (bytes: Buffer | string) => ({ body: Buffer.from(bytes).toString('base64'), isBase64Encoded: true });
const outcome = (body: string) => JSON.parse(body).issue[0].details.coding[0].code;

describe('a request', () => {
  it('has its path, caller, and address', async () => {
    const request = await requestOf(event({ path: '/fhir/R4/Patient/a%20b/_history' }));
    expect(request).toMatchObject({
      path: ['Patient', 'a b', '_history'],
      caller: { organisation: 'uhd', client: 'client', scopes: ['system/*.rs', 'system/Patient.c'] },
      fhirUrl: 'https://care.example/fhir/R4',
      requestId: OWN_ID,
    });
  });

  it('has no caller without claims', async () => {
    const request = await requestOf(event({ requestContext: { requestId: OWN_ID, path: '/fhir/R4/metadata' } as never }));
    expect(request?.caller).toBeUndefined();
  });

  it('has repeated parameters, and those of a form', async () => {
    const request = await requestOf(
      event({
        httpMethod: 'POST',
        path: '/R4/Observation/_search',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        multiValueQueryStringParameters: { date: ['ge2020', 'lt2021'] },
        ...base64('patient=abc&code=1%7C2'),
      }),
    );
    expect(request?.query).toEqual([
      ['date', 'ge2020'],
      ['date', 'lt2021'],
      ['patient', 'abc'],
      ['code', '1|2'],
    ]);
  });

  it('has its body decompressed', async () => {
    const request = await requestOf(event({ headers: { 'content-encoding': 'gzip' }, ...base64(gzipSync('{"a":1}')) }));
    expect(request?.body.toString()).toBe('{"a":1}');
  });

  it.each([
    ['truncated gzip', gzipSync('x'.repeat(10_000)).subarray(0, 30), 'gzip', 400, 'bad-compression'],
    ['no gzip at all', Buffer.from('{}'), 'gzip', 400, 'bad-compression'],
    ['a gzip bomb', gzipSync(Buffer.alloc(80 * 1024 * 1024)), 'gzip', 413, 'too-large'],
    ['another coding', Buffer.from('{}'), 'br', 415, 'media-type'],
  ])('is refused with %s', async (_what, bytes, coding, status, code) => {
    const answer = await call(
      async () => ({ status: 200 }),
      event({ headers: { 'content-encoding': coding }, ...base64(bytes) }),
    );
    expect(answer.statusCode).toBe(status);
    expect(outcome(answer.body)).toBe(code);
  });

  it('is refused when its path cannot be decoded', async () => {
    const answer = await call(async () => ({ status: 200 }), event({ path: '/R4/Patient/%E0%A4%A' }));
    expect(answer.statusCode).toBe(400);
  });
});

describe('an answer', () => {
  const long = JSON.stringify({ resourceType: 'Basic', text: 'words '.repeat(500) });

  it('is compressed when that is accepted, and only then', async () => {
    const plain = await call(async () => ({ status: 200, body: long }), event());
    expect(plain).toMatchObject({ body: long, statusCode: 200 });
    const small = await call(
      async () => ({ status: 200, body: long }),
      event({ headers: { 'Accept-Encoding': 'br, gzip;q=0.8' } }),
    );
    expect(small.headers?.['content-encoding']).toBe('gzip');
    expect(gunzipSync(Buffer.from(small.body, 'base64')).toString()).toBe(long);
    const refused = await call(
      async () => ({ status: 200, body: long }),
      event({ headers: { 'Accept-Encoding': 'gzip;q=0, br' } }),
    );
    expect(refused.isBase64Encoded).toBeUndefined();
  });

  it('echoes the ids of the request', async () => {
    const answer = await call(
      async () => ({ status: 204 }),
      event({ headers: { 'X-Request-ID': 'abc-1', 'X-Correlation-ID': 'def-2' } }),
    );
    expect(answer.headers).toMatchObject({ 'x-request-id': 'abc-1', 'x-correlation-id': 'def-2' });
    const none = await call(async () => ({ status: 204 }), event());
    expect(none.headers).toMatchObject({ 'x-request-id': OWN_ID });
  });

  it('has no body for HEAD', async () => {
    const answer = await call(
      async () => ({ status: 200, body: long, headers: { etag: 'W/"1"' } }),
      event({ httpMethod: 'HEAD' }),
    );
    expect(answer).toMatchObject({ body: '', headers: { etag: 'W/"1"' } });
  });

  it('is an OperationOutcome that names every problem when refused', async () => {
    const refusal = {
      refused: true as const,
      issues: [{ code: 'required-element' as const, expression: 'Observation.status' }, { code: 'bad-value' as const }] as const,
    };
    const answer = await call(async () => refusal as never, event());
    expect(answer.statusCode).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', code: 'required', expression: ['Observation.status'] }, { code: 'value' }],
    });
  });

  it('names at most 200 problems, and says how many more there are', async () => {
    const issues = Array.from({ length: 5_000 }, () => ({ code: 'bad-value' as const }));
    const answer = await call(async () => ({ refused: true, issues }) as never, event());
    const { issue } = JSON.parse(answer.body);
    expect(issue).toHaveLength(201);
    expect(issue.at(-1).diagnostics).toBe('4800 more problems were found.');
  });
});

describe('what is logged', () => {
  const SECRETS = ['9990000018', 'Purbeck', 'eyJhbGciOi', 'patient.identifier'];

  it('holds nothing of the person, of the token, or of the query, however the request ends', async () => {
    const lines: string[] = [];
    const console = { ...globalThis.console };
    const { Logger } = await import('@aws-lambda-powertools/logger');
    const logger = new Logger({ logLevel: 'DEBUG' });
    const write = (line: unknown) => lines.push(String(line));
    Object.assign((logger as unknown as { console: Console }).console, { info: write, warn: write, error: write, debug: write });
    const log = createLog(logger);
    const telling = event({
      path: '/R4/Patient/9990000018',
      headers: { Authorization: 'Bearer eyJhbGciOi', 'X-Request-ID': '9990000018', 'X-Correlation-ID': 'Purbeck' },
      multiValueQueryStringParameters: { 'patient.identifier': ['9990000018'] },
      ...base64('{"name":"Purbeck"}'),
    });
    await call(async () => ({ status: 200, body: '{"name":"Purbeck"}' }), telling, log);
    await call(async () => refuse('not-found'), telling, log);
    const failed = await call(
      async () => {
        throw new Error('Purbeck 9990000018 did not fit', { cause: new TypeError('eyJhbGciOi') });
      },
      telling,
      log,
    );
    Object.assign(globalThis.console, console);
    expect(failed.statusCode).toBe(500);
    expect(outcome(failed.body)).toBe('failed');
    // An answer of the table can be lost after it has written.
    expect(failed.body).not.toMatch(/nothing was written/i);
    expect(lines.length).toBeGreaterThanOrEqual(3);
    const leaked = SECRETS.filter((secret) => lines.join('\n').includes(secret) || failed.body.includes(secret));
    expect(leaked).toEqual([]);
  });

  it('says why a function could not start, which the next request tries again', async () => {
    const log: string[] = [];
    const record = (message: string) => void log.push(message);
    const silent = { info: record, warn: record, error: record };
    let starts = 0;
    const routes = startRoutes(async () => {
      starts++;
      if (starts <= 2) throw new Error('no secret');
      return async () => ({ status: 200, body: '{}' });
    }, silent);

    expect((await call(routes, event(), silent)).statusCode).toBe(500);
    expect(log).toContain('the function could not start');
    expect((await call(routes, event(), silent)).statusCode).toBe(200);
    expect((await call(routes, event(), silent)).statusCode).toBe(200);
    expect(starts).toBe(3);
  });
});
