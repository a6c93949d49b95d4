import type { PersonStanding } from '../../../shared/access/facts/person-standing.ts';
import type { Dated, Directory } from '../../../shared/directory/directory.ts';
import { parseJson } from '../../../shared/fhir/json.ts';
import { asShown, statesDeath } from '../../../shared/fhir/person/as-shown.ts';
import { foldPerson, lastUpdatedOf, personVersion } from '../../../shared/fhir/person/fold.ts';
import type { Contributor, Json, PatientSource } from '../../../shared/fhir/person/source.ts';
import type { PersonSelector } from '../../../shared/fhir/search/plan.ts';
import { NHS_NUMBER, ORGANISATION_TAG } from '../../../shared/fhir/systems.ts';
import type { Caller } from '../../../shared/lambda/http.ts';
import { type Fragment, isRetracted, type PersonRecord } from '../../../shared/record/fold.ts';
import { type Identifier, isPersonId, parseLogicalId, type Subject } from '../../../shared/record/identity.ts';
import type { ServeDependencies } from '../context.ts';
import { findOwnSubject } from './own-ids.ts';

/**
 * Whom a search is about. An identifier other than the NHS number is unique within one organisation only: it finds whom the caller's own organisation goes by it for.
 * @returns the subject, whether or not anything is known of it, none for an id that cannot be a person's; ids of the caller's own system
 *   may lead to several, which have to be one person's
 */
export async function findPerson(
  dependencies: ServeDependencies,
  caller: Caller,
  selector: PersonSelector,
): Promise<readonly Subject[]> {
  const { identity, store } = dependencies;
  if ('id' in selector) {
    const subject = parseLogicalId(selector.id)?.subject;
    return subject !== undefined && isPersonId(subject) ? [subject] : [];
  }
  if ('own' in selector) {
    const found = await Promise.all(selector.own.map((own) => findOwnSubject(dependencies, caller, own)));
    return [...new Set(found.filter((subject) => subject !== undefined))];
  }
  if (selector.identifier.system === NHS_NUMBER) return [identity.person(selector.identifier)];
  const own = identity.person(selector.identifier, caller.organisation);
  return [(await store.alias(own)) ?? own];
}

/** `Patient/<personId>` as one caller sees it. */
export interface PersonPatient {
  readonly personId: string;
  /** JSON text; `undefined` when every Patient that the caller may see was retracted. */
  readonly body: string | undefined;
  readonly versionId: string;
  readonly lastUpdated: string;
  /** The contributors' Patients that it was folded from, retracted ones included. */
  readonly fragments: readonly Fragment[];
}

/** Folded persons by what was visible when they were folded: views and records are remembered, so the same list comes again. */
const remembered = new WeakMap<readonly Fragment[], PersonPatient>();

/**
 * Folds the person out of what is visible of a record.
 * @param visible fragments of any type
 * @returns `undefined` when the caller may see no Patient of this record at all
 */
export function personPatient(
  record: PersonRecord,
  visible: readonly Fragment[],
  directory: Directory,
  stands: PersonStanding,
  at: string,
): PersonPatient | undefined {
  const known = remembered.get(visible);
  if (known !== undefined) return known;
  const patients = visible.filter(({ type }) => type === 'Patient');
  if (patients.length === 0) return undefined;
  const standing = { stands, apart: shownApart(patients, stands, directory, at) };
  const person = foldPatients(record, patients, directory, standing, at);
  remembered.set(visible, person);
  return person;
}

/** What stands of the statements about a person, as far as it shows. */
export interface ShownStanding {
  readonly stands: PersonStanding;
  /** See `shownApart`. */
  readonly apart: readonly string[];
}

/**
 * What of the statements of visible Patients is not shown as they state it: part of the version of the person, which changes when it does. Nothing where all is
 * shown as stated.
 */
export function shownApart(
  visible: readonly Fragment[],
  { practices, deathConfirmed, contestedDeaths }: PersonStanding,
  directory: Directory,
  at: string,
): readonly string[] {
  const patients = visible.filter((fragment) => fragment.type === 'Patient' && !isRetracted(fragment));
  const told = patients.flatMap((fragment) => ({ fragment, resource: resourceOf(fragment) ?? {} }));
  const claimed = told.flatMap(({ resource }) => practicesIn(resource)).map((one) => practiceOf(one, directory, at));
  const deaths = told.filter(({ resource }) => statesDeath(resource)).map(({ fragment }) => fragment.fragmentId);
  return [
    ...new Set(claimed.filter((practice) => !practices.has(practice)).map((practice) => `claimed ${practice}`)),
    ...(deaths.length > 0 && !deathConfirmed ? ['reported'] : []),
    ...deaths.filter((id) => contestedDeaths.has(id)).map((id) => `contested ${id}`),
  ];
}

/**
 * Folds the person out of contributors' Patients, current ones and retracted ones. A practice that is only claimed is not shown as theirs, nor
 * is a death that was contested; one that a single organisation reported says so.
 */
export function foldPatients(
  record: PersonRecord,
  patients: readonly Fragment[],
  directory: Directory,
  { stands, apart }: ShownStanding,
  at: string,
): PersonPatient {
  const { personId } = record;
  const others = [...new Set(patients.map(({ subject }) => subject))].filter((subject) => subject !== personId).sort();
  const told = latestOfEach(patients).flatMap((fragment) => {
    const resource = resourceOf(fragment);
    return resource === undefined ? [] : [{ fragment, resource }];
  });
  const isEstablished = (reference: Json): boolean => stands.practices.has(practiceOf(reference, directory, at));
  const named = new Set(
    told.flatMap(({ resource }) =>
      practicesIn(resource)
        .filter(isEstablished)
        .map((one) => practiceOf(one, directory, at)),
    ),
  );
  const sources = told.map(({ fragment, resource }): PatientSource => {
    const isRegistered = named.has(directory.current(fragment.owner, at)?.id ?? '');
    const contributor = contributorOf(fragment, resource, directory, isRegistered);
    return { fragment, resource: asShown({ fragment, resource, contributor }, stands, isEstablished), contributor };
  });
  const gone = {
    versionId: personVersion([...others, ...apart], patients),
    lastUpdated: lastUpdatedOf(patients),
    body: undefined,
  };
  const { resource, ...state } =
    sources.length === 0 ? { ...gone, resource: undefined } : foldPerson(personId, others, sources, patients, apart);
  return { ...state, personId, fragments: patients, body: resource && JSON.stringify(resource) };
}

/** A system that names its Patients anew every night does not make the person any longer to fold. */
const MOST_OF_ONE_OWNER = 20;

/** Of each organisation's Patients those that stand, where they are many the latest. */
function latestOfEach(patients: readonly Fragment[]): readonly Fragment[] {
  const standing = patients.filter((patient) => !isRetracted(patient));
  if (standing.length <= MOST_OF_ONE_OWNER) return standing;
  const counts = new Map<string, number>();
  const latestFirst = standing.toSorted((one, other) => (one.recordedAt < other.recordedAt ? 1 : -1));
  return latestFirst.filter(({ owner }) => {
    const count = (counts.get(owner) ?? 0) + 1;
    counts.set(owner, count);
    return count <= MOST_OF_ONE_OWNER;
  });
}

const resources = new WeakMap<Fragment, Json>();

function resourceOf(fragment: Fragment): Json | undefined {
  if (fragment.body === undefined) return undefined;
  let resource = resources.get(fragment);
  if (resource === undefined) {
    // Numbers stay as they were written: an address may bear a geolocation.
    resource = parseJson(Buffer.from(fragment.body)) as Json;
    resources.set(fragment, resource);
  }
  return resource;
}

const practicesIn = ({ generalPractitioner = [] }: Json): readonly Json[] =>
  Array.isArray(generalPractitioner) ? (generalPractitioner as readonly Json[]) : [];

/** The practice that a reference names: its id; `system|CODE` where it takes no part here. */
function practiceOf({ identifier }: Json, directory: Directory, at: string): string {
  const { system = '', value = '' } = (identifier ?? {}) as Partial<Identifier>;
  return directory.byCode({ system, value }, at)?.id ?? `${system}|${value}`.toUpperCase();
}

/** A source that is not told (its tag was left out of what may be seen) is not named either. */
function contributorOf(
  { owner, recordedAt }: Fragment,
  { meta }: Json,
  directory: Directory,
  isRegistered: boolean,
): Contributor {
  const organisation = directory.byId(owner);
  const kind = organisation?.kind ?? 'other';
  const trust = kind === 'gp-practice' && isRegistered ? 'registered-practice' : kind;
  const { tag = [] } = (meta ?? {}) as { readonly tag?: readonly { readonly system?: string }[] };
  if (!tag.some(({ system }) => system === ORGANISATION_TAG)) return { trust, isHidden: true };
  return {
    trust,
    name: directory.nameAt(owner, recordedAt),
    code: organisation && codeAt(organisation.codes, recordedAt),
  };
}

function codeAt(codes: readonly Dated<Identifier>[], at: string): Identifier | undefined {
  const day = at.slice(0, 10);
  const stood = codes.find(({ from = '', to = '9999' }) => from <= day && day < to);
  return (stood ?? codes.at(-1))?.value;
}
