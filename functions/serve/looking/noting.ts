import { createHash } from 'node:crypto';
import { isRefusal, type Refusal, refuse } from '../../../shared/fhir/outcomes.ts';
import { answerOf } from '../../../shared/lambda/api.ts';
import type { HttpAnswer } from '../../../shared/lambda/http.ts';
import { DEFAULT_SOURCE } from '../../../shared/record/source-names.ts';
import type { AccessEntry } from '../../../shared/store/audit.ts';
import type { Note, ServeDependencies, ServeRequest, Told } from '../context.ts';
import { sequencesOf } from './look.ts';
import { prettied } from './pretty.ts';
import { sealRequest } from './sealed-request.ts';

/**
 * Lets an answer out: laid out as it is wanted, and, where it is about a person, once the look at them is durable in the audit with the digest of just these bytes.
 * No audit, no data: where it cannot be written, nothing is told.
 */
export async function letOut(
  dependencies: ServeDependencies,
  request: ServeRequest,
  { answer, note, others = [], confirmed, isVerbatim = false }: Told,
): Promise<HttpAnswer | Refusal> {
  const told = isRefusal(answer) || isVerbatim ? answer : laidOut(request, answer);
  if (note === undefined) return told;
  const { audit, log } = dependencies;
  try {
    const sent = isRefusal(told) ? answerOf(told) : told;
    const body = confirmed === undefined ? sent.body : laidOut(request, { ...sent, body: confirmed }).body;
    const notes = [note, ...others];
    await Promise.all(notes.map((each) => audit.record(entryOf(dependencies, request, each, { ...sent, body }))));
    return told;
  } catch (error) {
    const { requestId, caller } = request;
    log.error('a look could not be noted, so nothing was shown', { requestId, organisation: caller.organisation, error });
    return refuse('audit-unavailable');
  }
}

export const laidOut = ({ wanted }: Pick<ServeRequest, 'wanted'>, answer: HttpAnswer): HttpAnswer =>
  wanted.pretty ? prettied(answer) : answer;

function entryOf(
  { access, auditKey, entryId }: ServeDependencies,
  request: ServeRequest,
  { interaction, person, type, outcome, shown = {}, withheld = {}, stale = [], look }: Note,
  answer: HttpAnswer,
): AccessEntry {
  const { caller, at, requestId, consulted, wanted } = request;
  const query = [...request.query, ...wanted.form];
  const { staff, name, provider, assurance, person: signedIn } = caller;
  const id = entryId();
  return {
    id,
    at,
    person,
    organisation: caller.organisation,
    client: caller.client,
    ...(caller.source === DEFAULT_SOURCE ? {} : { source: caller.source }),
    ...present({ staff, name, provider, assurance, signedIn }),
    role: caller.role,
    purpose: caller.purpose,
    interaction,
    ...present({ type }),
    outcome,
    shown,
    withheld,
    ...(look === undefined ? {} : whyOf(look)),
    sequences: { ...(look === undefined ? {} : sequencesOf(look.current)), ...Object.fromEntries(consulted) },
    ...(look === undefined || look.record === look.current ? {} : { asOf: sequencesOf(look.record) }),
    policyVersion: access.policyVersion,
    requestId,
    status: answer.status,
    digest: digestOf(answer),
    sealedRequest: sealRequest(
      auditKey,
      { ...request, query, saidWithheld: look?.view.saysWithheld ?? false, stale },
      { person, at, id },
    ),
  };
}

/** What was decided, and why. The grants that a view was made with, and uses, are told apart from the kinds of relationships. */
function whyOf({ view, decisions, grants }: NonNullable<Note['look']>): Partial<AccessEntry> {
  const used = grants.filter(({ id }) => view.relationships.includes(id)).map(({ id }) => id);
  return {
    decisions,
    relationships: view.relationships.filter((relationship) => !used.includes(relationship)),
    grants: used,
  };
}

/** Of the body before any compression: what a client has once it has decoded it. */
export const digestOf = ({ body = '' }: HttpAnswer): string => createHash('sha256').update(body).digest('base64url');

/** Without what is absent. */
const present = <T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
