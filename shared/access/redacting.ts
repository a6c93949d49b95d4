import { redactedFragment } from '../fhir/whereabouts/fragment.ts';
import { whereaboutsOf } from '../fhir/whereabouts/words.ts';
import type { Fragment, PersonRecord } from '../record/fold.ts';

/**
 * Makes the copies in which the record of a restricted person is shown.
 * @param practices names of the practices with which the person is, or was, registered
 */
export type Redact = (record: PersonRecord, practices: readonly string[]) => (fragment: Fragment) => Fragment;

/** Types that tell where a person is, or who lives with them. */
const TELLING: ReadonlySet<string> = new Set(['Patient', 'RelatedPerson']);

/** Leaves out where the person is: whatever any contributor tells of it. It knows all of FHIR's elements, so only functions that show bodies have it. */
export const leaveOutWhereabouts: Redact = ({ folds }, practices) => {
  const bodies = folds.flatMap(({ fragments }) =>
    [...fragments.values()].flatMap(({ type, body }) => (TELLING.has(type) && body !== undefined ? [body] : [])),
  );
  const whereabouts = whereaboutsOf(bodies, practices);
  return (fragment) => redactedFragment(fragment, whereabouts);
};
