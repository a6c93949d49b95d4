import type { Access } from '../../shared/access/access.ts';
import { classKey } from '../../shared/access/facts/classes.ts';
import type { Change } from '../../shared/changes/changes.ts';
import { closesRecord } from '../../shared/changes/closing.ts';
import { type AddressedChange, fragmentOf, takesBack } from '../../shared/changes/envelope.ts';
import type { Fold, Fragment, PersonRecord } from '../../shared/record/fold.ts';
import { readTogether } from '../../shared/record/linking.ts';
import { isPlain, practicesThen, sectionsThen, toldBefore } from './before.ts';
import type { Moment } from './history.ts';

/** The record of a person before and after a contribution. */
export interface Step {
  readonly before: Fold;
  readonly after: Fold;
  /** Folds that are, or until now were, read together with it. */
  readonly linked: readonly Fold[];
}

/** A step as those who decide look at it. */
interface Looked {
  readonly standing: PersonRecord;
  readonly former: PersonRecord;
  readonly moments: readonly Moment[];
  readonly access: Access;
  readonly at: string;
}

/**
 * Who may hear of each change: every organisation that may see the fragment now and, of what it may know without seeing it, every one that could until now. So
 * the practice that a person leaves hears of it as the new one does. What takes something back reaches everybody who could see that as it stood, however long
 * ago. Of a person who is, or until now was, restricted, nobody hears who contributed.
 * @param moments of the record, where something is taken back
 * @param at the instant for which access is decided.
 */
export function addressChanges(
  changes: readonly Change[],
  { before, after, linked }: Step,
  moments: readonly Moment[],
  access: Access,
  at: string,
): readonly AddressedChange[] {
  const standing = { personId: after.subject, folds: readTogether(after, linked) };
  const former = { personId: before.subject, folds: readTogether(before, linked) };
  const looked = { standing, former, moments, access, at };
  const isRestricted = [standing, former].some((record) => access.isRestricted(record, at));
  const practices = union([access.practices(standing, at), access.practices(former, at)]);
  return changes.map((change) => {
    const { now, until } = listenersOf(change, looked);
    return {
      change,
      audience: union([now, until]),
      formerly: until,
      isRestricted,
      otherIds: linked.map(({ subject }) => subject).sort(),
      sections: takesBack(change) ? sectionsThen(change, moments) : [],
      practices: takesBack(change) ? union([practices, practicesThen(change, moments, access)]) : practices,
      kind: kindOf(change, looked),
    };
  });
}

/** Who may hear because they may see it, and who because they could. */
function listenersOf(change: Change, looked: Looked): { readonly now: readonly string[]; readonly until: readonly string[] } {
  const { standing, former, moments, access, at } = looked;
  const { current, previous } = versionsOf(change, looked);
  const isWhole = fragmentOf(change) === undefined;
  const now = isWhole || current !== undefined ? access.audience(standing, current, at) : [];
  const could = [
    isWhole || previous !== undefined ? access.audience(former, previous, at) : [],
    takesBack(change) ? toldBefore(change, moments, access) : [],
  ];
  const told = { formerly: true, closes: closesRecord(change.name), ...(current === undefined ? {} : { fragment: current }) };
  const may = (organisation: string) => !now.includes(organisation) && access.hears(organisation, standing, told, at);
  return { now, until: union(could).filter(may) };
}

function versionsOf(change: Change, { standing, former }: Looked): { readonly current?: Fragment; readonly previous?: Fragment } {
  const fragment = fragmentOf(change);
  if (fragment === undefined) return {};
  const [current, previous] = [standing, former].map(({ folds }) => folds[0]!.fragments.get(fragment.fragmentId));
  return { ...(current && { current }), ...(previous && { previous }) };
}

/** Fragments that are not sensitive go to the same organisations, whatever they are about; others to those of their class. What takes something back goes its own way. */
function kindOf(change: Change, looked: Looked): string {
  const fragment = fragmentOf(change);
  if (fragment === undefined) return 'person';
  if (takesBack(change)) return `back ${change.name} ${fragment.fragmentId}`;
  const { current, previous } = versionsOf(change, looked);
  return [current, previous].map((one) => (one === undefined ? 'none' : sensitivityOf(one))).join('\n');
}

const sensitivityOf = (fragment: Fragment): string => (isPlain(fragment) ? 'plain' : classKey(fragment));

const union = (lists: readonly (readonly string[])[]): readonly string[] => [...new Set(lists.flat())].sort();
