import type { Steps } from '../../../shared/concurrency/steps.ts';
import { createEntry, entryOf, type SearchEntry, type Universe } from '../../../shared/fhir/search/entry.ts';
import { type Fragment, isRetracted } from '../../../shared/record/fold.ts';
import type { PersonPatient } from '../looking/person.ts';

/** What one search can see. */
export interface SearchableRecord extends Universe {
  /** The fragments behind an entry: of the person, the Patients that it was folded from. */
  fragmentsOf(entry: SearchEntry): readonly Fragment[];
}

/** Where a search looks: what is not there a chain cannot tell of either. */
export interface Place {
  /** What may be seen, in the order of the record. */
  readonly visible: readonly Fragment[];
  /** The person, where the record is of one. */
  readonly person?: PersonPatient | undefined;
  /** Every id by which the person is referred to: the survivor's, and those merged into it. */
  readonly personIds?: readonly string[];
  /** What may be pointed at, and is not found by itself: contributors' directories. */
  readonly referred?: readonly Fragment[];
  /** Left out, the person. */
  readonly patients?: PatientsFound;
}

/** Whether a search finds the person, the contributors' own Patients that it was folded out of, or both. */
export type PatientsFound = 'person' | 'own' | 'both';

/** By what is visible, which is the same object as long as the record and the view of it are the same. */
const remembered = new WeakMap<readonly Fragment[], Map<PatientsFound, SearchableRecord>>();

/** What is visible, as a search sees it; remembered with that. What directories tell is laid over it. */
export function* searchable(place: Place): Steps<SearchableRecord> {
  const { visible, patients = 'person', referred = [] } = place;
  const known = remembered.get(visible) ?? new Map<PatientsFound, SearchableRecord>();
  remembered.set(visible, known);
  const record = known.get(patients) ?? (yield* makeSearchable(place));
  known.set(patients, record);
  return referred.length === 0 ? record : yield* withDirectories(record, referred);
}

function* makeSearchable({ visible, person, personIds = [], patients = 'person' }: Place): Steps<SearchableRecord> {
  const found: SearchEntry[] = [];
  const behind = new Map<SearchEntry, readonly Fragment[]>();
  const byReference = new Map<string, SearchEntry>();
  if (person?.body !== undefined && patients !== 'own') {
    const entry = entryOfPerson(person);
    found.push(entry);
    behind.set(entry, person.fragments);
    for (const id of personIds) byReference.set(`Patient/${id}`, entry);
  }
  for (const fragment of visible) {
    yield 1;
    if (isRetracted(fragment)) continue;
    const entry = entryOf(fragment);
    behind.set(entry, [fragment]);
    byReference.set(`${entry.type}/${entry.id}`, entry);
    if (entry.type !== 'Patient' || patients !== 'person') found.push(entry);
  }
  return {
    fragments: found,
    resolve: (reference) => byReference.get(reference),
    fragmentsOf: (entry) => behind.get(entry) ?? [],
  };
}

/** What directories tell can be pointed at; it is no part of the record, and not found by itself. */
function* withDirectories(record: SearchableRecord, referred: readonly Fragment[]): Steps<SearchableRecord> {
  const byReference = new Map<string, SearchEntry>();
  for (const fragment of referred) {
    yield 1;
    const entry = entryOf(fragment);
    byReference.set(`${entry.type}/${entry.id}`, entry);
  }
  return { ...record, resolve: (reference) => record.resolve(reference) ?? byReference.get(reference) };
}

const personEntries = new WeakMap<PersonPatient, SearchEntry>();

function entryOfPerson(person: PersonPatient): SearchEntry {
  let entry = personEntries.get(person);
  if (entry === undefined) {
    entry = createEntry('Patient', person.personId, person.body!);
    personEntries.set(person, entry);
  }
  return entry;
}
