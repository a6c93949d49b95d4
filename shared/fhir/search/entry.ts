import { type Fragment, isRetracted } from '../../record/fold.ts';
import { logicalId } from '../../record/identity.ts';

/** A resource as parsed JSON. */
export type Json = Readonly<Record<string, unknown>>;

/** One resource that a search looks at. What was once read out of it is kept with it, so hold on to it for as long as the resource stands. */
export interface SearchEntry {
  /** FHIR logical id. */
  readonly id: string;
  /** FHIR resource type. */
  readonly type: string;
  /** FHIR JSON. */
  readonly body: string;
  /** The resource, parsed. */
  resource(): Json;
  /** What searches have read out of the resource before, by parameter. */
  readonly indexed: Map<object, unknown>;
}

/** What a search can see. */
export interface Universe {
  /** Everything that may be found, of any type, in the order of the record. */
  readonly fragments: Iterable<SearchEntry>;
  /**
   * What a literal reference (`Type/id`) points at: a fragment, the person (by any of their ids), something of a directory. `undefined` for
   * what is not known or may not be seen.
   */
  resolve(reference: string): SearchEntry | undefined;
}

const entries = new WeakMap<Fragment, SearchEntry>();

/** The entry of a fragment; always the same one for the same object, so a fold that is kept in memory keeps what was read out of it. */
export function entryOf(fragment: Fragment): SearchEntry {
  let entry = entries.get(fragment);
  if (entry === undefined) {
    if (isRetracted(fragment)) throw new Error('a retracted fragment cannot be searched');
    entry = lazyEntry(fragment.type, logicalId(fragment.subject, fragment.fragmentId), () => fragment.body!);
    entries.set(fragment, entry);
  }
  return entry;
}

/** An entry of what is no fragment: the folded person. */
export const createEntry = (type: string, id: string, body: string): SearchEntry => lazyEntry(type, id, () => body);

function lazyEntry(type: string, id: string, bodyOf: () => string): SearchEntry {
  // Parsed resources take many times the room of their text: the garbage collector may have them back once a search is over.
  let parsed: WeakRef<Json> | undefined;
  return {
    id,
    type,
    get body() {
      return bodyOf();
    },
    indexed: new Map(),
    resource: () => {
      let resource = parsed?.deref();
      if (resource === undefined) {
        resource = JSON.parse(bodyOf()) as Json;
        parsed = new WeakRef(resource);
      }
      return resource;
    },
  };
}
