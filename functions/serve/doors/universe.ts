import { isDirectoryType } from '../../../shared/fhir/compartment.ts';
import { createEntry, entryOf, type SearchEntry, type Universe } from '../../../shared/fhir/search/entry.ts';
import type { Fragment } from '../../../shared/record/fold.ts';
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

/** What is visible, as a search sees it; remembered with that unless directories are opened. */
export function searchable(place: Place): SearchableRecord {
  if (place.referred !== undefined) return makeSearchable(place);
  const { visible, patients = 'person' } = place;
  const known = remembered.get(visible) ?? new Map<PatientsFound, SearchableRecord>();
  remembered.set(visible, known);
  const record = known.get(patients) ?? makeSearchable(place);
  known.set(patients, record);
  return record;
}

function makeSearchable({ visible, person, personIds = [], referred = [], patients = 'person' }: Place): SearchableRecord {
  const fragments = visible.filter(({ body }) => body !== undefined);
  const found = fragments.filter(({ type }) => type !== 'Patient' || patients !== 'person').map(entryOf);
  const isShown = person?.body !== undefined && patients !== 'own';
  const personEntry = isShown ? entryOfPerson(person) : undefined;
  if (personEntry !== undefined) found.unshift(personEntry);
  const behind = once(() => new Map([...fragments, ...referred].map((fragment) => [entryOf(fragment), fragment])));
  const byReference = once(() => {
    const index = new Map([...behind().keys()].map((entry) => [`${entry.type}/${entry.id}`, entry]));
    if (personEntry !== undefined) for (const id of personIds) index.set(`Patient/${id}`, personEntry);
    return index;
  });
  return {
    fragments: found,
    resolve: (reference) => byReference().get(reference),
    fragmentsOf: (entry) => {
      if (entry === personEntry) return person?.fragments ?? [];
      const fragment = behind().get(entry);
      return fragment === undefined || isOfDirectory(fragment) ? [] : [fragment];
    },
  };
}

/** What directories tell is no part of the record. */
const isOfDirectory = ({ type }: Fragment): boolean => isDirectoryType(type);

const personEntries = new WeakMap<PersonPatient, SearchEntry>();

function entryOfPerson(person: PersonPatient): SearchEntry {
  let entry = personEntries.get(person);
  if (entry === undefined) {
    entry = createEntry('Patient', person.personId, person.body!);
    personEntries.set(person, entry);
  }
  return entry;
}

function once<T>(make: () => T): () => T {
  let value: T | undefined;
  return () => (value ??= make());
}
