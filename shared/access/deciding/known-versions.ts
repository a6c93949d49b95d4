import type { Directory } from '../../directory/directory.ts';
import type { Fragment } from '../../record/fold.ts';
import type { WithOpaqueVersion } from '../../record/opaque-versions.ts';
import type { Viewer } from '../viewer.ts';

/** Gives versions as a viewer may know them: by their numbers, or as copies in which each has an opaque name. */
export type AsKnownTo = (viewer: Viewer, at: string) => (fragment: Fragment) => Fragment;

/**
 * Systems know the numbers of their organisation's own versions, mergers followed: they write by them, and wrote each.
 * @param withOpaqueVersion absent in functions that show nothing to anybody
 */
export const createAsKnownTo =
  (directory: Directory, withOpaqueVersion?: WithOpaqueVersion): AsKnownTo =>
  (viewer, at) => {
    const current = (organisation: string) => directory.current(organisation, at)?.id;
    const own = viewer.role === 'system' ? current(viewer.organisation) : undefined;
    return (fragment) => {
      const isOwn = own !== undefined && current(fragment.owner) === own;
      return isOwn || withOpaqueVersion === undefined ? fragment : withOpaqueVersion(fragment);
    };
  };
