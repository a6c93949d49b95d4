import { parseLogicalId } from '../../record/identity.ts';
import { createEntry, type Json, type SearchEntry, type Universe } from './entry.ts';
import type { Pointer } from './matching/values.ts';

type Resolver = Pick<Universe, 'resolve'>;

/** What a reference points at: contained in the resource itself, or something that the search can see. */
export const pointedAt = ({ text }: Pointer, entry: SearchEntry, { resolve }: Resolver): SearchEntry | undefined =>
  text === undefined ? undefined : text.startsWith('#') ? containedEntry(entry, text.slice(1)) : resolve(text);

const CONTAINED = {};

function containedEntry(entry: SearchEntry, id: string): SearchEntry | undefined {
  let contained = entry.indexed.get(CONTAINED) as Map<string, SearchEntry> | undefined;
  if (contained === undefined) {
    const resources = (entry.resource().contained ?? []) as readonly (Json & { id: string; resourceType: string })[];
    contained = new Map(
      resources.map((resource) => [resource.id, createEntry(resource.resourceType, resource.id, JSON.stringify(resource))]),
    );
    entry.indexed.set(CONTAINED, contained);
  }
  return contained.get(id);
}

/** One key for everything that is the same: `Type/id`, a person by the id that is shown. */
export const keyOf = (type: string | undefined, id: string | undefined, search: Resolver): string =>
  type === 'Patient' && id !== undefined ? `Patient/${personOf(id, search)}` : `${type}/${id}`;

/**
 * The id by which the person of a Patient's logical id is shown: that of a contributor's own Patient and of a linked
 * person lead to the same.
 */
export function personOf(id: string, { resolve }: Resolver): string {
  const subject = parseLogicalId(id)?.subject ?? id;
  return resolve(`Patient/${subject}`)?.id ?? subject;
}
