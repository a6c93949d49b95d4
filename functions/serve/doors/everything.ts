import type { Steps } from '../../../shared/concurrency/steps.ts';
import { bundleText, fillPage, outcomeEntry, searchEntry } from '../../../shared/fhir/answers/bundle.ts';
import { type EverythingQuery, isWithin, parseEverything } from '../../../shared/fhir/answers/everything-query.ts';
import { openPage, type PageRequest, pageLinks } from '../../../shared/fhir/answers/pages.ts';
import { isRefusal, operationOutcome, refuse } from '../../../shared/fhir/outcomes.ts';
import { type Fragment, isRetracted } from '../../../shared/record/fold.ts';
import { isPersonId, type LogicalId, logicalId } from '../../../shared/record/identity.ts';
import { type ServeDependencies, type ServeRequest, type Told, unnoted } from '../context.ts';
import { referredTo } from '../looking/directory.ts';
import { type SourceFreshness, staleIssues, staleSources } from '../looking/freshness.ts';
import { countByClass, type Look, openRecord, sequencesOf } from '../looking/look.ts';
import { locateFragment, readAddress } from '../looking/own-ids.ts';
import { personPatient } from '../looking/person.ts';
import { TO_READ } from '../looking/reach.ts';
import { withheldIssues } from '../looking/withheld.ts';

/**
 * `GET /Patient/{id}/$everything` (http://hl7.org/fhir/R4/operation-patient-everything.html): the person, every fragment of the record that the
 * caller may see, and with each page what contributors' directories tell of those whom its fragments refer to.
 * One page, unless `_count` asks for less or the record is larger than an answer can be.
 */
export async function everything(dependencies: ServeDependencies, request: ServeRequest, id: string): Promise<Told> {
  const page = openPage(dependencies.cursorKey, request.caller, `Patient/${id}/$everything`, request.query, request.wanted.form);
  if (isRefusal(page)) return unnoted(page);
  const query = parseEverything(page.query, request.wanted.strict);
  if (isRefusal(query)) return unnoted(query);
  const addressed = await readAddress(dependencies, request.caller, { type: 'Patient', id });
  if (addressed === undefined || !isPersonId(addressed.subject)) return unnoted(refuse('not-found'));

  const [look, sources] = await Promise.all([
    openRecord(dependencies, request, addressed.subject, TO_READ, momentOf(page, query, addressed)),
    dependencies.freshness.sources(request.at),
  ]);
  const named = addressed.fragmentId === undefined ? addressed : locateFragment(look.record, addressed);
  if (look.visible.length === 0 || !isNamed(look, named)) {
    const { personId: person, view } = look;
    return {
      answer: refuse(look.hasMoment ? 'not-found' : 'number-not-taken'),
      note: { interaction: 'everything', person, outcome: 'refused', withheld: view.withheld, look },
    };
  }
  return answer(
    dependencies,
    request,
    pagedAs(page, named),
    query,
    look,
    page.cursor === undefined ? staleSources(dependencies, request, look, sources) : [],
  );
}

/** A page is of the state that the first page was of. */
function momentOf({ cursor }: PageRequest, { at }: EverythingQuery, { subject }: LogicalId) {
  if (cursor !== undefined) return { sequences: cursor.sequences };
  return at !== undefined && 'number' in at ? { subject, number: at.number } : at;
}

/** Pages go on at the address by our id, whichever id led to the first: a source's own may lead elsewhere by then. */
const pagedAs = (page: PageRequest, { subject, fragmentId }: LogicalId): PageRequest => ({
  ...page,
  path: `Patient/${fragmentId === undefined ? subject : logicalId(subject, fragmentId)}/$everything`,
});

/** The person, or one contributor's Patient that may be seen: either id stands for the person. */
const isNamed = ({ visible }: Look, { subject, fragmentId }: LogicalId): boolean =>
  fragmentId === undefined ||
  visible.some((fragment) => fragment.fragmentId === fragmentId && fragment.subject === subject && fragment.type === 'Patient');

/** One match: the person, or a fragment. */
interface Match {
  /** Where it stands in the record: pages go on from a place, so that they fit together even if less may be seen by then. */
  readonly place: number;
  /** `Type/id`. */
  readonly address: string;
  body(): string;
  readonly fragment?: Fragment;
}

async function answer(
  dependencies: ServeDependencies,
  request: ServeRequest,
  page: PageRequest,
  query: EverythingQuery,
  look: Look,
  stale: readonly SourceFreshness[],
): Promise<Told> {
  const filled = await fill(dependencies, request, page, query, look);
  const { entries, fragments, shown, following, total } = filled;
  const told = [...entries, ...(await directoryEntries(dependencies, request, query, fragments))];
  const issues = page.cursor === undefined ? [...query.ignored, ...withheldIssues(look), ...staleIssues(stale)] : [];
  if (issues.length > 0) told.push(outcomeEntry(operationOutcome(issues)));
  const next = following && { sequences: sequencesOf(look.record), offset: following.place, at: request.at };
  const links = pageLinks(dependencies.cursorKey, request.caller, request.fhirUrl, page, page.query, next);
  return {
    answer: { status: 200, body: bundleText({ type: 'searchset', timestamp: request.at, total, links }, told) },
    note: {
      interaction: 'everything',
      person: look.personId,
      outcome: 'shown',
      shown,
      withheld: look.view.withheld,
      stale,
      look,
    },
  };
}

/** What one page holds of the record. */
interface FilledPage {
  /** JSON text, one or more entries in each. */
  readonly entries: readonly string[];
  readonly fragments: readonly Fragment[];
  /** How many fragments of each class. */
  readonly shown: Readonly<Record<string, number>>;
  /** The first match of the next page. */
  readonly following: Match | undefined;
  /** Matches on all pages. */
  readonly total: number;
}

/** First pages of whole records, with what was visible (the same object as long as the record and the view of it are the same). */
const remembered = new WeakMap<readonly Fragment[], Map<string, FilledPage>>();

async function fill(
  dependencies: ServeDependencies,
  request: ServeRequest,
  page: PageRequest,
  query: EverythingQuery,
  look: Look,
): Promise<FilledPage> {
  const isWhole = page.cursor === undefined && page.query.every(([name]) => name === '_count');
  const { work } = request;
  if (!isWhole) return work.run(fillAnew(dependencies, request, page, query, look));
  const known = remembered.get(look.visible) ?? new Map<string, FilledPage>();
  remembered.set(look.visible, known);
  const key = `${request.fhirUrl} ${query.count ?? ''}`;
  const again = known.get(key);
  if (again !== undefined) return again;
  const filled = await work.run(fillAnew(dependencies, request, page, query, look));
  const whole = { ...filled, entries: [filled.entries.join(',')] };
  // Addresses are few; somebody who makes them up shall not fill the memory.
  if (known.size < MAX_REMEMBERED && filled.entries.length > 0) known.set(key, whole);
  return filled;
}

const MAX_REMEMBERED = 4;

function* fillAnew(
  dependencies: ServeDependencies,
  request: ServeRequest,
  page: PageRequest,
  query: EverythingQuery,
  look: Look,
): Steps<FilledPage> {
  const matches = yield* matchesOf(dependencies, request, query, look);
  const remaining = page.cursor === undefined ? matches : matches.slice(firstFrom(matches, page.cursor.offset));
  const base = escaped(request.fhirUrl);
  const entries = yield* fillPage(
    remaining,
    ({ address, body }) => searchEntry(`${base}/${address}`, body(), 'match'),
    query.count ?? Number.POSITIVE_INFINITY,
  );
  const fragments = remaining.slice(0, entries.length).flatMap(({ fragment }) => fragment ?? []);
  const following = entries.length > 0 ? remaining[entries.length] : undefined;
  return { entries, fragments, shown: countByClass(look, fragments), following, total: matches.length };
}

/** What directories tell of those whom a page refers to. What does not fit any more is left out: it can be read by the id that refers to it. */
async function directoryEntries(
  dependencies: ServeDependencies,
  request: ServeRequest,
  query: EverythingQuery,
  fragments: readonly Fragment[],
): Promise<readonly string[]> {
  const found = await referredTo(dependencies, request, fragments);
  const referred = found.filter((fragment) => isWanted(query, fragment.type) && request.reach.covers(fragment, TO_READ));
  const base = escaped(request.fhirUrl);
  const page = fillPage(
    referred,
    (fragment) => searchEntry(`${base}/${addressOf(fragment)}`, fragment.body!, 'include'),
    Number.POSITIVE_INFINITY,
    MAX_DIRECTORY_BYTES,
  );
  return request.work.run(page);
}

const MAX_DIRECTORY_BYTES = 500_000;

const isWanted = ({ types }: EverythingQuery, type: string): boolean => types?.has(type) ?? true;

function* matchesOf(
  { directory }: ServeDependencies,
  request: ServeRequest,
  query: EverythingQuery,
  { record, visible, view }: Look,
): Steps<readonly Match[]> {
  const matches: Match[] = [];
  const person = isWanted(query, 'Patient') ? personPatient(record, visible, directory, view.stands, request.at) : undefined;
  if (person?.body !== undefined && isWithin(query, { recordedAt: person.lastUpdated })) {
    matches.push({ place: 0, address: `Patient/${person.personId}`, body: () => person.body! });
  }
  let place = 0;
  let next = 0;
  for (const { fragments } of record.folds) {
    for (const fragment of fragments.values()) {
      place++;
      yield 1;
      // What is visible stands in the order of the record; of some it is a copy, without what is left out.
      const seen = visible[next];
      if (seen === undefined || seen.fragmentId !== fragment.fragmentId || seen.subject !== fragment.subject) continue;
      next++;
      if (isRetracted(seen) || !isWanted(query, seen.type) || !isWithin(query, seen)) continue;
      matches.push({ place, address: addressOf(seen), body: () => seen.body!, fragment: seen });
    }
  }
  return matches;
}

const addressOf = ({ type, subject, fragmentId }: Fragment): string => `${type}/${logicalId(subject, fragmentId)}`;

function firstFrom(matches: readonly Match[], place: number): number {
  const index = matches.findIndex((match) => match.place >= place);
  return index < 0 ? matches.length : index;
}

/** Text to stand between the quotes of a JSON string. */
const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);
