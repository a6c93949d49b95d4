import { parseTaskId } from '../../shared/access/review/task.ts';
import { createWork } from '../../shared/concurrency/work.ts';
import { MEDIA_PARAMETERS, wantedOf } from '../../shared/fhir/answers/media.ts';
import { postedParameters } from '../../shared/fhir/answers/operation-parameters.ts';
import { isDirectoryType, isOurs, isPersonBound } from '../../shared/fhir/compartment.ts';
import { capabilityStatement } from '../../shared/fhir/conformance/capability.ts';
import { smartConfiguration } from '../../shared/fhir/conformance/smart.ts';
import { refuseUnsupported } from '../../shared/fhir/conformance/unsupported.ts';
import { isRefusal, type Refusal, refuse } from '../../shared/fhir/outcomes.ts';
import { type HttpAnswer, type HttpRequest, refusalOf } from '../../shared/lambda/http.ts';
import { isPersonId, type LogicalId, parseLogicalId } from '../../shared/record/identity.ts';
import { type Note, type ServeDependencies, type ServeRequest, type Told, unnoted } from './context.ts';
import { readAuditEvent, searchAuditEvents } from './doors/audit-events.ts';
import { everything } from './doors/everything.ts';
import { FEEDS, feeds } from './doors/feeds.ts';
import { history } from './doors/history.ts';
import { read, vread } from './doors/read.ts';
import { replay } from './doors/replay.ts';
import { REVIEW_QUEUE, readReviewTask, reviewQueue } from './doors/review-queue.ts';
import { search, searchCompartment } from './doors/search.ts';
import { letOut } from './looking/noting.ts';
import { readAddress } from './looking/own-ids.ts';
import { createReach } from './looking/reach.ts';

/** An interaction, once the path has told which. */
interface Route {
  readonly interaction: Note['interaction'];
  /** The type whose scope is asked for; absent: any type that the scopes allow to read, and no other, is shown. */
  readonly type?: string;
  readonly permission: 'r' | 's';
  answer(request: ServeRequest): Promise<Told>;
}

/** The routes of `serve`: everything under the FHIR base that reads. */
export function createRoutes(dependencies: ServeDependencies): (request: HttpRequest) => Promise<HttpAnswer | Refusal> {
  return async (sent) => {
    const request = isPostedOperation(sent) ? withPostedParameters(sent) : sent;
    if (isRefusal(request)) return request;
    const wanted = wantedOf(request.headers, request.query);
    if (isRefusal(wanted)) return wanted;
    const told = OPEN_TO_ALL.get(request.path.join('/'));
    if (told !== undefined) return isRead(request) ? told(dependencies, request) : unsupported(request);
    const caller = request.caller ?? request.refused?.as;
    if (caller === undefined) return refusalOf(request);
    const at = dependencies.now().toISOString();
    const query = request.query.filter(([name]) => !MEDIA_PARAMETERS.has(name));
    const work = (dependencies.createWork ?? createWork)(caller.organisation);
    const asked = { ...request, query, caller, wanted, at, reach: createReach(caller, at), work, consulted: new Map() };
    const turnedAway = request.caller === undefined;
    return letOut(dependencies, asked, turnedAway ? atDoor(dependencies, asked) : await throughDoor(dependencies, asked));
  };
}

/** Leads a request to its door. */
export async function throughDoor(dependencies: ServeDependencies, request: ServeRequest): Promise<Told> {
  const route = routeOf(dependencies, request);
  if (isRefusal(route)) return unnoted(route);
  if (isInScope(request, route)) return route.answer(request);
  const [type = '', id = ''] = request.path;
  const named = await readAddress(dependencies, request.caller, { type, id });
  return turnAway(named, route, refuse('missing-scope'));
}

/** Somebody who is known and may not act as they ask: the same answer whatever they came for. */
function atDoor(dependencies: ServeDependencies, request: ServeRequest): Told {
  const route = routeOf(dependencies, request);
  return isRefusal(route)
    ? unnoted(refusalOf(request))
    : turnAway(parseLogicalId(request.path[1] ?? ''), route, refusalOf(request));
}

function routeOf(dependencies: ServeDependencies, request: HttpRequest): Route | Refusal {
  const { method, path } = request;
  const [type = '', id, third, fourth] = path;
  const overseeing = reviewRoute(dependencies, request);
  if (overseeing !== undefined) return overseeing;
  if (!isKept(type)) return /^([$_]|$)/.test(type) ? unsupported(request) : refuse('unknown-type');
  if (isOurs(type)) return auditRoute(dependencies, request);
  if (method === 'POST' && path.length === 2 && id === '_search') return searchRoute(dependencies, type);
  if (!isRead(request)) return unsupported(request);
  if (id === undefined) return searchRoute(dependencies, type);
  if (type === 'Organization' && id === FEEDS && path.length === 2)
    return readRoute('read', undefined, (request) => feeds(dependencies, request));
  const { person } = request.caller ?? {};
  // `GET Patient/$everything`: of everybody, in FHIR; a person who asks for themselves has one record.
  if (type === 'Patient' && id === '$everything' && path.length === 2 && person !== undefined)
    return readRoute('everything', undefined, (request) => everything(dependencies, request, person));
  if (id.startsWith('_') || id.startsWith('$')) return unsupported(request);
  if (path.length === 2) return readRoute('read', type, (request) => read(dependencies, request, type, id));
  if (third === '_history') return historyRoute(dependencies, request, type, id, fourth);
  if (type !== 'Patient' || third === undefined || path.length > 3) return unsupported(request);
  if (third === '$everything') return readRoute('everything', undefined, (request) => everything(dependencies, request, id));
  if (third.startsWith('$') || isDirectoryType(third) || isOurs(third)) return unsupported(request);
  if (!isPersonBound(third)) return refuse('unknown-type');
  const answer = (request: ServeRequest) => searchCompartment(dependencies, request, id, third);
  return { interaction: 'search', type: third, permission: 's', answer };
}

/** What privacy officers are asked. A review task's id has another form than that of a Task that somebody contributed. */
function reviewRoute(dependencies: ServeDependencies, request: HttpRequest): Route | undefined {
  const [type, id = ''] = request.path;
  const route = { interaction: 'review-queue', type: 'Task' } as const;
  if (!isRead(request) || request.path.length > 2) return undefined;
  if (type === REVIEW_QUEUE && id === '')
    return { ...route, permission: 's', answer: (asked) => reviewQueue(dependencies, asked) };
  if (type !== 'Task' || parseTaskId(id) === undefined) return undefined;
  return { ...route, permission: 'r', answer: (asked) => readReviewTask(dependencies, asked, id) };
}

/** Operations here change nothing, so POST does what GET does, with parameters in the body or none. */
const isPostedOperation = ({ method, path }: HttpRequest): boolean => method === 'POST' && path.at(-1)?.startsWith('$') === true;

function withPostedParameters(request: HttpRequest): HttpRequest | Refusal {
  const query = postedParameters(request);
  return isRefusal(query) ? query : { ...request, query };
}

const unsupported = ({ method, path }: HttpRequest): Refusal => refuseUnsupported(method, path);

const isKept = (type: string): boolean => isPersonBound(type) || isDirectoryType(type);

const readRoute = (interaction: Route['interaction'], type: string | undefined, answer: Route['answer']): Route => ({
  interaction,
  ...(type === undefined ? {} : { type }),
  permission: 'r',
  answer,
});

const searchRoute = (dependencies: ServeDependencies, type: string): Route => ({
  interaction: 'search',
  type,
  permission: 's',
  answer: (request) => search(dependencies, request, type),
});

function historyRoute(
  dependencies: ServeDependencies,
  request: HttpRequest,
  type: string,
  id: string,
  version: string | undefined,
): Route | Refusal {
  if (version === undefined) return readRoute('history', type, (request) => history(dependencies, request, type, id));
  if (request.path.length > 4) return unsupported(request);
  return readRoute('vread', type, (request) => vread(dependencies, request, type, id, version));
}

/** The audit is ours: its events are no fragments, and have one version. */
function auditRoute(dependencies: ServeDependencies, request: HttpRequest): Route | Refusal {
  const [type = '', id, third, ...more] = request.path;
  const isSearch = id === undefined || (id === '_search' && third === undefined && request.method === 'POST');
  if (isSearch) {
    const answer = (asked: ServeRequest) => searchAuditEvents(dependencies, asked);
    return { interaction: 'audit', type, permission: 's', answer };
  }
  if (!isRead(request) || more.length > 0) return unsupported(request);
  if (third === undefined) return readRoute('audit', type, (asked) => readAuditEvent(dependencies, asked, id));
  if (third !== '$replay') return unsupported(request);
  return readRoute('replay', type, (asked) => replay(dependencies, asked, id, throughDoor));
}

/** What is no fragment is not looked through for what the query of a scope asks. */
const WHOLE: ReadonlySet<Route['interaction']> = new Set(['audit', 'replay', 'review-queue']);

function isInScope({ reach }: ServeRequest, { interaction, type, permission }: Route): boolean {
  if (type === undefined) return reach.reachesAny(permission);
  return WHOLE.has(interaction) ? reach.reachesWhole(type, permission) : reach.reaches(type, permission);
}

/** Refused before any record is opened. Where the address names a person, the attempt to look at them is noted all the same. */
function turnAway(named: LogicalId | undefined, { interaction, type }: Route, answer: Refusal): Told {
  const person = named?.subject;
  if (person === undefined || !isPersonId(person)) return unnoted(answer);
  return { answer, note: { interaction, person, ...(type === undefined ? {} : { type }), outcome: 'refused' } };
}

/** What needs no token: how to get one, and what can be done with it. */
const OPEN_TO_ALL = new Map<string, (dependencies: ServeDependencies, request: HttpRequest) => HttpAnswer>([
  ['metadata', ({ tokens }, { fhirUrl }) => ({ status: 200, body: capabilityStatement(fhirUrl, tokens) })],
  [
    '.well-known/smart-configuration',
    ({ tokens }) => ({ status: 200, headers: { 'content-type': 'application/json' }, body: smartConfiguration(tokens) }),
  ],
]);

const isRead = (request: HttpRequest): boolean =>
  request.method === 'GET' || request.method === 'HEAD' || isPostedOperation(request);
