import type { Json } from '../../../../shared/fhir/references.ts';
import type { Fold, Fragment } from '../../../../shared/record/fold.ts';
import { type Identifier, type Identity, isPersonId, type Subject } from '../../../../shared/record/identity.ts';
import { type OwnName, ownFragmentId } from '../../../../shared/record/source-names.ts';
import { tokenOf, tokensOf } from '../names/identifiers.ts';
import type { SendingSource } from '../names/operation.ts';

/** What deciding may look at: the folds of a request's subjects, and the directories that its references point into. */
export interface World {
  /** The contributing organisation. */
  readonly owner: string;
  /** Which of its systems sends. */
  readonly source: SendingSource;
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
 * @param isEnded whether a link between two persons is about to end.
 * @returns the persons whose folds are missing, when the links lead to such.
 */
export function groupOf(
  world: World,
  subject: Subject,
  isEnded: (one: Subject, other: Subject) => boolean,
): { group: readonly Subject[] } | { needs: readonly Subject[] } {
  const group = [subject];
  const needs: Subject[] = [];
  for (const one of group) {
    const fold = foldOf(world, one);
    if (fold === undefined) needs.push(one);
    else if (isPersonId(one)) {
      for (const other of fold.links.keys()) if (!group.includes(other) && !isEnded(one, other)) group.push(other);
    }
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

/** The owner's fragment with an id, in whichever partition of a group it is; one that was retracted only where no other is. */
export function locate(world: World, group: readonly Subject[], type: string, fragmentId: string): Located | undefined {
  let retracted: Located | undefined;
  for (const subject of group) {
    const current = foldOf(world, subject)?.fragments.get(fragmentId);
    if (current === undefined || current.owner !== world.owner || current.type !== type) continue;
    if (current.action !== 'retracted') return { subject, fragmentId, current };
    retracted ??= { subject, fragmentId, current };
  }
  return retracted;
}

/** The fragment that its source calls by this id. */
export const locateOwnName = (world: World, group: readonly Subject[], type: string, name: OwnName): Located | undefined =>
  locate(world, group, type, ownFragmentId(world.identity, world.owner, type, name));

/** The source's fragments of a type that have a business identifier, without retracted ones. */
export function locateIdentifier(world: World, group: readonly Subject[], type: string, identifier: Identifier): Located[] {
  return group.flatMap((subject) => {
    const fold = foldOf(world, subject);
    const fragmentIds = fold === undefined ? [] : holdersIn(fold, world, type, tokenOf(identifier), identifier.value);
    return fragmentIds.flatMap((fragmentId) => locate(world, [subject], type, fragmentId) ?? []);
  });
}

/** The source's fragments of a type with this content, without retracted ones. @param hash as in `FragmentVersion`. */
export function locateContent(world: World, group: readonly Subject[], type: string, hash: string): Located[] {
  return group.flatMap((subject) => {
    const fold = foldOf(world, subject);
    const fragmentIds = fold === undefined ? [] : withContent(fold, world, type, hash);
    return fragmentIds.flatMap((fragmentId) => locate(world, [subject], type, fragmentId) ?? []);
  });
}

/** Whether a fragment was sent by the source that is sending now. */
export const isOfSource = ({ owner, source }: World, fragment: Fragment): boolean =>
  fragment.owner === owner && fragment.source === source.name;

type Index = ReadonlyMap<string, readonly string[]>;

const indexes = new WeakMap<Fold, Map<string, Index>>();

/** An index is remembered with its fold: a fold that has not changed is not read through again. */
function remembered(fold: Fold, key: string, build: () => Index): Index {
  let all = indexes.get(fold);
  if (all === undefined) {
    all = new Map();
    indexes.set(fold, all);
  }
  let index = all.get(key);
  if (index === undefined) {
    index = build();
    all.set(key, index);
  }
  return index;
}

/** Look-ups on one fold that are answered by scanning it: a single write needs no index, a bundle of thousands does. */
const MOST_SCANS = 8;
const scans = new WeakMap<Fold, number>();

function holdersIn(fold: Fold, world: World, type: string, token: string, value: string): readonly string[] {
  if (isScannedOften(fold)) return tokenIndex(fold, world, type).get(token) ?? [];
  const quoted = JSON.stringify(value);
  const holds = ({ body }: Fragment) => body?.includes(quoted) && tokensOf(JSON.parse(body) as Json).includes(token);
  return [...fold.fragments.values()]
    .filter((fragment) => fragment.type === type && isOfSource(world, fragment) && holds(fragment))
    .map(({ fragmentId }) => fragmentId);
}

function withContent(fold: Fold, world: World, type: string, hash: string): readonly string[] {
  if (isScannedOften(fold)) return contentIndex(fold, world).get(`${type} ${hash}`) ?? [];
  return [...fold.fragments.values()]
    .filter((one) => one.hash === hash && one.type === type && one.action !== 'retracted' && isOfSource(world, one))
    .map(({ fragmentId }) => fragmentId);
}

/** Whether so much was looked up in a fold that an index pays. */
function isScannedOften(fold: Fold): boolean {
  const before = scans.get(fold) ?? 0;
  scans.set(fold, before + 1);
  return before >= MOST_SCANS;
}

const tokenIndex = (fold: Fold, world: World, type: string): Index =>
  remembered(fold, `tokens ${world.owner} ${world.source.name} ${type}`, () =>
    indexBy(fold, (fragment) => {
      if (fragment.type !== type || !isOfSource(world, fragment)) return [];
      const { body } = fragment;
      return body !== undefined && HAS_IDENTIFIER.test(body) ? tokensOf(JSON.parse(body) as Json) : [];
    }),
  );

const HAS_IDENTIFIER = /"(?:i|masterI)dentifier":/;

const contentIndex = (fold: Fold, world: World): Index =>
  remembered(fold, `content ${world.owner} ${world.source.name}`, () =>
    indexBy(fold, (fragment) =>
      isOfSource(world, fragment) && fragment.action !== 'retracted' ? [`${fragment.type} ${fragment.hash}`] : [],
    ),
  );

/** Fragment ids by keys of theirs, each once. */
function indexBy(fold: Fold, keysOf: (fragment: Fragment) => readonly string[]): Index {
  const index = new Map<string, string[]>();
  for (const fragment of fold.fragments.values()) {
    for (const key of new Set(keysOf(fragment))) {
      const known = index.get(key);
      if (known === undefined) index.set(key, [fragment.fragmentId]);
      else known.push(fragment.fragmentId);
    }
  }
  return index;
}
