import { parseLogicalId } from '../../../record/identity.ts';

/** How ids are read that a source gives its own resources. */
export interface OwnIds {
  /** The id of the fragment that the caller calls by this id; absent for a caller without ids of its own. */
  readonly ownFragmentId?: (type: string, id: string) => string;
}

/** What is searched by id; without a type, the id stands for resources of any. */
interface Searched {
  readonly type?: string | undefined;
  readonly id: string;
}

/**
 * Whether a logical id of ours is that of a resource that the caller's own system calls by one of these ids.
 * @returns `undefined` where none of them can be such an id
 */
export function ownIdMatcher(
  searched: readonly Searched[],
  { ownFragmentId }: OwnIds,
): ((type: string, id: string) => boolean) | undefined {
  const own = ownFragmentId === undefined ? [] : searched.filter(({ id }) => parseLogicalId(id) === undefined);
  if (ownFragmentId === undefined || own.length === 0) return undefined;
  const byType = new Map<string, ReadonlySet<string>>();
  const fragmentsOf = (type: string) => {
    let fragments = byType.get(type);
    if (fragments === undefined) {
      const ofType = own.filter((each) => each.type === undefined || each.type === type);
      fragments = new Set(ofType.map(({ id }) => ownFragmentId(type, id)));
      byType.set(type, fragments);
    }
    return fragments;
  };
  return (type, id) => {
    const fragmentId = parseLogicalId(id)?.fragmentId;
    return fragmentId !== undefined && fragmentsOf(type).has(fragmentId);
  };
}
