import type { IncomingMessage } from 'node:http';
import type { Api, Method } from './api.ts';

/** Claims of a token as API Gateway passes them on: everything is text. */
export type Claims = Readonly<Record<string, string>>;

interface EventParts {
  readonly api: Api;
  readonly method: Method;
  readonly parameters: Readonly<Record<string, string>> | null;
  readonly request: IncomingMessage;
  /** Path below the stage, as it was sent. */
  readonly path: string;
  readonly query: string;
  readonly claims: Claims | undefined;
  readonly requestId: string;
  readonly now: Date;
  readonly account: string;
  readonly port: number;
}

/** Headers that concern one hop and are not passed on (RFC 9110, section 7.6.1). */
const HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

/**
 * What a function receives: the input of a Lambda proxy integration, payload version 1.0 (API Gateway developer guide, "Input format of
 * a Lambda function for proxy integration"). The body is put in later, where the function runs.
 */
export function proxyEvent(parts: EventParts): Readonly<Record<string, unknown>> {
  const { api, method, parameters, request, path, query, claims, requestId, now, account, port } = parts;
  const address = request.socket.remoteAddress ?? '127.0.0.1';
  const { headers, multiValueHeaders } = headersOf(request, address, port);
  const queries = query === '' ? NO_QUERY : queryOf(query);
  const host = request.headers.host ?? '';
  return {
    resource: method.resourcePath,
    path,
    httpMethod: request.method,
    headers,
    multiValueHeaders,
    queryStringParameters: queries.single,
    multiValueQueryStringParameters: queries.multi,
    pathParameters: parameters,
    stageVariables: api.stageVariables,
    requestContext: {
      accountId: account,
      apiId: api.id,
      ...(claims === undefined ? {} : { authorizer: { claims } }),
      domainName: host.replace(/:\d+$/, ''),
      domainPrefix: api.id,
      extendedRequestId: requestId,
      httpMethod: request.method,
      identity: { sourceIp: address, userAgent: request.headers['user-agent'] ?? null },
      path: `/${api.stage}${path}`,
      protocol: `HTTP/${request.httpVersion}`,
      requestId,
      requestTime: now.toISOString(),
      requestTimeEpoch: now.getTime(),
      resourceId: method.resourceId,
      resourcePath: method.resourcePath,
      stage: api.stage,
    },
    body: null,
    isBase64Encoded: false,
  };
}

function headersOf(request: IncomingMessage, address: string, port: number) {
  const headers: Record<string, string> = {};
  const multiValueHeaders: Record<string, string[]> = {};
  const add = (name: string, value: string) => {
    headers[name] = value;
    const values = multiValueHeaders[name];
    if (values === undefined) multiValueHeaders[name] = [value];
    else values.push(value);
  };
  const raw = request.rawHeaders;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]!;
    if (!HOP.has(name.toLowerCase()) && name !== '__proto__') add(name, raw[at + 1]!);
  }
  add('X-Forwarded-For', address);
  add('X-Forwarded-Port', String(port));
  add('X-Forwarded-Proto', 'http');
  return { headers, multiValueHeaders };
}

const NO_QUERY = { single: null, multi: null };

function queryOf(query: string) {
  const multi = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query)) {
    const values = multi.get(name);
    if (values === undefined) multi.set(name, [value]);
    else values.push(value);
  }
  return {
    single: Object.fromEntries([...multi].map(([name, values]) => [name, values.at(-1)!])),
    multi: Object.fromEntries(multi),
  };
}
