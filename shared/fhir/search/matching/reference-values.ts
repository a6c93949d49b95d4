import { parseLogicalId } from '../../../record/identity.ts';
import { isKnownType } from '../../compartment.ts';
import type { Search } from '../plan.ts';
import { personOf } from '../reference-targets.ts';
import { unescaped } from './escaping.ts';
import type { Matcher, MatchOptions } from './match.ts';
import { ownIdMatcher } from './own-ids.ts';
import { isVersionOf } from './token-values.ts';
import { type Pointer, pointerOf } from './values.ts';

const BARE_ID = /^[A-Za-z0-9\-.]{1,64}$/;

/** Reads what a reference is searched by: `id`, `Type/id`, or the address of something elsewhere. */
export function readPointer(
  text: string,
  { fhirUrl }: Pick<MatchOptions, 'fhirUrl'>,
): Pick<Pointer, 'text' | 'type' | 'id'> | undefined {
  const given = unescaped(text);
  const own = fhirUrl !== undefined && given.startsWith(`${fhirUrl}/`) ? given.slice(fhirUrl.length + 1) : given;
  if (BARE_ID.test(own)) return { text: undefined, type: undefined, id: own };
  const pointer = pointerOf(own);
  if (pointer.id !== undefined) return isKnownType(pointer.type!) ? pointer : undefined;
  return /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(own) ? pointer : undefined;
}

/**
 * References (http://hl7.org/fhir/R4/search.html#reference). Persons are the same whichever of their ids names them. A
 * value is looked up, however many references are searched.
 */
export function readReferences(texts: readonly string[], options: MatchOptions): Matcher<'reference'> | undefined {
  const addresses = new Set<string>();
  const ids = new Set<string>();
  const patients: string[] = [];
  const named: { type: string | undefined; id: string }[] = [];
  for (const each of texts) {
    const searched = readPointer(each, options);
    if (searched === undefined) return undefined;
    const { id, type, text } = searched;
    if (id === undefined) addresses.add(text!);
    else {
      ids.add(`${type ?? ''}/${id}`);
      named.push({ type, id });
      if ((type ?? 'Patient') === 'Patient' && parseLogicalId(id) !== undefined) patients.push(id);
    }
  }
  const isOwn = ownIdMatcher(named, options);
  const personsIn = onceASearch((search) => new Set(patients.map((id) => personOf(id, search))));
  return ({ text, type, id }, search) => {
    if (text !== undefined && addresses.size > 0 && isVersionOf(text, addresses)) return true;
    if (id === undefined) return false;
    if (ids.has(`${type}/${id}`) || ids.has(`/${id}`) || isOwn?.(type!, id)) return true;
    return type === 'Patient' && patients.length > 0 && personsIn(search).has(personOf(id, search));
  };
}

function onceASearch<T extends object>(make: (search: Search) => T): (search: Search) => T {
  const made = new WeakMap<Search, T>();
  return (search) => {
    let value = made.get(search);
    if (value === undefined) {
      value = make(search);
      made.set(search, value);
    }
    return value;
  };
}
