import { type AccessKey, openAccessId } from '../../../shared/access/access-id.ts';
import { bundleText, outcomeEntry, searchEntry } from '../../../shared/fhir/answers/bundle.ts';
import { addressOf, openPage, type PageRequest } from '../../../shared/fhir/answers/pages.ts';
import type { Query } from '../../../shared/fhir/answers/query-parameters.ts';
import { isRefusal, operationOutcome, refuse } from '../../../shared/fhir/outcomes.ts';
import { sealCursor } from '../../../shared/fhir/search/cursor.ts';
import type { HttpAnswer } from '../../../shared/lambda/http.ts';
import { isPersonId } from '../../../shared/record/identity.ts';
import type { AccessEntry } from '../../../shared/store/audit.ts';
import type { AuditSpan } from '../../../shared/store/audit-reads.ts';
import { type Note, type ServeDependencies, type ServeRequest, type Told, unnoted } from '../context.ts';
import { mayOversee } from '../looking/overseeing.ts';
import { findPerson } from '../looking/person.ts';
import { tellOf } from '../looking/telling.ts';
import { type AuditQuery, parseAuditQuery } from './audit-query.ts';

const PATH = 'AuditEvent';

/** `GET /AuditEvent/{id}`: one look, told to somebody who may read of it; for anybody else none is there. */
export async function readAuditEvent(dependencies: ServeDependencies, request: ServeRequest, id: string): Promise<Told> {
  const key = openAccessId(dependencies.auditKey, id);
  const entry = key && (await dependencies.auditReads.read(key));
  if (entry === undefined) return unnoted(refuse('not-found'));
  const note = { interaction: 'audit', person: entry.person, type: PATH } as const;
  const persons = await idsOf(dependencies, entry.person);
  if (!mayOversee(dependencies, request, 'read-audit', entry, persons) || (await hidesLookers(dependencies, request)))
    return { answer: refuse('not-found'), note: { ...note, outcome: 'refused' } };
  const [told] = await tellOf(dependencies, request, [entry]);
  return { answer: { status: 200, body: told!.body }, note: { ...note, outcome: 'shown' } };
}

/**
 * `GET /AuditEvent?…`: who looked, the newest first; of a person, of a member of staff or for an organisation. A person who names nobody asks who looked at them.
 * There is no total, for it would count what others may not read of.
 */
export async function searchAuditEvents(dependencies: ServeDependencies, request: ServeRequest): Promise<Told> {
  const page = openPage(dependencies.cursorKey, request.caller, PATH, request.query, request.wanted.form);
  if (isRefusal(page)) return unnoted(page);
  const [after, own] = splitAfter(dependencies, page.query);
  const query = parseAuditQuery(own, { strict: request.wanted.strict, at: page.cursor?.at ?? request.at });
  if (isRefusal(query)) return unnoted(query);
  const asked = await whoIsAsked(dependencies, request, query);
  if (isRefusal(asked)) return unnoted(asked);
  const found = (await hidesLookers(dependencies, request, query))
    ? []
    : await find(dependencies, request, { ...asked, query, after });
  const shown = found.slice(0, query.count);
  const next = found.length > query.count ? shown.at(-1) : undefined;
  const answer = await answerOf(dependencies, request, { page, own, query, person: asked.persons?.[0] }, shown, next);
  return { answer, ...notesOf(request, asked.persons?.[0], shown) };
}

/** The parameter, sealed in the address of a further page alone, that says after which look it goes on. */
const AFTER = '_after';

function splitAfter({ auditKey }: ServeDependencies, query: Query): readonly [AccessKey | undefined, Query] {
  const after = query.find(([name]) => name === AFTER)?.[1];
  return [after === undefined ? undefined : openAccessId(auditKey, after), query.filter(([name]) => name !== AFTER)];
}

/** Whose looks, or looks at whom. */
interface Asked {
  /** Every id of the person; the first is the one that is shown. */
  readonly persons?: readonly string[];
}

async function whoIsAsked(dependencies: ServeDependencies, { caller }: ServeRequest, query: AuditQuery) {
  const { person = caller.person === undefined ? undefined : { id: caller.person }, staff, organisation } = query;
  if (person === undefined) return staff === undefined && organisation === undefined ? refuse('audit-unbounded') : {};
  const [subject] = await findPerson(dependencies, caller, person);
  return { persons: subject === undefined ? [] : await idsOf(dependencies, subject) };
}

/**
 * Whoever is not told who looked, and for whom, is not told by asking whether somebody did. And who signs in as somebody whose record is shown to them no longer, for that person
 * has died, is told nothing.
 */
async function hidesLookers(
  { store, access }: ServeDependencies,
  { caller, at, work }: ServeRequest,
  { staff, organisation }: Partial<AuditQuery> = {},
): Promise<boolean> {
  if (caller.person === undefined) return false;
  const record = await store.person(caller.person);
  const isKnown = record.folds.some(({ sequence }) => sequence > 0);
  if (isKnown && !(await work.run(access.viewInSteps(caller, record, at))).permitted) return true;
  return (staff ?? organisation) !== undefined && access.isRestricted(record, at);
}

/** Every id of a person: looks at somebody who was merged since were noted under the id that they had. */
async function idsOf({ store }: ServeDependencies, person: string): Promise<readonly string[]> {
  if (!isPersonId(person)) return [person];
  const { personId, folds } = await store.person(person);
  return [...new Set([personId, person, ...folds.map(({ subject }) => subject)])];
}

/** Looks are read so many at a time. */
const BATCH = 100;

interface Search extends Asked {
  readonly query: AuditQuery;
  readonly after: AccessKey | undefined;
}

/** One more than a page holds, if there are so many that the caller may read of. */
async function find(dependencies: ServeDependencies, request: ServeRequest, search: Search): Promise<readonly AccessEntry[]> {
  const { query, persons } = search;
  const { staff, organisation } = query;
  // What is noted of tasks and of searches that found nobody is no look at a person.
  const isWanted = (entry: AccessEntry) =>
    isPersonId(entry.person) &&
    (persons === undefined || persons.includes(entry.person)) &&
    (staff === undefined || entry.staff === staff) &&
    (organisation === undefined || entry.organisation === organisation) &&
    mayOversee(dependencies, request, 'read-audit', entry, persons);
  const found: AccessEntry[] = [];
  for (let before = search.after; found.length <= query.count; ) {
    const { from, until } = query;
    const span = { limit: BATCH, before, ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) };
    const batch = await readBatch(dependencies, request, search, span);
    found.push(...batch.filter(isWanted));
    if (batch.length < BATCH) break;
    before = batch.at(-1);
  }
  return found.slice(0, query.count + 1);
}

/** For whoever oversees nobody nothing is read but what they did themselves: how long it takes tells nothing of what others did. */
async function readBatch(
  { access, auditReads, lead }: ServeDependencies,
  { caller, at }: ServeRequest,
  { persons, query: { staff, organisation } }: Search,
  span: AuditSpan,
): Promise<readonly AccessEntry[]> {
  const overseen = organisation ?? caller.organisation;
  if (caller.person === undefined && !access.may(caller, 'read-audit', { at, organisation: overseen, lead }))
    return caller.staff === undefined ? [] : auditReads.byStaff(caller.staff, span);
  if (persons !== undefined) {
    const all = await Promise.all(persons.map((person) => auditReads.byPerson(person, span)));
    return all.flat().sort(newestFirst).slice(0, span.limit);
  }
  if (staff !== undefined) return auditReads.byStaff(staff, span);
  return auditReads.byOrganisation(organisation!, span);
}

const newestFirst = (one: AccessEntry, other: AccessEntry): number =>
  `${one.at}#${one.id}` < `${other.at}#${other.id}` ? 1 : -1;

interface Paging {
  readonly page: PageRequest;
  readonly own: Query;
  readonly query: AuditQuery;
  readonly person: string | undefined;
}

async function answerOf(
  dependencies: ServeDependencies,
  request: ServeRequest,
  { page, own, query, person }: Paging,
  shown: readonly AccessEntry[],
  last: AccessEntry | undefined,
): Promise<HttpAnswer> {
  const { fhirUrl, at, caller } = request;
  const told = await tellOf(dependencies, request, shown);
  const entries = told.map(({ id, body }) => searchEntry(`${fhirUrl}/${PATH}/${id}`, body, 'match'));
  if (page.cursor === undefined && query.ignored.length > 0) entries.push(outcomeEntry(operationOutcome(query.ignored)));
  const first = page.cursor?.at ?? at;
  const sealed = (after: string) =>
    sealCursor(
      dependencies.cursorKey,
      { path: PATH, query: [...own, [AFTER, after]], sequences: {}, at: first, offset: 0 },
      caller,
    );
  const self: Query = page.cursor === undefined ? selfOf(query, person) : request.query;
  const links = [
    { relation: 'self' as const, url: addressOf(fhirUrl, PATH, [...self, ...page.form]) },
    ...(last === undefined
      ? []
      : [{ relation: 'next' as const, url: addressOf(fhirUrl, PATH, [['_cursor', sealed(told.at(-1)!.id)], ...page.form]) }]),
  ];
  return { status: 200, body: bundleText({ type: 'searchset', timestamp: at, links }, entries) };
}

/** The person by id: no identifier stands in an address that we give out. */
const selfOf = ({ applied }: AuditQuery, person: string | undefined): Query =>
  person === undefined ? applied : [['patient', person], ...applied];

/** Everybody whom the answer tells of may know that it was read; where it tells of nobody, it is noted of whoever asked. */
function notesOf(
  { caller }: ServeRequest,
  asked: string | undefined,
  shown: readonly AccessEntry[],
): Pick<Told, 'note' | 'others'> {
  const note = (person: string): Note => ({
    interaction: 'audit',
    person,
    type: PATH,
    outcome: shown.length > 0 ? 'shown' : 'refused',
  });
  const persons = asked === undefined ? [...new Set(shown.map(({ person }) => person))] : [asked];
  const [first = `audit#${caller.organisation}`, ...others] = persons;
  return { note: note(first), others: others.map(note) };
}
