import { openPage } from '../../../shared/fhir/answers/pages.ts';
import type { Query } from '../../../shared/fhir/answers/query-parameters.ts';
import { isDirectoryType } from '../../../shared/fhir/compartment.ts';
import { isRefusal } from '../../../shared/fhir/outcomes.ts';
import { alternatives } from '../../../shared/fhir/search/criteria.ts';
import { parametersOf } from '../../../shared/fhir/search/parameters.ts';
import { parseSearch } from '../../../shared/fhir/search/parse.ts';
import { refuseSeveral } from '../../../shared/fhir/search/person.ts';
import type { SearchPlan } from '../../../shared/fhir/search/plan.ts';
import type { Fold, Fragment } from '../../../shared/record/fold.ts';
import { parseLogicalId } from '../../../shared/record/identity.ts';
import { type ServeDependencies, type ServeRequest, type Told, unnoted } from '../context.ts';
import { referredTo } from '../looking/directory.ts';
import { staleIssues, staleSources } from '../looking/freshness.ts';
import { countByClass, type Look, openRecord, sequencesOf } from '../looking/look.ts';
import { ownFragmentIds, readAddress } from '../looking/own-ids.ts';
import { findPerson, personPatient } from '../looking/person.ts';
import { toSearch } from '../looking/reach.ts';
import { withheldIssues } from '../looking/withheld.ts';
import { NOBODY, pageOf, type Searched } from './search-page.ts';
import { type PatientsFound, type SearchableRecord, searchable } from './universe.ts';

type Answered = Promise<Told>;

/** `GET /{type}?…`, `POST /{type}/_search`: what matches in one person's record, or in what the caller's own organisation tells of itself. */
export function search(dependencies: ServeDependencies, request: ServeRequest, type: string): Answered {
  return searchAt(dependencies, request, type, type);
}

/** `GET /Patient/{id}/{type}?…`: a search in the compartment of one person (http://hl7.org/fhir/R4/http.html#vsearch). */
export async function searchCompartment(
  dependencies: ServeDependencies,
  request: ServeRequest,
  id: string,
  type: string,
): Answered {
  const named = await readAddress(dependencies, request.caller, { type: 'Patient', id });
  const person = named?.isOwn ? named.subject : id;
  return searchAt(dependencies, request, type, `Patient/${person}/${type}`, person);
}

async function searchAt(
  dependencies: ServeDependencies,
  request: ServeRequest,
  type: string,
  path: string,
  compartment?: string,
): Answered {
  const page = openPage(dependencies.cursorKey, request.caller, path, request.query, request.wanted.form);
  if (isRefusal(page)) return unnoted(page);
  const ownFragmentId = ownFragmentIds(dependencies, request.caller);
  const plan = parseSearch(type, page.query, {
    strict: request.wanted.strict,
    ...(ownFragmentId === undefined ? {} : { ownFragmentId }),
    fhirUrl: request.fhirUrl,
    now: page.cursor?.at ?? request.at,
    ...(compartment === undefined ? {} : { person: compartment }),
    ...(request.caller.person === undefined ? {} : { me: request.caller.person }),
  });
  if (isRefusal(plan)) return unnoted(plan);
  return isDirectoryType(type)
    ? searchDirectory(dependencies, request, { page, plan })
    : searchRecord(dependencies, request, { page, plan });
}

async function searchRecord(dependencies: ServeDependencies, request: ServeRequest, searched: Searched): Answered {
  const { page, plan } = searched;
  const nobody = async () => (await pageOf(dependencies, request, searched, { ...NOBODY, self: plan.applied })).answer;
  const [subject, ...others] = await findPerson(dependencies, request.caller, plan.person!);
  if (subject === undefined) return unnoted(await nobody());
  const moment = page.cursor === undefined ? undefined : { sequences: page.cursor.sequences };
  const [look, sources] = await Promise.all([
    openRecord(dependencies, request, subject, toSearch(plan.type), moment),
    dependencies.freshness.sources(request.at),
  ]);
  const { personId: person, view } = look;
  const noted = { interaction: 'search', person, type: plan.type, withheld: view.withheld, look } as const;
  if (look.visible.length === 0) return { answer: await nobody(), note: { ...noted, outcome: 'refused' } };
  const partitions = new Set(look.current.folds.map((fold) => fold.subject));
  if (others.some((other) => !partitions.has(other))) return unnoted(refuseSeveral({ at: plan.type }));
  const stale = page.cursor === undefined ? staleSources(dependencies, request, look, sources) : [];
  const record = await recordToSearch(dependencies, request, searched, look);
  const { answer, shown } = await pageOf(dependencies, request, searched, {
    record,
    sequences: sequencesOf(look.record),
    self: selfQuery(plan, person),
    issues: [...withheldIssues(look), ...staleIssues(stale)],
  });
  if (shown === undefined) return { answer, note: { ...noted, outcome: 'refused' } };
  return {
    answer,
    note: {
      ...noted,
      outcome: 'shown',
      stale,
      shown: countByClass(
        look,
        shown.flatMap((entry) => record.fragmentsOf(entry)),
      ),
    },
  };
}

/** A directory is searched by those whose it is. What it tells is no personal data: no look is noted. */
async function searchDirectory(dependencies: ServeDependencies, request: ServeRequest, searched: Searched): Answered {
  const { store, access } = dependencies;
  const { organisation } = request.caller;
  const sequence = searched.page.cursor?.sequences[organisation];
  const now = await store.fold(organisation);
  const fold = sequence === undefined || sequence === now.sequence ? now : await store.foldAt(organisation, { sequence });
  const told = toldBy(fold, request.caller.role === 'system', access.asKnownTo(request.caller, request.at));
  const visible = await request.work.run(request.reach.narrow(told, toSearch(searched.plan.type)));
  const record = await request.work.run(searchable({ visible }));
  const found = { record, sequences: { [organisation]: fold.sequence }, self: searched.plan.applied };
  return unnoted((await pageOf(dependencies, request, searched, found)).answer);
}

const remembered = { system: new WeakMap<Fold, readonly Fragment[]>(), staff: new WeakMap<Fold, readonly Fragment[]>() };

/** The fragments of an own directory, in one list as long as the fold is remembered. */
function toldBy(fold: Fold, bySystem: boolean, asKnown: (fragment: Fragment) => Fragment): readonly Fragment[] {
  const toldByFold = bySystem ? remembered.system : remembered.staff;
  const told = toldByFold.get(fold) ?? [...fold.fragments.values()].map(asKnown);
  toldByFold.set(fold, told);
  return told;
}

/** Where a search looks in a person's record. Directories are opened only for a search that follows references. */
async function recordToSearch(
  dependencies: ServeDependencies,
  request: ServeRequest,
  { page, plan }: Searched,
  { record, visible, view }: Look,
): Promise<SearchableRecord> {
  const follows = plan.inclusions.length > 0 || page.query.some(([name]) => name.includes('.'));
  const asked = toSearch(plan.type);
  const referred = follows ? await referredTo(dependencies, request, visible) : undefined;
  const place = {
    visible,
    person: personPatient(record, visible, dependencies.directory, view.stands, request.at),
    personIds: record.folds.map(({ subject }) => subject),
    patients:
      plan.type === 'Patient' ? patientsFound(page.query, ownFragmentIds(dependencies, request.caller) !== undefined) : 'person',
    ...(referred === undefined ? {} : { referred: referred.filter((fragment) => request.reach.covers(fragment, asked)) }),
  };
  return request.work.run(searchable(place));
}

/** `Patient?_id=` of a contributor's own Patient finds that; any other search of Patient finds the person. */
function patientsFound(query: Query, readsOwnIds: boolean): PatientsFound {
  const texts = query.flatMap(([name, value]) => (name === '_id' ? alternatives(value) : []));
  const ids = texts.map((text) => parseLogicalId(text.split('/').at(-1)!));
  const isOwn = ids.some((id) => (id === undefined ? readsOwnIds : id.fragmentId !== undefined));
  if (!isOwn) return 'person';
  return ids.some((id) => id !== undefined && id.fragmentId === undefined) ? 'both' : 'own';
}

/** The parameters that were taken into account, the person by id: no identifier stands in an address that we give out. */
function selfQuery({ type, person, applied }: SearchPlan, personId: string): Query {
  if (person === undefined || 'id' in person || ('own' in person && type === 'Patient')) return applied;
  const parameters = parametersOf(type);
  const name = type === 'Patient' ? '_id' : parameters.has('patient') ? 'patient' : 'subject';
  const told = 'own' in person ? applied : applied.filter(([, value]) => !value.includes(person.identifier.value));
  return [[name, personId], ...told];
}
