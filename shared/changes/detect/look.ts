import { statementsOf } from '../../access/assertions/statements.ts';
import { sealedAt } from '../../access/facts/person.ts';
import { markingsOf } from '../../access/markings.ts';
import { type Json, objectOf } from '../../fhir/grounds/look.ts';
import type { FragmentVersion } from '../../record/contribution.ts';
import type { Fold, Fragment } from '../../record/fold.ts';

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

/** Whether whoever may see a version may see another one too: what fewer may see has told nobody else, and what it holds must not show in what others hear. */
export type IsSeenWith = (now: Looked['version'], other: Looked['version']) => boolean;

/** @param folds in which it may stand that the person has sealed something; @param at ISO 8601 instant */
export function createIsSeenWith(folds: readonly Fold[], at: string): IsSeenWith {
  let sealed: ReadonlySet<string> | undefined;
  return (now, other) => {
    sealed ??= sealedAt(statementsOf({ personId: '', folds }), Date.parse(at));
    const markings = markingsOf(now);
    return (
      markingsOf(other).every((marking) => markings.includes(marking)) &&
      (other.section !== SAFEGUARDING || now.section === SAFEGUARDING) &&
      (!sealed.has(other.fragmentId) || sealed.has(now.fragmentId))
    );
  };
}

/** The section that is on a need to know by itself (`policies/safeguarding.cedar`). */
const SAFEGUARDING = 'safeguarding';

/** The key of a fragment among those of all folds that are read together. */
export const keyOf = ({ subject, fragmentId }: Pick<Fragment, 'subject' | 'fragmentId'>): string => `${subject}.${fragmentId}`;
