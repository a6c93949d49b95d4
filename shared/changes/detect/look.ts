import { markingsOf } from '../../access/markings.ts';
import { type Json, objectOf } from '../../fhir/grounds/look.ts';
import type { FragmentVersion } from '../../record/contribution.ts';
import type { Fragment } from '../../record/fold.ts';

/** One version of a fragment as detection looks at it: what the manifest says, and the body where there is one that can be read. */
export interface Looked {
  readonly version: FragmentVersion;
  /** Absent: retracted, or no JSON object. */
  readonly resource?: Json;
}

/** A version with its body parsed. Whatever the body is, this throws nothing: what cannot be read tells nothing. */
export function look(version: FragmentVersion, body: string | undefined): Looked {
  const resource = parsed(body);
  return resource === undefined ? { version } : { version, resource };
}

function parsed(body: string | undefined): Json | undefined {
  if (body === undefined) return undefined;
  try {
    return objectOf(JSON.parse(body));
  } catch {
    return undefined;
  }
}

/** Whether whoever may see one may see the other too: what fewer may see has told nobody else, and what it holds must not show in what others hear. */
export function isNoMoreHidden(other: Looked['version'], now: Looked['version']): boolean {
  const markings = markingsOf(now);
  return markingsOf(other).every((marking) => markings.includes(marking));
}

/** The key of a fragment among those of all folds that are read together. */
export const keyOf = ({ subject, fragmentId }: Pick<Fragment, 'subject' | 'fragmentId'>): string => `${subject}.${fragmentId}`;
