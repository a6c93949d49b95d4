import type { Fragment } from './fold.ts';
import { stampOf } from './packed.ts';
import type { VersionNames } from './version-names.ts';

/** Makes the copy of a version that readers get who must not know its number. */
export type WithOpaqueVersion = (fragment: Fragment) => Fragment;

/**
 * Copies in which the number of a version is replaced by its opaque name, in `versionId` and in the body's `meta`. Each
 * fragment has one copy, made once, so what is remembered of a copy serves every reader of it.
 */
export function createOpaqueVersions({ version }: Pick<VersionNames, 'version'>): WithOpaqueVersion {
  const copies = new WeakMap<Fragment, Fragment>();
  return (fragment) => {
    let copy = copies.get(fragment);
    if (copy === undefined) {
      copy = copyOf(fragment, version(fragment));
      copies.set(fragment, copy);
    }
    return copy;
  };
}

/** The version as its reader may know it: FHIR `meta.versionId`. */
export const versionIdOf = ({ versionId, version }: Pick<Fragment, 'versionId' | 'version'>): string =>
  versionId ?? String(version);

function copyOf(fragment: Fragment, versionId: string): Fragment {
  const copy = {
    // Made each time from slices of the stored text: keeping it would hold every record in memory twice.
    get body() {
      const { body } = fragment;
      return body && restamped(body, fragment, versionId);
    },
  } as Record<string, unknown>;
  // A spread would open the body, and with it everything that was contributed together.
  for (const name of Object.keys(fragment)) if (name !== 'body') copy[name] = fragment[name as keyof Fragment];
  copy.versionId = versionId;
  return copy as unknown as Fragment;
}

/** A body that does not begin with our stamp tells no version. */
function restamped(body: string, fragment: Fragment, versionId: string): string {
  const { subject, type, fragmentId, recordedAt } = fragment;
  const stamp = stampOf(subject, fragment, recordedAt);
  if (!body.startsWith(stamp)) return body;
  return stampOf(subject, { type, fragmentId, version: versionId }, recordedAt) + body.slice(stamp.length);
}
