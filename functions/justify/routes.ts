import { isFor, scopesOf } from '../../shared/access/scopes.ts';
import { isRefusal, type Refusal, refuse } from '../../shared/fhir/outcomes.ts';
import { type HttpAnswer, type HttpRequest, refusalOf } from '../../shared/lambda/http.ts';
import { isPersonId, parseLogicalId } from '../../shared/record/identity.ts';
import type { JustifyDependencies, JustifyRequest } from './context.ts';
import { knowAsStaff, watch } from './entering.ts';
import { GRANTING, grantAccess } from './granting.ts';
import { review } from './reviewing.ts';

/** An operation, once the path has told which. */
type Operation = (request: JustifyRequest) => Promise<HttpAnswer | Refusal>;

/** The routes of `justify`: operations by which somebody gives reasons for what they do. */
export function createRoutes(dependencies: JustifyDependencies): (request: HttpRequest) => Promise<HttpAnswer | Refusal> {
  return async (request) => {
    const { caller, path, method } = request;
    if (caller === undefined) return refusalOf(request);
    const [type = '', id = '', name = '', more] = path;
    if (method !== 'POST' || more !== undefined) return refuse('not-allowed');
    const operation = operationOf(dependencies, type, id, name);
    if (isRefusal(operation)) return operation;
    // Whoever may do more than look is for the policies to say; whoever may not look at all has no reasons to give.
    if (!scopesOf(caller).some((scope) => isFor(scope, type, 'r'))) return refuse('missing-scope');
    return operation({ ...request, caller, at: dependencies.now().toISOString() });
  };
}

function operationOf(dependencies: JustifyDependencies, type: string, id: string, name: string): Operation | Refusal {
  if (type === 'Task' && name === '$review') return (request) => review(dependencies, request, id);
  const isEntering = Object.hasOwn(ENTERING, name);
  if (type !== 'Patient' || !(isEntering || isGranting(name))) return refuse('not-allowed');
  const person = parseLogicalId(id)?.subject;
  // Of an id that no person can have nothing can be opened, and there is nobody to note it of.
  if (person === undefined || !isPersonId(person)) return refuse('not-found');
  if (isGranting(name)) return (request) => grantAccess(dependencies, request, name, person);
  return (request) => ENTERING[name]!(dependencies, request, person);
}

/** What privacy officers enter about persons. */
const ENTERING: Readonly<Record<string, typeof watch>> = { $watch: watch, '$know-as-staff': knowAsStaff };

const isGranting = (name: string): name is keyof typeof GRANTING => Object.hasOwn(GRANTING, name);
