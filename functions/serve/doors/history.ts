import type { Steps } from '../../../shared/concurrency/steps.ts';
import {
  bundleText,
  fillPage,
  type HistoryVersion,
  historyEntry,
  historyOutcomeEntry,
  PAGE,
} from '../../../shared/fhir/answers/bundle.ts';
import { type HistoryQuery, parseHistory } from '../../../shared/fhir/answers/history-query.ts';
import { openPage, type PageRequest, pageLinks } from '../../../shared/fhir/answers/pages.ts';
import type { ReadParameters } from '../../../shared/fhir/answers/query-parameters.ts';
import { type Issue, isRefusal, operationOutcome, refuse } from '../../../shared/fhir/outcomes.ts';
import { type PersonTimeline, personTimeline } from '../../../shared/fhir/person/timeline.ts';
import type { HttpAnswer } from '../../../shared/lambda/http.ts';
import type { Action } from '../../../shared/record/contribution.ts';
import type { Fragment } from '../../../shared/record/fold.ts';
import { isPersonId, type LogicalId, logicalId } from '../../../shared/record/identity.ts';
import { versionIdOf } from '../../../shared/record/opaque-versions.ts';
import { seenVersions } from '../../../shared/record/seen-versions.ts';
import { type ServeDependencies, type ServeRequest, type Told, unnoted } from '../context.ts';
import { countByClass, type Look, openRecord, sequencesOf, versionsUntil } from '../looking/look.ts';
import { locateFragment, readAddress } from '../looking/own-ids.ts';
import { foldPatients, type PersonPatient, shownApart } from '../looking/person.ts';
import { TO_READ } from '../looking/reach.ts';

/** `GET /{type}/{id}/_history`: the versions of a fragment, of a person, or of what an organisation tells of itself; newest first, deletions included. */
export async function history(dependencies: ServeDependencies, request: ServeRequest, type: string, id: string): Promise<Told> {
  const page = openPage(dependencies.cursorKey, request.caller, `${type}/${id}/_history`, request.query, request.wanted.form);
  if (isRefusal(page)) return unnoted(page);
  const read = parseHistory(page.query, type, request.wanted.strict);
  if (isRefusal(read)) return unnoted(read);
  const query = { ...read, page };
  const named = await readAddress(dependencies, request.caller, { type, id });
  if (named === undefined) return unnoted(refuse('not-found'));
  if (!isPersonId(named.subject)) {
    const { subject, fragmentId } = named;
    return directoryHistory(dependencies, request, type, subject, fragmentId, pagedAs(query, type, named));
  }

  const look = await openRecord(dependencies, request, named.subject, TO_READ);
  const located = named.fragmentId === undefined ? named : locateFragment(look.record, named);
  const { subject, fragmentId } = located;
  const asked = pagedAs(query, type, located);
  const told =
    fragmentId === undefined
      ? await versionsOfPerson(dependencies, request, type, look)
      : await versionsOfFragment(dependencies, type, look, subject, fragmentId);
  const noted = { interaction: 'history', person: look.personId, type, look } as const;
  if (told.versions.length === 0) {
    return { answer: refuse('not-found'), note: { ...noted, outcome: 'refused', withheld: told.withheld } };
  }
  const answer = await answerHistory(dependencies, request, asked, told.versions, sequencesOf(look.record));
  return { answer, note: { ...noted, outcome: 'shown', shown: told.shown } };
}

/** Pages go on at the address by our id, whichever id led to the first: a source's own may lead elsewhere by then. */
const pagedAs = (query: AskedHistory, type: string, { subject, fragmentId }: LogicalId): AskedHistory => {
  const id = fragmentId === undefined ? subject : logicalId(subject, fragmentId);
  return { ...query, page: { ...query.page, path: `${type}/${id}/_history` } };
};

interface Versions {
  readonly versions: readonly HistoryVersion[];
  readonly shown: Readonly<Record<string, number>>;
  readonly withheld: Readonly<Record<string, number>>;
}

async function versionsOfFragment(
  dependencies: ServeDependencies,
  type: string,
  look: Look,
  subject: string,
  fragmentId: string,
): Promise<Versions> {
  const versions = (await versionsUntil(dependencies, look, subject, new Set([fragmentId]))).filter(
    (version) => version.type === type,
  );
  const seen = seenVersions(versions.toReversed(), (version) => look.show(version) !== undefined).toReversed();
  const seenOnes = new Set(seen.map(({ version }) => version));
  return {
    versions: seen.map(({ version, action }) => fragmentVersion(look.show(version)!, action)),
    shown: countByClass(look, seenOnes),
    withheld: countByClass(
      look,
      versions.filter((version) => !seenOnes.has(version)),
    ),
  };
}

const fragmentVersion = (fragment: Fragment, action: Action = fragment.action): HistoryVersion => ({
  id: logicalId(fragment.subject, fragment.fragmentId),
  type: fragment.type,
  version: versionIdOf(fragment),
  action,
  recordedAt: fragment.recordedAt,
  body: fragment.body,
});

async function versionsOfPerson(
  dependencies: ServeDependencies,
  request: ServeRequest,
  type: string,
  look: Look,
): Promise<Versions> {
  if (type !== 'Patient') return { versions: [], shown: {}, withheld: {} };
  const timeline = await timelineOf(dependencies, request, look);
  const { moments } = timeline;
  const versions = moments.map(({ versionId, recordedAt, isGone }, place): HistoryVersion => {
    const action = isGone ? 'retracted' : place === moments.length - 1 ? 'created' : 'updated';
    const id = look.record.personId;
    const fold = () => personAt(dependencies, request, look, timeline, place);
    // The person is folded for the page that is answered alone.
    return {
      id,
      type,
      version: versionId,
      action,
      recordedAt,
      get body() {
        return fold().body;
      },
    };
  });
  const shown = moments.length === 0 ? {} : countByClass(look, timeline.fragmentsAt(0));
  return { versions, shown, withheld: {} };
}

/** The person at a moment of the timeline: by what stands of the statements about them now. */
export function personAt(
  { directory }: ServeDependencies,
  { at }: ServeRequest,
  look: Look,
  timeline: PersonTimeline,
  place: number,
): PersonPatient {
  const standing = { stands: look.view.stands, apart: shownApart(look.visible, look.view.stands, directory, at) };
  return foldPatients(look.record, timeline.fragmentsAt(place), directory, standing, at);
}

/** The versions of the person that the caller may see: the person changes when a contributor's Patient does. */
export async function timelineOf(
  dependencies: ServeDependencies,
  { work, at }: ServeRequest,
  look: Look,
): Promise<PersonTimeline> {
  const versions = await patientVersions(dependencies, look);
  return work.run(seenTimeline(look, versions, shownApart(look.visible, look.view.stands, dependencies.directory, at)));
}

function* seenTimeline(look: Look, versions: readonly (readonly Fragment[])[], apart: readonly string[]): Steps<PersonTimeline> {
  const seen: Fragment[] = [];
  for (const all of versions) {
    yield all.length;
    for (const { version, action } of seenVersions(all.toReversed(), (each) => look.show(each) !== undefined))
      if (action !== 'late') seen.push(look.show(version)!);
  }
  return yield* personTimeline(look.record.personId, seen, apart);
}

/** The versions of each Patient that may be seen. The log of each person is read once, however many Patients it has. */
async function patientVersions(dependencies: ServeDependencies, look: Look): Promise<readonly (readonly Fragment[])[]> {
  const patients = look.visible.filter(({ type }) => type === 'Patient');
  const bySubject = Map.groupBy(patients, ({ subject }) => subject);
  const read = async ([subject, own]: readonly [string, readonly Fragment[]]) => {
    const ids = new Set(own.map(({ fragmentId }) => fragmentId));
    const versions = Map.groupBy(await versionsUntil(dependencies, look, subject, ids), ({ fragmentId }) => fragmentId);
    return [...ids].map((id) => versions.get(id) ?? []);
  };
  return (await Promise.all([...bySubject].map(read))).flat();
}

async function directoryHistory(
  dependencies: ServeDependencies,
  request: ServeRequest,
  type: string,
  subject: string,
  fragmentId: string | undefined,
  asked: AskedHistory,
): Promise<Told> {
  const { store, access } = dependencies;
  if (fragmentId === undefined || !access.mayLookUp(request.caller, subject, request.at)) return unnoted(refuse('not-found'));
  const isTold = (version: Fragment) => version.type === type && request.reach.covers(version, TO_READ);
  const told = (await store.versions(subject, fragmentId)).filter(isTold);
  const versions = told.map(access.asKnownTo(request.caller, request.at));
  if (versions.length === 0) return unnoted(refuse('not-found'));
  const versionsTold = versions.map((version) => fragmentVersion(version));
  return unnoted(await answerHistory(dependencies, request, asked, versionsTold, {}));
}

/** What is asked, with the page that it is asked of. */
interface AskedHistory extends ReadParameters<HistoryQuery> {
  readonly page: PageRequest;
}

async function answerHistory(
  { cursorKey }: ServeDependencies,
  { caller, fhirUrl, at, work }: ServeRequest,
  { page, values, applied, ignored }: AskedHistory,
  versions: readonly HistoryVersion[],
  sequences: Readonly<Record<string, number>>,
): Promise<HttpAnswer> {
  const { count = PAGE.defaultEntries, sinceMs = Number.NEGATIVE_INFINITY } = values;
  // Versions that came after the first page was made stand before it: the offset counts from the oldest.
  const changed = versions.filter(({ recordedAt }) => Date.parse(recordedAt) >= sinceMs);
  const remaining = page.cursor === undefined ? changed : changed.slice(-page.cursor.offset);
  const entries = await work.run(fillPage(remaining, (version) => historyEntry(fhirUrl, version), count));
  const left = remaining.length - entries.length;
  const next = left > 0 && entries.length > 0 ? { sequences, offset: left, at } : undefined;
  const links = pageLinks(cursorKey, caller, fhirUrl, page, applied, next);
  const total = page.cursor === undefined ? changed.length : undefined;
  return {
    status: 200,
    body: bundleText({ type: 'history', timestamp: at, total, links }, [...entries, ...saidOf(page, ignored)]),
  };
}

/** What was not taken into account, said once. */
const saidOf = ({ path, cursor }: PageRequest, ignored: readonly Issue[]): readonly string[] =>
  ignored.length === 0 || cursor !== undefined ? [] : [historyOutcomeEntry(path, operationOutcome(ignored))];
