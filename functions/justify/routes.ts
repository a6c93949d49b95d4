import { isFor, scopesOf } from '../../shared/access/scopes.ts';
import { refuseUnsupported } from '../../shared/fhir/conformance/unsupported.ts';
import { isRefusal, type Refusal, refuse, statusOf } from '../../shared/fhir/outcomes.ts';
import { type HttpAnswer, type HttpRequest, refusalOf } from '../../shared/lambda/http.ts';
import { isPersonId, parseLogicalId } from '../../shared/record/identity.ts';
import type { JustifyDependencies, JustifyRequest } from './context.ts';
import { knowAsStaff, watch } from './entering.ts';
import { FORMS_BY_NUMBER, GRANTING, grantAccess, grantAccessByNumber } from './granting.ts';
import { personNamedIn } from './named-person.ts';
import { type Attempt, note } from './noting.ts';
import { review } from './reviewing.ts';

/** An operation, once the path has told which. */
type Operation = (request: JustifyRequest) => Promise<HttpAnswer | Refusal>;

/** The routes of `justify`: operations by which somebody gives reasons for what they do. */
export function createRoutes(dependencies: JustifyDependencies): (request: HttpRequest) => Promise<HttpAnswer | Refusal> {
  return async (request) => {
    const { path, method } = request;
    const caller = request.caller ?? request.refused?.as;
    if (caller === undefined) return refusalOf(request);
    const [type = '', ...rest] = path;
    const operation = method === 'POST' ? operationOf(dependencies, type, rest) : refuseUnsupported(method, path);
    if (isRefusal(operation)) return operation;
    const asked = { ...request, caller, at: dependencies.now().toISOString() };
    if (request.caller === undefined) return turnAway(dependencies, asked, refusalOf(request));
    // Whoever may do more than look is for the policies to say; whoever may not look at all has no reasons to give.
    if (!scopesOf(caller).some((scope) => isFor(scope, type, 'r'))) return turnAway(dependencies, asked, refuse('missing-scope'));
    return operation(asked);
  };
}

/** Refused before anything is decided. Where the request names a person, the attempt is noted all the same. */
async function turnAway(dependencies: JustifyDependencies, request: JustifyRequest, refusal: Refusal): Promise<Refusal> {
  const { path, body } = request;
  const [, id = '', name = id] = path;
  const interaction = INTERACTIONS.get(name);
  const person = name === id ? personNamedIn(body, FORMS_BY_NUMBER, dependencies.identity) : parseLogicalId(id)?.subject;
  if (interaction === undefined || person === undefined || isRefusal(person)) return refusal;
  const attempt = { interaction, person, outcome: 'refused', status: statusOf(refusal) } as const;
  return (await note(dependencies, request, attempt)) ? refusal : refuse('audit-unavailable');
}

/** What is noted of operations about a person. */
const INTERACTIONS: ReadonlyMap<string, Attempt['interaction']> = new Map([
  ['$break-glass', 'break-glass'],
  ['$claim-relationship', 'claim-relationship'],
  ['$watch', 'watch'],
  ['$know-as-staff', 'know-as-staff'],
]);

function operationOf(dependencies: JustifyDependencies, type: string, rest: readonly string[]): Operation | Refusal {
  const unsupported = () => refuseUnsupported('POST', [type, ...rest]);
  if (rest.length === 1) {
    const [name = ''] = rest;
    if (type !== 'Patient' || !isGranting(name)) return unsupported();
    return (request) => grantAccessByNumber(dependencies, request, name);
  }
  const [id = '', name = '', more] = rest;
  if (more !== undefined) return unsupported();
  if (type === 'Task' && name === '$review') return (request) => review(dependencies, request, id);
  const isEntering = Object.hasOwn(ENTERING, name);
  if (type !== 'Patient' || !(isEntering || isGranting(name))) return unsupported();
  const person = parseLogicalId(id)?.subject;
  // Of an id that no person can have nothing can be opened, and there is nobody to note it of.
  if (person === undefined || !isPersonId(person)) return refuse('not-found');
  if (isGranting(name)) return (request) => grantAccess(dependencies, request, name, person);
  return (request) => ENTERING[name]!(dependencies, request, person);
}

/** What privacy officers enter about persons. */
const ENTERING: Readonly<Record<string, typeof watch>> = { $watch: watch, '$know-as-staff': knowAsStaff };

const isGranting = (name: string): name is keyof typeof GRANTING => Object.hasOwn(GRANTING, name);
