import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { type Refusal, refuse } from '../fhir/outcomes.ts';
import { callerOf } from './caller.ts';
import type { HttpRequest } from './http.ts';

const decompress = promisify(gunzip);

/** What a body may grow to: several times the largest record known (11 MB of JSON). A gzip bomb stops here. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** The caller's `X-Request-ID` when it is a UUID (nothing else may reach logs and audit), else API Gateway's own. */
export function requestIdOf(event: APIGatewayProxyEvent): string {
  const sent = Object.entries(event.headers ?? {}).find(([name]) => name.toLowerCase() === 'x-request-id')?.[1];
  return sent !== undefined && UUID.test(sent) ? sent : event.requestContext.requestId;
}

/** Reads the proxy event of a REST API (payload version 1.0) whose base path ends in `/R4`. */
export async function readRequest(event: APIGatewayProxyEvent): Promise<HttpRequest | Refusal> {
  const headers = Object.fromEntries(Object.entries(event.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const path = segmentsOf(event.path);
  if (path === undefined) return refuse('bad-id');
  const body = await bodyOf(event, headers['content-encoding']);
  if (!Buffer.isBuffer(body)) return body;
  return {
    method: event.httpMethod,
    path,
    query: [...queryOf(event), ...formOf(path, headers['content-type'], body)],
    headers,
    body,
    ...callerOf(event),
    requestId: requestIdOf(event),
    correlationId: headers['x-correlation-id'],
    fhirUrl: fhirUrlOf(event, headers),
  };
}

function segmentsOf(path: string): readonly string[] | undefined {
  const below = path.slice(path.indexOf('/R4') + '/R4'.length);
  try {
    return below.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

async function bodyOf({ body, isBase64Encoded }: APIGatewayProxyEvent, encoding = 'identity'): Promise<Buffer | Refusal> {
  if (body === null || body === '') return Buffer.alloc(0);
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (encoding === 'identity') return bytes;
  if (encoding !== 'gzip') return refuse('media-type', { diagnostics: 'Content-Encoding may be gzip or absent.' });
  try {
    return await decompress(bytes, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    return refuse((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'bad-compression');
  }
}

const queryOf = ({ multiValueQueryStringParameters }: APIGatewayProxyEvent): [string, string][] =>
  Object.entries(multiValueQueryStringParameters ?? {}).flatMap(([name, values]) =>
    (values ?? []).map((value): [string, string] => [name, value]),
  );

/** FHIR R4, http.html section 3.1.0.1.10: `POST _search` carries parameters as a form, beside those of the query string. */
function formOf(path: readonly string[], contentType: string | undefined, body: Buffer): [string, string][] {
  if (path.at(-1) !== '_search' || !contentType?.startsWith('application/x-www-form-urlencoded')) return [];
  return [...new URLSearchParams(body.toString('utf8'))];
}

/** The address as the caller wrote it, so that links lead back the same way. */
function fhirUrlOf({ requestContext }: APIGatewayProxyEvent, headers: Record<string, string | undefined>): string {
  const host = headers.host ?? requestContext.domainName ?? 'localhost';
  const protocol = headers['x-forwarded-proto'] ?? 'https';
  return `${protocol}://${host}${requestContext.path.slice(0, requestContext.path.indexOf('/R4'))}/R4`;
}
