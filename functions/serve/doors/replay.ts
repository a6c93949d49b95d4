import { openAccessId } from '../../../shared/access/access-id.ts';
import { isLegallyRestricted } from '../../../shared/access/facts/classes.ts';
import { MEDIA_PARAMETERS, wantedOf } from '../../../shared/fhir/answers/media.ts';
import { isRefusal, operationOutcome, type Refusal, refuse } from '../../../shared/fhir/outcomes.ts';
import { answerOf } from '../../../shared/lambda/api.ts';
import type { HttpAnswer } from '../../../shared/lambda/http.ts';
import type { AccessEntry } from '../../../shared/store/audit.ts';
import { type Note, type ServeDependencies, type ServeRequest, type Told, unnoted } from '../context.ts';
import { asThen } from '../looking/as-then.ts';
import { digestOf, laidOut } from '../looking/noting.ts';
import { mayOversee } from '../looking/overseeing.ts';
import { createReach } from '../looking/reach.ts';
import { type AskedThen, openRequest } from '../looking/sealed-request.ts';

/** Leads a request to the door that it is for. */
export type Doors = (dependencies: ServeDependencies, request: ServeRequest) => Promise<Told>;

/**
 * `GET /AuditEvent/{id}/$replay`: exactly what was shown in a look, however long ago.
 *
 * The same door is asked the same again, with the record and the directories as they stood and what was decided then. The digest that the look left proves that the bytes are
 * those that were shown (`Chesil-Replay: exact`). Where they are not, another release lays the same out in another way; then the answer is a Bundle that says so first, and
 * holds what was made again (`differs`): it is of the same fragments under the same decisions, and an investigation years later must not end at a comma. Of a person who has become
 * restricted since it is made again without whereabouts, and what is legally restricted is not made again at all: then it differs too.
 */
export async function replay(dependencies: ServeDependencies, request: ServeRequest, id: string, doors: Doors): Promise<Told> {
  const { auditKey, auditReads, store, access } = dependencies;
  const key = openAccessId(auditKey, id);
  const entry = key && (await auditReads.read(key));
  if (key === undefined || entry === undefined) return unnoted(refuse('not-found'));
  const note = { interaction: 'replay', person: entry.person, type: 'AuditEvent' } as const;
  if (!mayOversee(dependencies, request, 'replay', entry))
    return { answer: refuse('not-found'), note: { ...note, outcome: 'refused' } };
  const asked = entry.sealedRequest && openRequest(auditKey, entry.sealedRequest, key);
  if (asked === undefined) return { answer: refuse('not-replayable'), note: { ...note, outcome: 'refused' } };
  const hides = access.isRestricted(await store.person(entry.person), request.at);
  const lawful = withoutLegallyRestricted(entry);
  const replayed = hides ? withoutWhereabouts(dependencies, request, lawful) : lawful;
  const again = await answerAgain(
    hides ? { ...dependencies, access: { ...access, isRestricted: () => true } } : dependencies,
    request,
    replayed,
    asked,
    doors,
    hides ? 'replay-without-whereabouts' : 'replay-differs',
  );
  return { answer: again, note: { ...note, outcome: 'shown', ...countsOf(entry) }, isVerbatim: true };
}

/**
 * By now nobody is to learn where the person is. What was shown whole then is shown without it, but for what the officer's own organisation has told: an investigation must
 * not be the way by which somebody is found.
 */
function withoutWhereabouts({ directory }: ServeDependencies, { caller, at }: ServeRequest, entry: AccessEntry): AccessEntry {
  const current = (organisation: string) => directory.current(organisation, at)?.id;
  const decided = Object.entries(entry.decisions ?? {}).map(([key, decision]) => {
    const isOwn = current(key.split(' ')[1] ?? '') === current(caller.organisation);
    return [key, decision === 'shown' && !isOwn ? 'redacted' : decision] as const;
  });
  return { ...entry, decisions: Object.fromEntries(decided) };
}

/** What the law lets nobody but its source’s own clinicians know of is not shown again, whoever saw it. */
function withoutLegallyRestricted(entry: AccessEntry): AccessEntry {
  const decided = Object.entries(entry.decisions ?? {}).map(
    ([key, decision]) => [key, isLegallyRestricted(key) ? 'withheld' : decision] as const,
  );
  return { ...entry, decisions: Object.fromEntries(decided) };
}

const countsOf = ({ shown, withheld }: AccessEntry): Pick<Note, 'shown' | 'withheld'> => ({ shown, withheld });

async function answerAgain(
  dependencies: ServeDependencies,
  request: ServeRequest,
  entry: AccessEntry,
  asked: AskedThen,
  doors: Doors,
  why: 'replay-differs' | 'replay-without-whereabouts',
): Promise<HttpAnswer> {
  const wanted = wantedOf(asked.headers, asked.query);
  const answer = isRefusal(wanted) ? wanted : await through(dependencies, request, entry, { ...asked, wanted }, doors);
  const shown = isRefusal(answer) ? answerOf(answer) : answer;
  const isExact = digestOf(shown) === entry.digest;
  const headers = { 'chesil-replay': isExact ? 'exact' : 'differs', 'chesil-replayed-status': String(entry.status) };
  return { status: 200, headers, body: isExact ? (shown.body ?? '') : differing(shown, why) };
}

async function through(
  dependencies: ServeDependencies,
  request: ServeRequest,
  entry: AccessEntry,
  { wanted, saidWithheld, stale, ...asked }: AskedThen & Pick<ServeRequest, 'wanted'>,
  doors: Doors,
): Promise<HttpAnswer | Refusal> {
  const { answer } = await doors(asThen(dependencies, entry, { saidWithheld, stale }), {
    ...request,
    ...asked,
    // An answer to HEAD was made, and digested, as that to GET is.
    method: asked.method === 'HEAD' ? 'GET' : asked.method,
    query: asked.query.filter(([name]) => !MEDIA_PARAMETERS.has(name)),
    wanted,
    at: entry.at,
    reach: createReach(asked.caller, entry.at),
    consulted: new Map(),
  });
  return isRefusal(answer) ? answer : laidOut({ wanted }, answer);
}

/** What was made again, after a warning that its bytes are not those that were shown. */
function differing({ body }: HttpAnswer, why: 'replay-differs' | 'replay-without-whereabouts'): string {
  const warning = JSON.stringify(operationOutcome([{ code: why }]));
  const entries = [warning, ...(body === undefined ? [] : [body])].map((resource) => `{"resource":${resource}}`);
  return `{"resourceType":"Bundle","type":"collection","entry":[${entries.join(',')}]}`;
}
