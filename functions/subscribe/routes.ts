import { type Permission, scopesAllow } from '../../shared/access/scopes.ts';
import { postedParameters } from '../../shared/fhir/answers/operation-parameters.ts';
import { refuseUnsupported } from '../../shared/fhir/conformance/unsupported.ts';
import { isRefusal, type Refusal, refuse } from '../../shared/fhir/outcomes.ts';
import { type HttpAnswer, type HttpRequest, refusalOf } from '../../shared/lambda/http.ts';
import type { Subscription } from '../../shared/signals/subscription.ts';
import type { SubscribeDependencies, SubscribeRequest } from './context.ts';
import { createPanel, deletePanel, readOwnPanel, searchPanels, updatePanel } from './groups/groups.ts';
import { redrive, tellDeadLetters, tellEvents } from './operations/events.ts';
import { replay, tellReplays } from './operations/replaying.ts';
import { rotateSecret, tellSecret } from './operations/signing.ts';
import { tellStatus } from './operations/status.ts';
import { ownSubscription } from './owning.ts';
import { deleteSubscription, updateSubscription } from './subscriptions/changing.ts';
import { createSubscription } from './subscriptions/creating.ts';
import { readOwnSubscription, searchSubscriptions } from './subscriptions/reading.ts';

type Answer = Promise<HttpAnswer | Refusal>;

/** What is done for a method of a route, and which letter of the scopes lets it be done. */
interface Interaction {
  readonly permission: Permission;
  readonly run: (dependencies: SubscribeDependencies, request: SubscribeRequest, id: string) => Answer;
}

type Interactions = Readonly<Record<string, Interaction>>;

/** The interactions of each type: with all of them, and with one. */
const TYPES: Readonly<Record<string, { readonly all: Interactions; readonly one: Interactions }>> = {
  Subscription: {
    all: {
      POST: { permission: 'c', run: createSubscription },
      GET: { permission: 's', run: searchSubscriptions },
    },
    one: {
      GET: { permission: 'r', run: readOwnSubscription },
      PUT: { permission: 'u', run: updateSubscription },
      DELETE: { permission: 'd', run: deleteSubscription },
    },
  },
  Group: {
    all: {
      POST: { permission: 'c', run: createPanel },
      GET: { permission: 's', run: searchPanels },
    },
    one: {
      GET: { permission: 'r', run: readOwnPanel },
      PUT: { permission: 'u', run: updatePanel },
      DELETE: { permission: 'd', run: deletePanel },
    },
  },
};

type Operation = (dependencies: SubscribeDependencies, request: SubscribeRequest, own: Subscription) => Answer;

/** An operation on a subscription of the caller's own. */
const on = (permission: Permission, operation: Operation): Interaction => ({
  permission,
  run: async (dependencies, request, id) => {
    const own = await ownSubscription(dependencies, request, id);
    return isRefusal(own) ? own : operation(dependencies, request, own);
  },
});

/** Whoever may only read is not shown what a subscription is signed with. */
const OPERATIONS: Readonly<Record<string, Interactions>> = {
  $status: { GET: on('r', tellStatus) },
  $events: { GET: on('r', tellEvents) },
  $replay: { GET: on('r', tellReplays), POST: on('u', replay) },
  $secret: { GET: on('u', tellSecret) },
  '$rotate-secret': { POST: on('u', rotateSecret) },
  '$dead-letters': { GET: on('r', tellDeadLetters) },
  $redrive: { POST: on('u', redrive) },
};

/** The routes of `subscribe`: standing requests to hear of changes, and the panels of persons that they can be about. */
export function createRoutes(dependencies: SubscribeDependencies): (request: HttpRequest) => Answer {
  return async (request) => {
    const { caller, path } = request;
    if (caller === undefined) return refusalOf(request);
    const interaction = interactionOf(request);
    if (interaction === undefined) return refuseUnsupported(request.method, path);
    const query = isPostedRead(request) ? postedParameters(request) : request.query;
    if (isRefusal(query)) return query;
    if (caller.role !== 'system') return refuse('only-systems');
    const [type = '', id = ''] = path;
    if (!scopesAllow(caller.scopes, type, interaction.permission)) return refuse('missing-scope');
    return interaction.run(dependencies, { ...request, query, caller, at: dependencies.now().toISOString() }, id);
  };
}

function interactionOf({ method: sent, path }: HttpRequest): Interaction | undefined {
  const [type = '', id, name, ...more] = path;
  const method = sent === 'HEAD' ? 'GET' : sent;
  const of = own(TYPES, type);
  if (of === undefined || more.length > 0) return undefined;
  if (id === undefined) return own(of.all, method);
  // FHIR R4, http.html#search: the same as GET, with the parameters in the body.
  if (id === '_search') return name === undefined && method === 'POST' ? of.all.GET : undefined;
  if (name === undefined) return own(of.one, method);
  return type === 'Subscription' ? own(own(OPERATIONS, name) ?? {}, isPostedRead({ method, path }) ? 'GET' : method) : undefined;
}

/** An operation that only reads does by POST what it does by GET, with parameters in the body or none. */
function isPostedRead({ method, path: [, , name = ''] }: Pick<HttpRequest, 'method' | 'path'>): boolean {
  const operation = own(OPERATIONS, name);
  return method === 'POST' && operation?.GET !== undefined && operation.POST === undefined;
}

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
