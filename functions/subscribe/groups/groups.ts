import { isKnownAlready, stateHeaders } from '../../../shared/fhir/answers/conditional.ts';
import { isRefusal, type Refusal, refuse } from '../../../shared/fhir/outcomes.ts';
import type { HttpAnswer } from '../../../shared/lambda/http.ts';
import { MOST_EVER, type Panel } from '../../../shared/store/signals/panels.ts';
import type { SubscribeDependencies, SubscribeRequest } from '../context.ts';
import { type Parameters, search } from '../finding.ts';
import { asNamed, ownersOf, ownPanel, tooLate } from '../owning.ts';
import { stateOf } from '../subscriptions/showing.ts';
import { readPanel, without } from './asking.ts';

/** `POST Group`. */
export async function createPanel(dependencies: SubscribeDependencies, request: SubscribeRequest): Promise<HttpAnswer | Refusal> {
  const asked = readPanel(request, dependencies.identity);
  if (isRefusal(asked)) return asked;
  const id = dependencies.newId();
  const panel: Panel = { ...asked, id, organisation: request.caller.organisation, updatedAt: request.at, version: 1 };
  await dependencies.panels.create(panel);
  return panelAnswer(201, panel, { location: `${request.fhirUrl}/Group/${id}` });
}

/** `GET Group/{id}`. */
export async function readOwnPanel(
  dependencies: SubscribeDependencies,
  request: SubscribeRequest,
  id: string,
): Promise<HttpAnswer | Refusal> {
  const panel = await ownPanel(dependencies, request, id);
  if (isRefusal(panel)) return panel;
  const answer = panelAnswer(200, panel);
  return isKnownAlready(request.headers, stateOf(panel)) ? { status: 304, headers: answer.headers } : answer;
}

/** `PUT Group/{id}`. Whoever is left out was a member: what takes back what was told of them is told still. */
export async function updatePanel(
  dependencies: SubscribeDependencies,
  request: SubscribeRequest,
  id: string,
): Promise<HttpAnswer | Refusal> {
  const before = asNamed(request, await ownPanel(dependencies, request, id));
  if (isRefusal(before)) return before;
  const asked = readPanel(request, dependencies.identity, id);
  if (isRefusal(asked)) return asked;
  const former = without([...before.former, ...before.members, ...asked.former], asked.members);
  if (former.size + asked.members.size > MOST_EVER)
    return refuse('panel-too-large', {
      expression: 'Group.member',
      diagnostics: 'Former members are kept too. Make a new Group.',
    });
  const { organisation, version } = before;
  const next: Panel = { ...asked, former, id, organisation, updatedAt: request.at, version: version + 1 };
  return (await dependencies.panels.update(next)) ? panelAnswer(200, next) : tooLate(request);
}

/** `DELETE Group/{id}`. */
export async function deletePanel(
  dependencies: SubscribeDependencies,
  request: SubscribeRequest,
  id: string,
): Promise<HttpAnswer | Refusal> {
  const panel = asNamed(request, await ownPanel(dependencies, request, id));
  if (isRefusal(panel)) return panel;
  const removed = await dependencies.panels.remove(panel);
  if (removed === 'removed') return { status: 204 };
  return removed === 'in-use' ? refuse('panel-in-use') : tooLate(request);
}

const PARAMETERS: Parameters<Panel> = { _id: ({ id }) => id };

/** `GET Group?…`: of the caller's own. */
export const searchPanels = (dependencies: SubscribeDependencies, request: SubscribeRequest) =>
  search(dependencies, request, {
    type: 'Group',
    parameters: PARAMETERS,
    textOf: panelText,
    all: async () => {
      const owners = ownersOf(dependencies, request);
      return (await Promise.all(owners.map((owner) => dependencies.panels.ofOrganisation(owner)))).flat();
    },
  });

const panelAnswer = (status: number, panel: Panel, headers: Readonly<Record<string, string>> = {}): HttpAnswer => ({
  status,
  headers: { ...stateHeaders(stateOf(panel)), ...headers },
  body: panelText(panel),
});

/** The FHIR R4 Group of a panel: JSON text. */
function panelText(panel: Panel): string {
  const { id, name, members, former } = panel;
  const entity = (person: string) => ({ reference: `Patient/${person}` });
  const member = [
    ...[...members].sort().map((person) => ({ entity: entity(person) })),
    ...[...former].sort().map((person) => ({ entity: entity(person), inactive: true })),
  ];
  return JSON.stringify({
    resourceType: 'Group',
    id,
    meta: stateOf(panel),
    active: true,
    type: 'person',
    actual: true,
    name,
    quantity: members.size,
    // FHIR allows no empty array.
    ...(member.length === 0 ? {} : { member }),
  });
}
