import type { Fold, Fragment } from '../../record/fold.ts';
import type { AlreadyTold } from '../row.ts';
import { type IsSeenWith, keyOf, type Looked, look } from './look.ts';
import { SAMENESS } from './sameness.ts';
import type { Asked } from './triggers.ts';

/** Most fragments that one is compared with: beyond that, something may be told twice. */
const MOST_COMPARED = 100;

/** The other fragments of the record, by what they are about. */
export interface Others {
  /** Whether another fragment makes this no news. @param key that of the fragment itself */
  readonly haveTold: (asked: Asked, now: Looked, key: string) => boolean;
  /** What a fragment has become in the course of the contribution. */
  readonly become: (key: string, now: Looked) => void;
}

interface Known {
  readonly key: string;
  readonly version: Looked['version'];
  readonly owner: string;
  /** Parsed when it is first asked for. */
  readonly looked: () => Looked;
}

type Same = AlreadyTold['same'];
type Index = Map<string, Known[]>;

/**
 * An index of what the record held before a contribution, and of what of that contribution was looked at since. Bodies are parsed once something is to be
 * compared with them, and each once.
 * @param contributor whose contribution it is
 */
export function createOthers(folds: readonly Fold[], contributor: string, isSeenWith: IsSeenWith): Others {
  const current = new Map<string, Looked>();
  const indexes = new Map<string, { readonly same: Same; readonly type: string; readonly index: Index }>();
  let byType: ReadonlyMap<string, readonly Fragment[]> | undefined;

  function indexOf(same: Same, type: string): Index {
    const name = `${same} ${type}`;
    const made = indexes.get(name);
    if (made !== undefined) return made.index;
    byType ??= Map.groupBy(standingIn(folds), (fragment) => fragment.type);
    const index: Index = new Map();
    for (const fragment of byType.get(type) ?? []) add(index, same, knownOf(fragment));
    for (const [key, looked] of current) if (looked.version.type === type) add(index, same, ownOf(key, looked));
    indexes.set(name, { same, type, index });
    return index;
  }

  const ownOf = (key: string, looked: Looked): Known => ({
    key,
    version: looked.version,
    owner: contributor,
    looked: () => looked,
  });

  /** Whether one that was found tells the same: as it is by now, whatever it was when it was found. */
  const tells = (asked: Asked, { same, alike, own, holds }: Asked['told'][number], now: Looked, known: Known): boolean => {
    const other = current.get(known.key) ?? known.looked();
    return (
      (!own || known.owner === contributor) &&
      other.resource !== undefined &&
      asked.isKind(other) &&
      holds(other) &&
      SAMENESS[same].areSame(now, other) &&
      (!alike || asked.changeable(now) === asked.changeable(other)) &&
      isSeenWith(now.version, other.version)
    );
  };

  return {
    haveTold: (asked, now, key) =>
      asked.told.some((already) => {
        const { near, types } = SAMENESS[already.same];
        return types(now.version.type).some((type) => {
          const index = indexOf(already.same, type);
          const found = near(now).flatMap((place) => index.get(place)?.slice(-MOST_COMPARED) ?? []);
          return found.some((other) => other.key !== key && tells(asked, already, now, other));
        });
      }),
    become: (key, looked) => {
      current.set(key, looked);
      for (const { same, type, index } of indexes.values())
        if (type === looked.version.type) add(index, same, ownOf(key, looked));
    },
  };
}

function knownOf(fragment: Fragment): Known {
  let looked: Looked | undefined;
  return {
    key: keyOf(fragment),
    version: fragment,
    owner: fragment.owner,
    looked: () => {
      looked ??= look(fragment, fragment.body);
      return looked;
    },
  };
}

function add(index: Index, same: Same, known: Known): void {
  for (const key of SAMENESS[same].keysOf(known.version, known.looked)) {
    const list = index.get(key);
    if (list === undefined) index.set(key, [known]);
    else list.push(known);
  }
}

function* standingIn(folds: readonly Fold[]): Iterable<Fragment> {
  for (const { fragments } of folds)
    for (const fragment of fragments.values()) if (fragment.action !== 'retracted') yield fragment;
}
