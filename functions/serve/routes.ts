import { scopesAllow } from '../../shared/access/scopes.ts';
import { MEDIA_PARAMETERS, wantedOf } from '../../shared/fhir/answers/media.ts';
import { capabilityStatement } from '../../shared/fhir/capability.ts';
import { isDirectoryType, isPersonBound } from '../../shared/fhir/compartment.ts';
import { parseJson } from '../../shared/fhir/json.ts';
import { isRefusal, type Refusal, refuse } from '../../shared/fhir/outcomes.ts';
import type { HttpAnswer, HttpRequest } from '../../shared/lambda/http.ts';
import type { ServeDependencies, ServeRequest } from './context.ts';
import { everything } from './everything.ts';
import { history } from './history.ts';
import { read, vread } from './read.ts';
import { search, searchCompartment } from './search.ts';

type Answered = Promise<HttpAnswer | Refusal>;

/** An interaction, once the path has told which. */
interface Route {
  /** The type whose scope is asked for; absent: any type that the scopes allow to read, and no other, is shown. */
  readonly type?: string;
  readonly permission: 'r' | 's';
  answer(request: ServeRequest): Answered;
}

/** The routes of `serve`: everything under the FHIR base that reads. */
export function createRoutes(dependencies: ServeDependencies): (request: HttpRequest) => Answered {
  return async (request) => {
    const wanted = wantedOf(request.headers, request.query);
    if (isRefusal(wanted)) return wanted;
    if (request.path.length === 1 && request.path[0] === 'metadata') return metadata(request);
    const { caller } = request;
    if (caller === undefined) return refuse('unauthorised');
    const route = routeOf(dependencies, request);
    if (isRefusal(route)) return route;
    if (!isInScope(caller.scopes, route)) return refuse('missing-scope');
    const query = request.query.filter(([name]) => !MEDIA_PARAMETERS.has(name));
    const answer = await route.answer({ ...request, query, caller, wanted, at: dependencies.now().toISOString() });
    return wanted.pretty && !isRefusal(answer) ? prettied(answer) : answer;
  };
}

function routeOf(dependencies: ServeDependencies, { method, path }: HttpRequest): Route | Refusal {
  const [type = '', id, third, fourth] = path;
  if (!isKept(type)) return path.length === 0 || type === '_history' ? refuse('not-allowed') : refuse('unknown-type');
  if (method === 'POST' && path.length === 2 && id === '_search') return searchRoute(dependencies, type);
  if (method !== 'GET' && method !== 'HEAD') return refuse('not-allowed');
  if (id === undefined) return searchRoute(dependencies, type);
  if (id.startsWith('_') || id.startsWith('$')) return refuse('not-allowed');
  if (path.length === 2) return { type, permission: 'r', answer: (request) => read(dependencies, request, type, id) };
  if (third === '_history') return historyRoute(dependencies, path.length, type, id, fourth);
  if (type !== 'Patient' || third === undefined || path.length > 3) return refuse('not-allowed');
  if (third === '$everything') return { permission: 'r', answer: (request) => everything(dependencies, request, id) };
  if (third.startsWith('$') || isDirectoryType(third)) return refuse('not-allowed');
  if (!isPersonBound(third)) return refuse('unknown-type');
  return { type: third, permission: 's', answer: (request) => searchCompartment(dependencies, request, id, third) };
}

const isKept = (type: string): boolean => isPersonBound(type) || isDirectoryType(type);

const searchRoute = (dependencies: ServeDependencies, type: string): Route => ({
  type,
  permission: 's',
  answer: (request) => search(dependencies, request, type),
});

function historyRoute(
  dependencies: ServeDependencies,
  length: number,
  type: string,
  id: string,
  version: string | undefined,
): Route | Refusal {
  if (version === undefined) return { type, permission: 'r', answer: (request) => history(dependencies, request, type, id) };
  if (length > 4) return refuse('not-allowed');
  return { type, permission: 'r', answer: (request) => vread(dependencies, request, type, id, version) };
}

function isInScope(scopes: readonly string[], { type, permission }: Route): boolean {
  if (type !== undefined) return scopesAllow(scopes, type, permission);
  return scopes.some((scope) => scopesAllow([scope], /^system\/([A-Za-z]+)\./.exec(scope)?.[1] ?? '*', permission));
}

/** `GET /metadata`: needs no token. */
const metadata = async ({ fhirUrl, method }: HttpRequest): Answered =>
  method === 'GET' || method === 'HEAD' ? { status: 200, body: capabilityStatement(fhirUrl) } : refuse('not-allowed');

/** `_pretty=true` is for people who look: their answers, and no others, are parsed. Numbers stay as they were written. */
function prettied(answer: HttpAnswer): HttpAnswer {
  if (answer.body === undefined) return answer;
  const parsed = parseJson(Buffer.from(answer.body));
  return isRefusal(parsed) ? answer : { ...answer, body: JSON.stringify(parsed, null, 2) };
}
