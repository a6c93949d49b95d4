import type { Json } from '../../../shared/fhir/references.ts';
import { SOURCE_ID } from '../../../shared/fhir/systems.ts';
import type { Fold, Fragment } from '../../../shared/record/fold.ts';
import { type Identifier, type Identity, isPersonId, type Subject } from '../../../shared/record/identity.ts';
import { sourceOf } from './source-identity.ts';

/** What deciding may look at: the folds of a request's subjects, and the directories that its references point into. */
export interface World {
  /** The contributing organisation. */
  readonly owner: string;
  readonly identity: Identity;
  readonly folds: ReadonlyMap<Subject, Fold>;
  readonly directories: ReadonlyMap<string, Fold>;
  /** Whether the contributing organisation may see somebody else's fragment of a person whom it knows: one that is withheld is not there. */
  sees(fragment: Fragment): boolean;
}

/** The fold of a subject, whichever way it came to be known. */
export const foldOf = ({ folds, directories }: World, subject: Subject): Fold | undefined =>
  folds.get(subject) ?? directories.get(subject);

/**
 * A person with everybody linked to it, the one that was named first.
 * @returns the persons whose folds are missing, when the links lead to such.
 */
export function groupOf(world: World, subject: Subject): { group: readonly Subject[] } | { needs: readonly Subject[] } {
  const group = [subject];
  const needs: Subject[] = [];
  for (const one of group) {
    const fold = foldOf(world, one);
    if (fold === undefined) needs.push(one);
    else if (isPersonId(one)) for (const other of fold.links.keys()) if (!group.includes(other)) group.push(other);
  }
  return needs.length > 0 ? { needs } : { group };
}

/** Where a fragment is, or would be. */
export interface Located {
  readonly subject: Subject;
  readonly fragmentId: string;
  /** As it stands, retracted or not; `undefined` when it is new. */
  readonly current: Fragment | undefined;
}

/** The owner's fragment with an id, in whichever partition of a group it is. */
export function locate(world: World, group: readonly Subject[], type: string, fragmentId: string): Located | undefined {
  for (const subject of group) {
    const current = foldOf(world, subject)?.fragments.get(fragmentId);
    if (current !== undefined && current.owner === world.owner && current.type === type) return { subject, fragmentId, current };
  }
  return undefined;
}

/** The owner's fragment that its source calls by this id, by the id that follows from it or by the tag that was kept. */
export function locateSourceId(world: World, group: readonly Subject[], type: string, sourceId: string): Located | undefined {
  const derived = locate(world, group, type, world.identity.fragment(world.owner, type, sourceId));
  if (derived !== undefined) return derived;
  for (const subject of group) {
    const fold = foldOf(world, subject);
    const fragmentId = fold && indexOf(fold, world.owner).sourceIds.get(`${type}/${sourceId}`);
    if (fragmentId !== undefined) return locate(world, [subject], type, fragmentId);
  }
  return undefined;
}

/** The owner's fragments of a type that have a business identifier, without retracted ones: the one named by it, else all that hold it. */
export function locateIdentifier(world: World, group: readonly Subject[], type: string, identifier: Identifier): Located[] {
  const named = locate(world, group, type, world.identity.fragment(world.owner, type, sourceOf(identifier)));
  if (named?.current?.body !== undefined) return [named];
  return group.flatMap((subject) => {
    const fold = foldOf(world, subject);
    const fragmentIds = fold ? (identifiersOf(fold, world.owner, type).get(sourceOf(identifier)) ?? []) : [];
    return fragmentIds.flatMap((fragmentId) => locate(world, [subject], type, fragmentId) ?? []);
  });
}

interface Index {
  /** `Type/source id` → fragmentId. */
  readonly sourceIds: ReadonlyMap<string, string>;
  /** By type: `system|value` → fragmentIds. Filled when it is asked for. */
  readonly identifiers: Map<string, ReadonlyMap<string, readonly string[]>>;
}

const indexes = new WeakMap<Fold, Map<string, Index>>();

/** Remembered with the fold: a fold that was not changed is not read through again. */
function indexOf(fold: Fold, owner: string): Index {
  let byOwner = indexes.get(fold);
  if (byOwner === undefined) {
    byOwner = new Map();
    indexes.set(fold, byOwner);
  }
  let index = byOwner.get(owner);
  if (index === undefined) {
    index = { sourceIds: sourceIdsOf(fold, owner), identifiers: new Map() };
    byOwner.set(owner, index);
  }
  return index;
}

const TAG = `"system":"${SOURCE_ID}","code":"`;

/** The id that the source gave a fragment, where it was kept. `meta` stands before what the source wrote, so the first one is ours. */
export function sourceIdOf(body: string): string | undefined {
  const at = body.indexOf(TAG);
  return at < 0 ? undefined : body.slice(at + TAG.length, body.indexOf('"', at + TAG.length));
}

function sourceIdsOf(fold: Fold, owner: string): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  for (const { owner: contributor, type, fragmentId, body } of fold.fragments.values()) {
    const sourceId = contributor === owner && body !== undefined ? sourceIdOf(body) : undefined;
    if (sourceId !== undefined) ids.set(`${type}/${sourceId}`, fragmentId);
  }
  return ids;
}

function identifiersOf(fold: Fold, owner: string, type: string): ReadonlyMap<string, readonly string[]> {
  const index = indexOf(fold, owner).identifiers;
  const known = index.get(type);
  if (known !== undefined) return known;
  const found = new Map<string, string[]>();
  for (const fragment of fold.fragments.values()) {
    if (fragment.owner !== owner || fragment.type !== type || !fragment.body?.includes('"identifier":')) continue;
    for (const identifier of identifiersIn(JSON.parse(fragment.body) as Json)) {
      const holders = found.get(identifier);
      if (holders === undefined) found.set(identifier, [fragment.fragmentId]);
      else if (!holders.includes(fragment.fragmentId)) holders.push(fragment.fragmentId);
    }
  }
  index.set(type, found);
  return found;
}

/** Every identifier of a resource, as `system|value`. */
export const identifiersIn = ({ identifier = [], masterIdentifier = [] }: Json): string[] =>
  [identifier, masterIdentifier].flat().flatMap((one) => {
    const { system, value } = one as Partial<Identifier>;
    return system === undefined || value === undefined ? [] : [sourceOf({ system, value })];
  });
