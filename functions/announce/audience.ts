import type { Access } from '../../shared/access/access.ts';
import { classKey } from '../../shared/access/facts.ts';
import type { Change } from '../../shared/changes/changes.ts';
import type { AddressedChange } from '../../shared/changes/envelope.ts';
import type { Fold, Fragment } from '../../shared/record/fold.ts';

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
 * Decided once per class of fragments, not once per fragment.
 * @param at the instant for which access is decided.
 */
export function addressChanges(changes: readonly Change[], step: Step, access: Access, at: string): readonly AddressedChange[] {
  const { before, after, linked } = step;
  const now = listenersOf({ personId: after.subject, folds: [after, ...linked] }, access, at);
  const until = listenersOf({ personId: before.subject, folds: [before, ...linked] }, access, at);
  const everybody = () =>
    union([after, before, ...linked].flatMap(onePerClass).flatMap((fragment) => [now(fragment), until(fragment)]));
  return changes.map((change) => {
    if (!('fragment' in change)) return { change, audience: everybody() };
    const { fragmentId } = change.fragment;
    const [current, previous] = [after.fragments.get(fragmentId), before.fragments.get(fragmentId)];
    return { change, audience: union([current ? now(current) : [], previous ? until(previous) : []]) };
  });
}

/** The organisations that may hear of a fragment of a record, remembered by its class. */
function listenersOf(record: Parameters<Access['audience']>[0], access: Access, at: string) {
  const known = new Map<string, readonly string[]>();
  return (fragment: Fragment): readonly string[] => {
    const key = classKey(fragment);
    let audience = known.get(key);
    if (audience === undefined) {
      audience = access.audience(record, fragment, at);
      known.set(key, audience);
    }
    return audience;
  };
}

const onePerClass = ({ fragments }: Fold): Fragment[] => [
  ...new Map([...fragments.values()].map((fragment) => [classKey(fragment), fragment])).values(),
];

const union = (lists: readonly (readonly string[])[]): readonly string[] => [...new Set(lists.flat())].sort();
