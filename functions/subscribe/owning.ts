import { parseVersion } from '../../shared/fhir/interactions.ts';
import { isRefusal, type Refusal, refuse } from '../../shared/fhir/outcomes.ts';
import type { Subscription } from '../../shared/signals/subscription.ts';
import type { Panel } from '../../shared/store/signals/panels.ts';
import type { SubscribeDependencies, SubscribeRequest } from './context.ts';

/** Organisations for which a system speaks: its own, and those that it has taken over from. */
export function ownersOf({ directory }: SubscribeDependencies, { caller, at }: SubscribeRequest): readonly string[] {
  const { organisation } = caller;
  const before = directory.organisations.filter(
    ({ id }) => id !== organisation && directory.current(id, at)?.id === organisation,
  );
  return [organisation, ...before.map(({ id }) => id)];
}

/** A subscription of the caller's own. That of somebody else is answered as one that is not there. */
export async function ownSubscription(
  dependencies: SubscribeDependencies,
  request: SubscribeRequest,
  id: string,
): Promise<Subscription | Refusal> {
  const found = await dependencies.subscriptions.read(id);
  return found !== undefined && ownersOf(dependencies, request).includes(found.organisation) ? found : refuse('not-found');
}

/** A Group of the caller's own. */
export async function ownPanel(
  dependencies: SubscribeDependencies,
  request: SubscribeRequest,
  id: string,
): Promise<Panel | Refusal> {
  const found = await Promise.all(ownersOf(dependencies, request).map((owner) => dependencies.panels.read(owner, id)));
  return found.find((panel) => panel !== undefined) ?? refuse('not-found');
}

/** What is the caller's own, if it stands in the version that `If-Match` names, where that is sent. */
export const asNamed = <T extends { readonly version: number }>(request: SubscribeRequest, found: T | Refusal): T | Refusal =>
  isRefusal(found) ? found : (problemOfIfMatch(request, found) ?? found);

function problemOfIfMatch({ headers }: SubscribeRequest, { version }: { readonly version: number }): Refusal | undefined {
  const sent = headers['if-match'];
  if (sent === undefined) return undefined;
  const named = parseVersion(sent);
  if (named === undefined) return refuse('bad-precondition');
  return named === version ? undefined : refuse('version-conflict');
}

/** What somebody reads who comes too late: the version that they named is gone, or there was none named to go by. */
export const tooLate = ({ headers }: SubscribeRequest): Refusal =>
  refuse(headers['if-match'] === undefined ? 'contended' : 'version-conflict');
