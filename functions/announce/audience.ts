import type { Access } from '../../shared/access/access.ts';
import type { Change } from '../../shared/changes/changes.ts';
import type { AddressedChange } from '../../shared/changes/envelope.ts';
import type { Fold, Fragment, PersonRecord } from '../../shared/record/fold.ts';

/** The record of a person before and after a contribution. */
export interface Step {
  readonly before: Fold;
  readonly after: Fold;
  /** Folds that are, or until now were, read together with it. */
  readonly linked: readonly Fold[];
}

/**
 * Who may hear of each change: every organisation that may see the fragment now, and every one that could until now. So the
 * practice that a person leaves hears of it as the new one does, and a retraction reaches whoever saw what it retracts.
 * Of a person who is, or until now was, restricted, nobody hears who contributed.
 * @param at the instant for which access is decided.
 */
export function addressChanges(changes: readonly Change[], step: Step, access: Access, at: string): readonly AddressedChange[] {
  const { before, after, linked } = step;
  const listeners = (record: PersonRecord) => (fragment: Fragment) => access.audience(record, fragment, at);
  const standing = { personId: after.subject, folds: [after, ...linked] };
  const former = { personId: before.subject, folds: [before, ...linked] };
  const [now, until] = [listeners(standing), listeners(former)];
  const isRestricted = [standing, former].some((record) => access.isRestricted(record, at));
  const everybody = () =>
    union(
      [after, before, ...linked].flatMap(({ fragments }) => [...fragments.values()]).flatMap((one) => [now(one), until(one)]),
    );
  return changes.map((change) => {
    if (!('fragment' in change)) return { change, audience: everybody(), isRestricted };
    const { fragmentId } = change.fragment;
    const [current, previous] = [after.fragments.get(fragmentId), before.fragments.get(fragmentId)];
    return { change, audience: union([current ? now(current) : [], previous ? until(previous) : []]), isRestricted };
  });
}

const union = (lists: readonly (readonly string[])[]): readonly string[] => [...new Set(lists.flat())].sort();
