import { fragmentsReferredTo, withoutReferences } from '../../fhir/hidden-references.ts';
import { parseJson } from '../../fhir/json.ts';
import { redactedFragment } from '../../fhir/whereabouts/fragment.ts';
import { whereaboutsOf } from '../../fhir/whereabouts/words.ts';
import type { Fragment, PersonRecord } from '../../record/fold.ts';
import { type LogicalId, parseLogicalId } from '../../record/identity.ts';
import type { WithOpaqueVersion } from '../../record/opaque-versions.ts';

/**
 * Makes the copies in which the record of a restricted person is shown.
 * @param practices names of the practices with which the person is, or was, registered
 */
export type Redact = (record: PersonRecord, practices: readonly string[]) => (fragment: Fragment) => Fragment;

/**
 * Leaves out of what is shown of a fragment the references to what is hidden.
 * @param shown the fragment itself, or a copy of it
 */
export type Unlink = (shown: Fragment, fragment: Fragment, isHidden: (id: LogicalId) => boolean) => Fragment;

/** A copy of a Patient without whom else to ring. */
export type WithoutContacts = (patient: Fragment) => Fragment;

/** How records are shown of which something is left out, or known by another name. */
export interface Redacting {
  /** A copy for everybody but the owner: versions are numbered, and a number that is missing would tell. */
  readonly withOpaqueVersion?: WithOpaqueVersion;
  readonly redact: Redact;
  readonly unlink: Unlink;
  readonly withoutContacts: WithoutContacts;
}

/** Types that tell where a person is, or who lives with them. */
const TELLING: ReadonlySet<string> = new Set(['Patient', 'RelatedPerson']);

/** Leaves out where the person is: whatever any contributor tells of it. */
const leaveOutWhereabouts: Redact = ({ folds }, practices) => {
  const bodies = folds.flatMap(({ fragments }) =>
    [...fragments.values()].flatMap((fragment) => (TELLING.has(fragment.type) ? (fragment.body ?? []) : [])),
  );
  const whereabouts = whereaboutsOf(bodies, practices);
  return (fragment) => redactedFragment(fragment, whereabouts);
};

const references = new WeakMap<Fragment, readonly string[]>();

/** Found in the text of a fragment once. */
function referencesOf(fragment: Fragment): readonly string[] {
  let found = references.get(fragment);
  if (found === undefined) {
    found = fragmentsReferredTo(fragment.body ?? '');
    references.set(fragment, found);
  }
  return found;
}

const leaveOutReferences: Unlink = (shown, fragment, isHidden) => {
  const hidden = referencesOf(fragment).filter((id) => isHidden(parseLogicalId(id)!));
  return hidden.length === 0 ? shown : withBody(shown, (body) => withoutReferences(body, new Set(hidden)));
};

const leaveOutContacts: WithoutContacts = (patient) =>
  withBody(patient, (body) => {
    const { contact: _contact, ...told } = parseJson(Buffer.from(body)) as Readonly<Record<string, unknown>>;
    return JSON.stringify(told);
  });

/** A copy with another body, made when it is first asked for. */
function withBody(fragment: Fragment, change: (body: string) => string): Fragment {
  const { body: _body, ...told } = Object.getOwnPropertyDescriptors(fragment);
  let changed: string | undefined;
  return Object.defineProperties({} as Fragment, {
    ...told,
    body: {
      enumerable: true,
      get: () => (changed ??= fragment.body === undefined ? undefined : change(fragment.body)),
    },
  });
}

/** They know all of FHIR's elements, so only functions that show bodies have them. */
export const REDACTING: Redacting = {
  redact: leaveOutWhereabouts,
  unlink: leaveOutReferences,
  withoutContacts: leaveOutContacts,
};
