import type { Json } from '../../../../shared/fhir/references.ts';
import { addressKey, type Entries, entryOf, type Operation } from './operation.ts';

/** Names of entries without a name, from their content. */
export type ContentNames = ReadonlyMap<Operation, string>;

/**
 * What stands in for the names of a bundle's entries that have none: their content, in which references to other entries are replaced by
 * what names those. So a bundle that is sent again with new random `urn:uuid`s names the same things. Entries that are told apart only by
 * what their targets point at in turn are numbered in the order of the bundle.
 */
export function contentNames(operations: readonly Operation[], entries: Entries): ContentNames {
  const names = new Map<Operation, string>();
  const alike = new Map<string, Map<string, number>>();
  for (const operation of operations) {
    const { name, inBundle, interaction } = operation;
    if (name.kind !== 'nameless' || !inBundle || interaction.resource === undefined) continue;
    const content = contentWith(operation, entries, (entry) => shallowName(entry, entries));
    const known = alike.get(content) ?? new Map<string, number>();
    alike.set(content, known);
    const asSent = JSON.stringify(interaction.resource);
    const place = known.get(asSent) ?? known.size;
    known.set(asSent, place);
    names.set(operation, place === 0 ? content : `${place} ${content}`);
  }
  return names;
}

/** A nameless entry that another one points at is told by its content without what it points at in turn. */
function shallowName(entry: Operation, entries: Entries): string {
  const { name, interaction } = entry;
  if (interaction.type === 'Patient') return 'Patient';
  if (name.kind === 'own-id') return addressKey({ type: interaction.type, ...name.name });
  if (name.kind === 'identifiers') return JSON.stringify([interaction.type, name.code, ...name.tokens]);
  return contentWith(entry, entries, () => '');
}

function contentWith(
  { interaction: { resource = {} }, slots }: Operation,
  entries: Entries,
  nameOf: (entry: Operation) => string,
): string {
  const replaced = new Map<unknown, Json>();
  for (const slot of slots) {
    const entry = entryOf(slot, entries);
    const given = replaced.get(slot.holder) ?? slot.given;
    replaced.set(slot.holder, entry === undefined ? { ...given } : { ...given, [slot.property]: nameOf(entry) });
  }
  const { id: _id, meta, ...rest } = resource;
  const { versionId: _version, lastUpdated: _time, ...kept } = (meta ?? {}) as Json;
  return JSON.stringify({ meta: kept, ...rest }, (_key, value: unknown) => replaced.get(value) ?? value);
}
