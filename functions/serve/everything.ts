import { scopesAllow } from '../../shared/access/scopes.ts';
import { bundleText, fillPage, outcomeEntry, searchEntry } from '../../shared/fhir/answers/bundle.ts';
import { type EverythingQuery, isWithin, parseEverything } from '../../shared/fhir/answers/everything-query.ts';
import { openPage, type PageRequest, pageLinks } from '../../shared/fhir/answers/pages.ts';
import { isRefusal, operationOutcome, type Refusal, refuse } from '../../shared/fhir/outcomes.ts';
import type { HttpAnswer } from '../../shared/lambda/http.ts';
import type { Fragment } from '../../shared/record/fold.ts';
import { isPersonId, type LogicalId, logicalId, parseLogicalId } from '../../shared/record/identity.ts';
import type { ServeDependencies, ServeRequest } from './context.ts';
import { referredTo } from './directory.ts';
import { countByClass, type Look, onceNoted, openRecord, sequencesOf } from './look.ts';
import { personPatient } from './person.ts';

/**
 * `GET /Patient/{id}/$everything` (http://hl7.org/fhir/R4/operation-patient-everything.html): the person, every fragment of the record that the
 * caller may see, and with each page what contributors' directories tell of those whom its fragments refer to.
 * One page, unless `_count` asks for less or the record is larger than an answer can be.
 */
export async function everything(
  dependencies: ServeDependencies,
  request: ServeRequest,
  id: string,
): Promise<HttpAnswer | Refusal> {
  const page = openPage(dependencies.cursorKey, request.caller, `Patient/${id}/$everything`, request.query);
  if (isRefusal(page)) return page;
  const query = parseEverything(page.query, request.wanted.strict);
  if (isRefusal(query)) return query;
  const named = parseLogicalId(id);
  if (named === undefined || !isPersonId(named.subject)) return refuse('not-found');

  const look = await openRecord(dependencies, request, named.subject, momentOf(page, query, named));
  if (look.visible.length === 0 || !isNamed(look, named)) {
    return onceNoted(
      look.note({ interaction: 'everything', outcome: 'refused', withheld: look.view.withheld }),
      refuse('not-found'),
    );
  }
  return answer(dependencies, request, page, query, look);
}

/** A page is of the state that the first page was of. */
function momentOf({ cursor }: PageRequest, { at }: EverythingQuery, { subject }: LogicalId) {
  if (cursor !== undefined) return { sequences: cursor.sequences };
  return at !== undefined && 'sequence' in at ? { subject, sequence: at.sequence } : at;
}

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
  readonly body: string;
  readonly fragment?: Fragment;
}

async function answer(
  dependencies: ServeDependencies,
  request: ServeRequest,
  page: PageRequest,
  query: EverythingQuery,
  look: Look,
): Promise<HttpAnswer | Refusal> {
  const isWanted = wantedTypes(request, query);
  const matches = matchesOf(dependencies, request, query, look, isWanted);
  const start = page.cursor === undefined ? 0 : firstFrom(matches, page.cursor.offset);
  const remaining = start === 0 ? matches : matches.slice(start);
  const base = escaped(request.fhirUrl);
  const entries = fillPage(
    remaining,
    ({ address, body }) => searchEntry(`${base}/${address}`, body, 'match'),
    query.count ?? Number.POSITIVE_INFINITY,
  );
  const shown = remaining.slice(0, entries.length).flatMap(({ fragment }) => fragment ?? []);
  const noted = look.note({
    interaction: 'everything',
    outcome: 'shown',
    shown: countByClass(shown),
    withheld: look.view.withheld,
  });
  const following = entries.length > 0 ? remaining[entries.length] : undefined;
  for (const included of await referredTo(dependencies, request, shown)) {
    if (isWanted(included.type)) entries.push(searchEntry(`${base}/${addressOf(included)}`, included.body!, 'include'));
  }
  if (page.cursor === undefined && query.ignored.length > 0) entries.push(outcomeEntry(operationOutcome(query.ignored)));
  const next = following && { sequences: sequencesOf(look.record), offset: following.place, at: request.at };
  const links = pageLinks(dependencies.cursorKey, request.caller, request.fhirUrl, page, page.query, next);
  const head = { type: 'searchset', timestamp: request.at, total: matches.length, links } as const;
  return onceNoted(noted, { status: 200, body: bundleText(head, entries) });
}

function wantedTypes({ caller }: ServeRequest, { types }: EverythingQuery): (type: string) => boolean {
  const allowed = new Map<string, boolean>();
  return (type) => {
    let isWanted = allowed.get(type);
    if (isWanted === undefined) {
      isWanted = (types?.has(type) ?? true) && scopesAllow(caller.scopes, type, 'r');
      allowed.set(type, isWanted);
    }
    return isWanted;
  };
}

function matchesOf(
  { directory }: ServeDependencies,
  { at }: ServeRequest,
  query: EverythingQuery,
  { record, visible }: Look,
  isWanted: (type: string) => boolean,
): readonly Match[] {
  const matches: Match[] = [];
  const person = isWanted('Patient') ? personPatient(record, visible, directory, at) : undefined;
  if (person?.body !== undefined && isWithin(query, { recordedAt: person.lastUpdated })) {
    matches.push({ place: 0, address: `Patient/${person.personId}`, body: person.body });
  }
  let place = 0;
  let next = 0;
  for (const { fragments } of record.folds) {
    for (const fragment of fragments.values()) {
      place++;
      // What is visible stands in the order of the record.
      if (fragment !== visible[next]) continue;
      next++;
      if (fragment.body === undefined || !isWanted(fragment.type) || !isWithin(query, fragment)) continue;
      matches.push({ place, address: addressOf(fragment), body: fragment.body, fragment });
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
