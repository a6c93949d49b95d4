import { isDirectoryType } from '../../shared/fhir/compartment.ts';
import type { Fold } from '../../shared/record/fold.ts';
import { type Identity, isPersonId, parseLogicalId } from '../../shared/record/identity.ts';
import type { RecordStore } from '../../shared/store/record.ts';
import { locateOwnName, type World } from './decision/fragments/record-lookup.ts';
import { type Entries, entryOf, type NameReading, type Operation, type Slot } from './decision/names/operation.ts';

/** Each costs a query. More organisations than these are in no region; a reference into what was not read leads nowhere. */
const MAX_DIRECTORIES = 100;

/** Tells whether a reference into a directory leads somewhere. */
type Leads = (world: World) => boolean;

/**
 * The directories that the references of a request point into: the contributor's own, and those of organisations whose ids
 * are used. An id leads to the same for ever, so what this process remembers will do where the id is found. Anything else is
 * decided on the directory as it is now, for one read unit: another instance may have written a moment ago.
 */
export async function readDirectories(
  store: RecordStore,
  identity: Identity,
  owner: string,
  operations: readonly Operation[],
  entries: Entries,
  { source }: NameReading,
): Promise<ReadonlyMap<string, Fold>> {
  const wanted = new Map<string, Leads[]>();
  const seen = new Set<unknown>();
  for (const { slots } of operations) {
    for (const slot of slots) {
      const text = slot.given[slot.property];
      if (slot.target.kind === 'contained' || seen.has(text)) continue;
      seen.add(text);
      const pointer = entryOf(slot, entries) === undefined ? pointerOf(slot, owner) : undefined;
      if (pointer === undefined) continue;
      const known = wanted.get(pointer.organisation);
      if (known === undefined) wanted.set(pointer.organisation, [pointer.leads]);
      else known.push(pointer.leads);
    }
  }
  const read = async ([organisation, pointers]: [string, Leads[]]): Promise<[string, Fold]> => {
    const remembered = await store.fold(organisation, { freshness: 'recent' });
    const world: World = {
      owner,
      source,
      identity,
      folds: new Map(),
      directories: new Map([[organisation, remembered]]),
      sees: () => true,
    };
    return [organisation, pointers.every((leads) => leads(world)) ? remembered : await store.fold(organisation)];
  };
  const few = [...wanted].filter(([organisation], index) => organisation === owner || index < MAX_DIRECTORIES);
  return new Map(await Promise.all(few.map(read)));
}

function pointerOf({ target }: Slot, owner: string): { organisation: string; leads: Leads } | undefined {
  if (target.kind !== 'literal' && target.kind !== 'conditional') return undefined;
  const { type } = target;
  if (target.kind === 'conditional') {
    if (!isDirectoryType(type)) return undefined;
    // Another may bear the identifier by now, or two: only the directory as it is now tells.
    return { organisation: owner, leads: () => false };
  }
  const { subject, fragmentId } = parseLogicalId(target.id) ?? {};
  if (subject === undefined) {
    if (!isDirectoryType(type)) return undefined;
    const { id, base } = target;
    const nameIn = ({ source }: World) => ({ source: source.name, ...(base === undefined ? {} : { base }), id });
    return { organisation: owner, leads: (world) => locateOwnName(world, [owner], type, nameIn(world)) !== undefined };
  }
  if (fragmentId === undefined || isPersonId(subject)) return undefined;
  return { organisation: subject, leads: ({ directories }) => directories.get(subject)?.fragments.has(fragmentId) === true };
}
