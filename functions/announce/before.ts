import type { Access } from '../../shared/access/access.ts';
import { markingsOf } from '../../shared/access/markings.ts';
import type { Change } from '../../shared/changes/changes.ts';
import { fragmentOf } from '../../shared/changes/envelope.ts';
import type { Fragment } from '../../shared/record/fold.ts';
import type { Moment } from './history.ts';

/**
 * For how long what was told of the person, and not of what happened to them, is taken back. Demographics stand for a life: the practice of twenty years ago
 * need not hear today that a death was an error.
 */
const TOLD_OF_PERSON_MS = 400 * 86_400_000;

/** Every organisation that could see what a change takes back, at any moment in which it stood: by the relationships and the labels of then. */
export function toldBefore(change: Change, moments: readonly Moment[], access: Access): readonly string[] {
  const fragmentId = fragmentOf(change)?.fragmentId;
  const heard = standingOf(change, moments).flatMap(({ record, from, until }) => {
    const fragment = fragmentId === undefined ? undefined : record.folds[0]!.fragments.get(fragmentId);
    return [from, lastOf(until)].flatMap((instant) => access.audience(record, fragment, instant));
  });
  return [...new Set(heard)];
}

/** The practices with which the person was registered while it stood. */
export const practicesThen = (change: Change, moments: readonly Moment[], access: Access): readonly string[] => [
  ...new Set(standingOf(change, moments).flatMap(({ record, from }) => access.practices(record, from))),
];

/** The sections in which it stood, but for those that not everybody who is told may know it was in. */
export const sectionsThen = (change: Change, moments: readonly Moment[]): readonly string[] => {
  const fragmentId = fragmentOf(change)?.fragmentId ?? '';
  const versions = standingOf(change, moments).flatMap(({ record }) => record.folds[0]!.fragments.get(fragmentId) ?? []);
  return [...new Set(versions.filter(isPlain).map(({ section }) => section))];
};

/** Whether nothing makes it sensitive by itself: then it is no secret that it is there, to whoever sees the rest. */
export const isPlain = (fragment: Fragment): boolean => fragment.section !== 'safeguarding' && markingsOf(fragment).length === 0;

/** The moments in which a change's fragment stood; of the person, the latest ones. */
function standingOf(change: Change, moments: readonly Moment[]): readonly Moment[] {
  const fragment = fragmentOf(change);
  const isOfPerson = fragment === undefined || fragment.section === 'demographics';
  const sinceMs = isOfPerson ? Date.parse(change.recordedAt) - TOLD_OF_PERSON_MS : Number.NEGATIVE_INFINITY;
  return moments.filter(({ record, until }) => {
    const then = fragment === undefined ? undefined : record.folds[0]!.fragments.get(fragment.fragmentId);
    const stood = fragment === undefined || (then !== undefined && then.action !== 'retracted');
    return stood && Date.parse(until) >= sinceMs;
  });
}

/** The last millisecond of a moment: by then a relationship may have begun that stood only after its beginning. */
const lastOf = (until: string): string => new Date(Date.parse(until) - 1).toISOString();
