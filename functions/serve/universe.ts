import { scopesAllow } from '../../shared/access/scopes.ts';
import { isDirectoryType } from '../../shared/fhir/compartment.ts';
import { createEntry, entryOf, type SearchEntry, type Universe } from '../../shared/fhir/search/entry.ts';
import type { Fragment } from '../../shared/record/fold.ts';
import type { PersonPatient } from './person.ts';

/** What one search can see. */
export interface SearchableRecord extends Universe {
  /** The fragments behind an entry: of the person, the Patients that it was folded from. */
  fragmentsOf(entry: SearchEntry): readonly Fragment[];
}

/** Where a search looks. */
export interface Place {
  /** What may be seen, in the order of the record. */
  readonly visible: readonly Fragment[];
  readonly scopes: readonly string[];
  /** The person, where the record is of one. */
  readonly person?: PersonPatient | undefined;
  /** Every id by which the person is referred to: the survivor's, and those merged into it. */
  readonly personIds?: readonly string[];
  /** What may be pointed at, and is not found by itself: contributors' directories. */
  readonly referred?: readonly Fragment[];
  /** Whether contributors' own Patients are found, in place of the person folded out of them. */
  readonly ownPatients?: boolean;
}

/** By what was visible (which is the same object as long as the record and the view of it are the same), then by what else matters. */
const remembered = new WeakMap<object, Map<string, SearchableRecord>>();

/**
 * What is visible, as a search sees it; remembered with `of` unless directories are opened.
 * @param of the object that stands for what is visible
 */
export function searchable(of: object, place: Place): SearchableRecord {
  if (place.referred !== undefined) return makeSearchable(place);
  const known = remembered.get(of) ?? new Map<string, SearchableRecord>();
  remembered.set(of, known);
  const key = `${place.ownPatients} ${place.scopes.join(' ')}`;
  const record = known.get(key) ?? makeSearchable(place);
  known.set(key, record);
  return record;
}

/** A type that the scopes let nobody read or search is not there: a chain through it would tell what it holds. */
function makeSearchable({
  visible,
  scopes,
  person,
  personIds = [],
  referred = [],
  ownPatients = false,
}: Place): SearchableRecord {
  const isAllowed = typesAllowed(scopes);
  const fragments = visible.filter(({ body, type }) => body !== undefined && isAllowed(type));
  const directory = referred.filter(({ type }) => isAllowed(type));
  const found = fragments.filter(({ type }) => type !== 'Patient' || ownPatients).map(entryOf);
  const isShown = person?.body !== undefined && isAllowed('Patient') && !ownPatients;
  const personEntry = isShown ? entryOfPerson(person) : undefined;
  if (personEntry !== undefined) found.unshift(personEntry);
  const behind = once(() => new Map([...fragments, ...directory].map((fragment) => [entryOf(fragment), fragment])));
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

function typesAllowed(scopes: readonly string[]): (type: string) => boolean {
  const known = new Map<string, boolean>();
  return (type) => {
    let allowed = known.get(type);
    if (allowed === undefined) {
      allowed = scopesAllow(scopes, type, 's') || scopesAllow(scopes, type, 'r');
      known.set(type, allowed);
    }
    return allowed;
  };
}

function once<T>(make: () => T): () => T {
  let value: T | undefined;
  return () => (value ??= make());
}
