import type { ClassDecision, View } from '../../../shared/access/access.ts';
import type { Grant } from '../../../shared/access/grants.ts';
import type { Viewer } from '../../../shared/access/viewer.ts';
import type { Steps } from '../../../shared/concurrency/steps.ts';
import type { Fragment, PersonRecord } from '../../../shared/record/fold.ts';
import type { Sight } from '../../../shared/record/seen-versions.ts';
import type { PersonMoment } from '../../../shared/store/record.ts';
import type { ServeDependencies, ServeRequest } from '../context.ts';
import { type NumberedMoment, numbersTaken, recordAt } from './moments.ts';
import type { Asked } from './reach.ts';

/** One look at one person's record. What a door answers is made of `visible` and of what `show` gives, and of nothing else of the record. */
export interface Look {
  /** The person shown; for a person who is not known, the id that was asked for. */
  readonly personId: string;
  /** The record as it was asked for: as it is now, or as of a moment. */
  readonly record: PersonRecord;
  /** False where a moment was asked for by a number that is not taken from the caller: then nothing is visible. */
  readonly hasMoment: boolean;
  /** The record as it is now. */
  readonly current: PersonRecord;
  /** What the policies let the caller see of the record as it is now. */
  readonly view: View;
  /** What of `record` may be seen, as it may be seen, by the policies and by the scopes; retracted fragments included. */
  readonly visible: readonly Fragment[];
  /** A version of a fragment as it may be seen, if it may. */
  show(version: Fragment): Fragment | undefined;
  /** What was decided of each class so far, those of old versions that were asked for included. */
  readonly decisions: Readonly<Record<string, ClassDecision>>;
  /** What lets the caller look on their own word. */
  readonly grants: readonly Grant[];
}

/** A state of the record that is asked for. */
export type Moment = PersonMoment | NumberedMoment;

/**
 * Opens a record for somebody.
 * What may be seen is always decided by the record as it is now: a moment in the past shows no more than its fragments that may be seen today,
 * and none of a person who has been unlinked since.
 * @param asked which interaction the scopes have to allow
 */
export async function openRecord(
  dependencies: ServeDependencies,
  { caller, at, reach, work }: ServeRequest,
  personId: string,
  asked: Asked,
  moment?: Moment,
): Promise<Look> {
  const { store, access } = dependencies;
  const [current, grants] = await recordAndGrants(dependencies, caller, at, personId);
  const view = await work.run(access.viewInSteps(caller, current, at, grants));
  // What is still to come is not known: an instant that has not passed is now.
  const isNow = moment === undefined || ('instant' in moment && moment.instant >= at);
  const decisions: Record<string, ClassDecision> = { ...view.decisions };
  const shown = (version: Fragment) => {
    note(decisions, view, version);
    return view.show(version);
  };
  const sight: Sight = {
    sees: (version) => {
      note(decisions, view, version);
      return view.sees(version);
    },
    seesFragment: (version) => view.sees(findFragment(current, version) ?? version),
  };
  const takes = numbersTaken(dependencies, { caller, at }, view);
  const then = isNow ? current : await recordAt({ store, personId, current, sight, takes }, moment);
  const covers = (fragment: Fragment) => reach.covers(fragment, asked);
  const narrowed = then === current ? reach.narrow(view.fragments, asked) : visibleThen(then, shown, covers);
  return {
    personId: current.personId,
    record: then ?? { personId: current.personId, folds: [] },
    hasMoment: then !== undefined,
    current,
    view,
    visible: await work.run(narrowed),
    show: (version) => {
      const now = findFragment(current, version);
      // A fragment that the scopes no longer cover has no history for them either.
      const isCovered = now === undefined || now === version || showsCovered(view, now, covers);
      const seen = isCovered ? shown(version) : undefined;
      return seen !== undefined && covers(seen) ? seen : undefined;
    },
    decisions,
    grants,
  };
}

const showsCovered = (view: View, fragment: Fragment, covers: (fragment: Fragment) => boolean): boolean => {
  const seen = view.show(fragment);
  return seen !== undefined && covers(seen);
};

/** Only staff look on their own word. Both reads go at once; a merged person's other ids are known once the record is. */
async function recordAndGrants(
  { store, grants }: ServeDependencies,
  viewer: Viewer,
  at: string,
  personId: string,
): Promise<readonly [PersonRecord, readonly Grant[]]> {
  if (viewer.staff === undefined) return [await store.person(personId), []];
  const [record, own] = await Promise.all([store.person(personId), grants([personId], viewer, at)]);
  const others = record.folds.map(({ subject }) => subject).filter((subject) => subject !== personId);
  return [record, others.length === 0 ? own : [...own, ...(await grants(others, viewer, at))]];
}

function* visibleThen(
  then: PersonRecord | undefined,
  show: (fragment: Fragment) => Fragment | undefined,
  covers: (fragment: Fragment) => boolean,
): Steps<readonly Fragment[]> {
  const visible: Fragment[] = [];
  for (const { fragments } of then?.folds ?? []) {
    for (const fragment of fragments.values()) {
      yield 1;
      const seen = show(fragment);
      if (seen !== undefined && covers(seen)) visible.push(seen);
    }
  }
  return visible;
}

/**
 * Notes what was decided of a class that no current fragment is of. A version whose fragment is withheld as a whole says nothing of its class, and one that is shown as it is
 * does not say that nothing would be left out of others.
 */
function note(decisions: Record<string, ClassDecision>, view: View, version: Fragment) {
  const key = view.classOf(version);
  if (key in view.decisions) return;
  const decided = view.decisionOf(version);
  if (RANK.indexOf(decided) > RANK.indexOf(decisions[key] ?? 'withheld') || decisions[key] === undefined)
    decisions[key] = decided;
}

const RANK: readonly ClassDecision[] = ['withheld', 'shown', 'redacted'];

/** Sequence number of each partition of a record. */
export const sequencesOf = (record: PersonRecord): Readonly<Record<string, number>> =>
  Object.fromEntries(record.folds.map(({ subject, sequence }) => [subject, sequence]));

/** Every version of these fragments up to the state of the record that was opened, newest first: what came since was not decided on. */
export async function versionsUntil(
  { store }: ServeDependencies,
  { current }: Look,
  subject: string,
  fragmentIds: ReadonlySet<string>,
): Promise<readonly Fragment[]> {
  const upTo = current.folds.find((fold) => fold.subject === subject)?.sequence ?? 0;
  return (await store.versionsOfAll(subject, fragmentIds)).filter(({ sequence }) => sequence <= upTo);
}

/** How many fragments of each class there are, as access notes it. */
export function countByClass({ view }: Pick<Look, 'view'>, fragments: Iterable<Fragment>): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const fragment of fragments) {
    const key = view.classOf(fragment);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** The current version of a fragment in a record, whether or not it may be seen. */
export const findFragment = (
  record: PersonRecord,
  { subject, fragmentId }: { readonly subject: string; readonly fragmentId: string },
): Fragment | undefined => record.folds.find((fold) => fold.subject === subject)?.fragments.get(fragmentId);
