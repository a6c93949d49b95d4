import type { Action } from './contribution.ts';
import { isLate, NO_CONTENT } from './draft.ts';
import type { BecomesCurrent, Fold, Fragment } from './fold.ts';

/**
 * Which versions of a record somebody may see. To them the record is the log without all other versions: what they are told
 * of the past follows from that log alone.
 */
export interface Sight {
  /** By the markings of the version, and of its fragment as it is now. */
  sees(version: Fragment): boolean;
  /** By the markings of the fragment as it is now. */
  seesFragment(version: Fragment): boolean;
}

/** A version with what it did in the log of those who see it. */
export interface SeenVersion {
  readonly version: Fragment;
  readonly action: Action;
}

/**
 * The versions of one fragment that are seen, with what each did as if the others had never been: the first created the
 * fragment, and late is what arrived after a newer one that is seen too.
 * @param versions oldest first
 */
export function seenVersions(versions: readonly Fragment[], sees: Sight['sees']): readonly SeenVersion[] {
  let standing: Fragment | undefined;
  return versions.filter(sees).map((version) => {
    const action = actionOf(version, standing);
    if (action !== 'late') standing = version;
    return { version, action };
  });
}

/** For `foldContributions`: makes current what would be, had the versions that are not seen never been. */
export const currentIfSeen =
  ({ sees }: Sight): BecomesCurrent =>
  (version, standing) => {
    const seen = standing !== undefined && sees(standing) ? standing : undefined;
    if (sees(version)) return actionOf(version, seen) !== 'late';
    // What is withheld altogether keeps its place, for pages of a record are counted in it.
    return seen === undefined && version.action !== 'late';
  };

/** Whether a fold holds, of a fragment that is seen now, a version that is not: an earlier one may have to stand for it. */
export const hidesVersions = ({ fragments }: Fold, { sees, seesFragment }: Sight): boolean =>
  [...fragments.values()].some((fragment) => !sees(fragment) && seesFragment(fragment));

function actionOf(version: Fragment, standing: Fragment | undefined): Action {
  const retracts = version.hash === NO_CONTENT;
  if (version.action === 'late' && standing !== undefined && isLate(version, retracts, standing)) return 'late';
  if (retracts) return 'retracted';
  return standing === undefined ? 'created' : 'updated';
}
