import type { Routes } from './api.ts';
import type { HttpAnswer, HttpRequest } from './http.ts';

/**
 * What a script of another origin may send, read and do (https://fetch.spec.whatwg.org/#http-cors-protocol). Tokens are
 * sent as a header, so no cookies or other credentials are let in.
 */
const ALLOWED_METHODS = 'GET, HEAD, POST';
const ALLOWED_HEADERS = [
  'Accept',
  'Authorization',
  'Chesil-Purpose',
  'Content-Type',
  'If-Modified-Since',
  'If-None-Match',
  'NHSD-Session-URID',
  'Prefer',
  'X-Correlation-ID',
  'X-Request-ID',
].join(', ');
export const EXPOSED_HEADERS = [
  'Chesil-Replay',
  'Content-Location',
  'ETag',
  'Last-Modified',
  'Location',
  'Retry-After',
  'WWW-Authenticate',
  'X-Correlation-ID',
  'X-Request-ID',
].join(', ');
const PREFLIGHT_SECONDS = 7_200;

/**
 * Lets the scripts of registered apps, and of nobody else, use routes from a browser.
 * @param origins as browsers write them: `https://app.example`, without a slash at the end
 */
export function withCors(origins: readonly string[], routes: Routes): Routes {
  const known = new Set(origins);
  const answered = async (request: HttpRequest) =>
    request.method === 'OPTIONS' ? preflight(known.has(request.headers.origin ?? '')) : routes(request);
  const corsHeaders = (origin: string | undefined): Readonly<Record<string, string>> =>
    origin !== undefined && known.has(origin)
      ? { 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED_HEADERS }
      : {};
  return Object.assign(answered, { corsHeaders });
}

/** A browser asks whether a script may send a request: answered without a token, and telling nothing of what is there. */
const preflight = (isAllowed: boolean): HttpAnswer => ({
  status: 204,
  ...(isAllowed
    ? {
        headers: {
          'access-control-allow-methods': ALLOWED_METHODS,
          'access-control-allow-headers': ALLOWED_HEADERS,
          'access-control-max-age': String(PREFLIGHT_SECONDS),
        },
      }
    : {}),
});
