import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { FunctionFailed } from '../functions/failure.ts';
import type { ProxiedResult } from '../functions/messages.ts';
import type { Api, Method } from './api.ts';
import { announcesTooMuch, fitsEvent, readBody } from './body.ts';
import type { ResponseType } from './gateway-responses.ts';
import { createPlans } from './plans.ts';
import { type Claims, proxyEvent } from './proxy-event.ts';
import { type Answer, readProxiedResult } from './proxy-result.ts';
import { compileRoutes } from './routes.ts';
import { createThrottle, type Throttle } from './throttle.ts';

/** API Gateway: answers every request below the stage. */
export interface Gateway {
  /** `/<stage>`: what every address begins with. */
  readonly prefix: string;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

interface GatewayParts {
  readonly api: Api;
  readonly account: string;
  readonly port: number;
  /** @throws when the token is not to be believed */
  readonly verifyToken: (token: string) => Promise<Readonly<Record<string, unknown>> & { readonly scope: string }>;
  /** ARN of the user pool that `verifyToken` believes. */
  readonly poolArn: string;
  readonly invoke: (functionArn: string, event: unknown, body: Uint8Array<ArrayBuffer> | undefined) => Promise<ProxiedResult>;
  /** Where a fault of the gateway itself is reported. */
  readonly report: (error: unknown) => void;
}

/** What the gateway answers by itself, or a route with everything that stood in the way of it decided. */
type Admission = { readonly refused: ResponseType } | { readonly claims: Claims | undefined };

export function createGateway(parts: GatewayParts): Gateway {
  const { api, verifyToken, poolArn, invoke, report } = parts;
  const findRoute = compileRoutes(api.methods);
  const prefix = `/${api.stage}`;
  const throttles = throttlesOf(api.methods);
  const useKey = createPlans(api.plans);

  const admit = async (method: Method, request: IncomingMessage, nowMs: number): Promise<Admission> => {
    if (throttles.get(method)?.(nowMs) === false) return { refused: 'THROTTLED' };
    const claims = method.authorizer === undefined ? undefined : await authenticate(request, method.authorizer);
    if (typeof claims === 'string') return { refused: claims };
    const refused = method.apiKeyRequired ? useKey(headerOf(request, 'x-api-key'), method, nowMs) : undefined;
    return refused === undefined ? { claims } : { refused };
  };

  const authenticate = async (
    request: IncomingMessage,
    { poolArns, scopes }: NonNullable<Method['authorizer']>,
  ): Promise<Claims | 'UNAUTHORIZED' | 'EXPIRED_TOKEN' | 'ACCESS_DENIED'> => {
    const token = /^(?:Bearer +)?(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined || !poolArns.includes(poolArn)) return 'UNAUTHORIZED';
    try {
      const claims = await verifyToken(token);
      const granted = claims.scope.split(' ');
      return scopes.some((scope) => granted.includes(scope)) ? claimsOf(claims) : 'ACCESS_DENIED';
    } catch (error) {
      return error instanceof Error && error.name === 'JwtExpiredError' ? 'EXPIRED_TOKEN' : 'UNAUTHORIZED';
    }
  };

  const answer = async (request: IncomingMessage, requestId: string, now: Date): Promise<Answer | ResponseType | 'gone'> => {
    const { path, query } = addressOf(request.url ?? '/', prefix);
    const route = findRoute(request.method ?? 'GET', path);
    if (route === undefined) return 'MISSING_AUTHENTICATION_TOKEN';
    const { method, parameters } = route;
    const admission = await admit(method, request, now.getTime());
    if ('refused' in admission) return admission.refused;
    if (announcesTooMuch(request)) return 'REQUEST_TOO_LARGE';
    const body = await readBody(request);
    if (body === 'gone') return body;
    const event = proxyEvent({ ...parts, method, parameters, request, path, query, claims: admission.claims, requestId, now });
    if (body === 'too-large' || !fitsEvent(body.bytes, event)) return 'REQUEST_TOO_LARGE';
    return withinTime(invoke(method.functionArn, event, body.bytes), method.timeoutMs);
  };

  return {
    prefix,
    async handle(request, response) {
      const requestId = randomUUID();
      const now = new Date();
      let outcome: Answer | ResponseType | 'gone';
      try {
        outcome = await answer(request, requestId, now);
      } catch (error) {
        report(error);
        outcome = 'DEFAULT_5XX';
      }
      if (outcome === 'gone' || response.destroyed) return;
      if (typeof outcome === 'string') {
        const { status, headers, body } = api.responses(outcome, { requestId, header: (name) => headerOf(request, name) });
        send(request, response, { status, headers, body: Buffer.from(body) });
      } else send(request, response, { ...outcome, headers: { 'x-amzn-RequestId': requestId, ...outcome.headers } });
    },
  };
}

/** Methods that share a setting of the stage have a bucket each, as on API Gateway. */
function throttlesOf(methods: readonly Method[]): ReadonlyMap<Method, Throttle> {
  return new Map(
    methods.flatMap((method) => (method.limits === undefined ? [] : [[method, createThrottle(method.limits)] as const])),
  );
}

function addressOf(url: string, prefix: string): { readonly path: string; readonly query: string } {
  const mark = url.indexOf('?');
  const whole = mark === -1 ? url : url.slice(0, mark);
  return { path: whole.slice(prefix.length) || '/', query: mark === -1 ? '' : url.slice(mark + 1) };
}

const headerOf = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

const claimsOf = (claims: Readonly<Record<string, unknown>>): Claims =>
  Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]),
  );

async function withinTime(result: Promise<ProxiedResult>, timeoutMs: number): Promise<Answer | ResponseType> {
  const late = Promise.withResolvers<'INTEGRATION_TIMEOUT'>();
  const timer = setTimeout(late.resolve, timeoutMs, 'INTEGRATION_TIMEOUT');
  try {
    const outcome = await Promise.race([result, late.promise]);
    return typeof outcome === 'string' ? outcome : (readProxiedResult(outcome) ?? 'DEFAULT_5XX');
  } catch (error) {
    if (error instanceof FunctionFailed) return 'DEFAULT_5XX';
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: Answer): void {
  const whole =
    request.complete || (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined);
  const bodiless = status === 204 || status === 304;
  response.writeHead(status, {
    ...headers,
    ...(bodiless ? {} : { 'content-length': body?.length ?? 0 }),
    // What is left of the request would be taken for the next one.
    ...(whole ? {} : { connection: 'close' }),
  });
  if (whole) response.end(bodiless ? undefined : body, () => release(body));
  else {
    if (bodiless || body === undefined) response.flushHeaders();
    else response.write(body);
    afterTheRest(request, () => response.end(() => release(body)));
  }
}

/** How long somebody may go on sending what nobody reads. */
const LINGER_MS = 5_000;

/** Were the connection closed while its caller is still sending, the answer would be lost on the way: the caller finds it broken. */
function afterTheRest(request: IncomingMessage, end: () => void): void {
  const timer = setTimeout(end, LINGER_MS);
  request.once('close', () => {
    clearTimeout(timer);
    end();
  });
  request.resume();
}

/**
 * Gives the memory of a large body back as soon as the system has it. Left to the collector, bodies that other threads handed over
 * set it off every thirty answers, which costs more than the answers.
 */
function release(body: Uint8Array | undefined): void {
  if (body !== undefined && body.byteLength === body.buffer.byteLength && body.buffer instanceof ArrayBuffer)
    body.buffer.transfer(0);
}
