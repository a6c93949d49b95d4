import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import middy from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { isRefusal, operationOutcome, type Refusal, refuse, retryAfterOf, statusOf } from '../fhir/outcomes.ts';
import { ACTING_HEADERS } from './caller.ts';
import { headersOfStatus } from './challenge.ts';
import type { Caller, HttpAnswer, HttpRequest } from './http.ts';
import { createLog, type Log } from './logger.ts';
import { isOutage } from './outage.ts';
import { readRequest, requestIdOf } from './request.ts';

/** What a function behind the API does: one answer, or a refusal that says why, to each request. */
export interface Routes {
  (request: HttpRequest): Promise<HttpAnswer | Refusal>;
  /** Headers of every answer to a script of this origin, also where a request cannot be read or the routes fail. */
  readonly corsHeaders?: (origin: string | undefined) => Readonly<Record<string, string>>;
}

const compress = promisify(gzip);

/** Below this, compressing costs more than it saves. */
const COMPRESS_FROM_BYTES = 1_400;

/** On every answer: records are private, fetched anew (an ETag makes that cheap), and never guessed to be a page. */
const HEADERS = {
  'cache-control': 'private, no-cache',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  vary: ['Accept', 'Accept-Encoding', 'Authorization', 'Origin', ...ACTING_HEADERS].join(', '),
} as const;

/** The Lambda handler of routes behind API Gateway (REST, proxy payload version 1.0). */
export function apiHandler(routes: Routes, log: Log = createLog()) {
  return middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
    .use(answerFailures(routes, log))
    .use(logAnswers(log))
    .handler(async (event) => {
      const request = await readRequest(event);
      if (!isRefusal(request)) callers.set(event, request.caller ?? request.refused?.as);
      const answer = isRefusal(request) ? request : await routes(request);
      return resultOf(event, isRefusal(answer) ? answerOf(answer) : answer, routes);
    });
}

/**
 * Routes that load keys and policies while the function starts. Where that fails, the requests that wait for it fail, and the next one
 * starts again: the process may live for hours, and what it lacked is mostly back in a moment.
 */
export function startRoutes(start: () => Promise<Routes>, log: Log = createLog()): Routes {
  const begin = (): Promise<Routes> => {
    const begun = start();
    begun.catch((error) => {
      log.error('the function could not start', { error });
      started = undefined;
    });
    return begun;
  };
  let started: Promise<Routes> | undefined = begin();
  return async (request) => {
    started ??= begin();
    return (await started)(request);
  };
}

/** The HTTP answer of a refusal: an OperationOutcome. */
export const answerOf = (refusal: Refusal): HttpAnswer => ({
  status: statusOf(refusal),
  headers: headersOfStatus(statusOf(refusal), retryAfterOf(refusal)),
  body: JSON.stringify(operationOutcome(refusal.issues)),
});

async function resultOf(
  event: APIGatewayProxyEvent,
  { status, headers, body }: HttpAnswer,
  { corsHeaders }: Routes,
): Promise<APIGatewayProxyResult> {
  const common = {
    ...HEADERS,
    ...echoed(event),
    ...(body === undefined ? {} : { 'content-type': 'application/fhir+json; charset=utf-8' }),
    ...headers,
    ...corsHeaders?.(headerOf(event, 'origin')),
  };
  if (body === undefined || event.httpMethod === 'HEAD') return { statusCode: status, headers: common, body: '' };
  if (body.length < COMPRESS_FROM_BYTES || !acceptsGzip(event)) return { statusCode: status, headers: common, body };
  const compressed = await compress(body, { level: 3 });
  return {
    statusCode: status,
    headers: { ...common, 'content-encoding': 'gzip' },
    body: compressed.toString('base64'),
    isBase64Encoded: true,
  };
}

/** NHS API Platform: `X-Request-ID` and `X-Correlation-ID` come back as they were sent; a request without an id is given one. */
function echoed(event: APIGatewayProxyEvent): Record<string, string> {
  const sent = (name: string) => {
    const value = headerOf(event, name);
    return value !== undefined && /^[\x21-\x7e]{1,128}$/.test(value) ? value : undefined;
  };
  const correlationId = sent('x-correlation-id');
  return {
    'x-request-id': sent('x-request-id') ?? requestIdOf(event),
    ...(correlationId === undefined ? {} : { 'x-correlation-id': correlationId }),
  };
}

const headerOf = (event: APIGatewayProxyEvent, name: string): string | undefined =>
  Object.entries(event.headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];

/** RFC 9110, section 12.5.3: a coding with `q=0` is refused. */
const acceptsGzip = (event: APIGatewayProxyEvent): boolean =>
  /(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?:,|$)/i.test(headerOf(event, 'accept-encoding') ?? '');

/** A bug answers 500, an outage of the store 503, with an OperationOutcome that says no more than that. Both are logged. */
const answerFailures = (routes: Routes, log: Log): middy.MiddlewareObj<APIGatewayProxyEvent, APIGatewayProxyResult> => ({
  onError: async (run) => {
    log.error('a request failed', {
      requestId: requestIdOf(run.event),
      route: run.event.resource,
      method: run.event.httpMethod,
      error: run.error,
    });
    return resultOf(run.event, answerOf(refuse(isOutage(run.error) ? 'store-unavailable' : 'failed')), routes);
  },
});

const startedAt = Symbol('startedAt');

/** Who made each request, for the log: known once the request has been read. */
const callers = new WeakMap<APIGatewayProxyEvent, Caller | undefined>();

const logAnswers = (log: Log): middy.MiddlewareObj<APIGatewayProxyEvent, APIGatewayProxyResult> => ({
  before: (run) => {
    (run.internal as Record<symbol, unknown>)[startedAt] = performance.now();
  },
  after: (run) => {
    const caller = callers.get(run.event);
    const started = (run.internal as Record<symbol, number>)[startedAt] ?? performance.now();
    log.info('answered', {
      requestId: requestIdOf(run.event),
      method: run.event.httpMethod,
      route: run.event.resource,
      status: run.response?.statusCode,
      // Never who: staff and people are in the audit, and in no log.
      organisation: caller?.organisation,
      role: caller?.role,
      durationMs: Math.round((performance.now() - started) * 10) / 10,
      bodyBytes: run.response?.body.length,
    });
  },
});
