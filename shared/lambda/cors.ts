import { isRefusal } from '../fhir/outcomes.ts';
import { answerOf, type Routes } from './api.ts';
import type { HttpAnswer, HttpRequest } from './http.ts';

/** What a script of another origin may send, read and do (https://fetch.spec.whatwg.org/#http-cors-protocol). Tokens are sent as a header, so no cookies or other credentials are let in. */
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
const EXPOSED_HEADERS = 'Chesil-Replay, Content-Location, ETag, Last-Modified, X-Correlation-ID, X-Request-ID';
const PREFLIGHT_SECONDS = 7_200;

/**
 * Lets the scripts of registered apps, and of nobody else, use routes from a browser.
 * @param origins as browsers write them: `https://app.example`, without a slash at the end
 */
export function withCors(origins: readonly string[], routes: Routes): Routes {
  const known = new Set(origins);
  return async (request) => {
    if (request.method === 'OPTIONS') return preflight(known, request);
    const answer = await routes(request);
    const allowed = allowedOrigin(known, request);
    if (allowed === undefined) return answer;
    const told = isRefusal(answer) ? answerOf(answer) : answer;
    return { ...told, headers: { ...told.headers, ...allowed, 'access-control-expose-headers': EXPOSED_HEADERS } };
  };
}

/** A browser asks whether a script may send a request: answered without a token, and telling nothing of what is there. */
function preflight(known: ReadonlySet<string>, request: HttpRequest): HttpAnswer {
  const allowed = allowedOrigin(known, request);
  if (allowed === undefined) return { status: 204 };
  return {
    status: 204,
    headers: {
      ...allowed,
      'access-control-allow-methods': ALLOWED_METHODS,
      'access-control-allow-headers': ALLOWED_HEADERS,
      'access-control-max-age': String(PREFLIGHT_SECONDS),
    },
  };
}

function allowedOrigin(known: ReadonlySet<string>, { headers: { origin } }: HttpRequest): Record<string, string> | undefined {
  return origin !== undefined && known.has(origin) ? { 'access-control-allow-origin': origin } : undefined;
}
