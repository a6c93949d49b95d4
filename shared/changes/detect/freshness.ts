import { DAY_MS, spanOf } from '../../access/facts/spans.ts';
import type { Contribution } from '../../record/contribution.ts';
import type { Fold } from '../../record/fold.ts';
import type { Looked } from './look.ts';
import type { Path } from './paths.ts';

/** For so long after a source's first word about a person, what it tells counts as what it has always known. */
const FIRST_LOAD_MS = DAY_MS;

/** A source that tells of no more than this at first is somebody who has just met the person, not a system that hands over its records. */
const FEW_FRAGMENTS = 20;

/** When something is too old to be news. */
export interface Age {
  readonly freshDays?: number;
  readonly alwaysFresh?: boolean;
  readonly dated: readonly Path[];
}

/** Says whether what a version tells is news, by when it happened. */
export type Freshness = (looked: Looked, age: Age) => boolean;

/**
 * What happened long ago is no news. Of what holds until it ends (an allergy, a plan), that counts only while a source hands over what it has always
 * known: told later, it is new to everybody. What bears no date is news, unless it comes with many others in a first load.
 */
export function createFreshness(contribution: Contribution, folds: readonly Fold[]): Freshness {
  const recordedMs = Date.parse(contribution.recordedAt);
  let known: Load | undefined;
  return (looked, { freshDays, alwaysFresh = false, dated }) => {
    if (freshDays === undefined) return true;
    known ??= loadOf(contribution, folds, recordedMs);
    const happenedMs = happened(looked, dated);
    if (happenedMs === undefined) return !known.isMuch;
    return happenedMs >= recordedMs - freshDays * DAY_MS || !(alwaysFresh || known.isFirst);
  };
}

interface Load {
  /** The source begins to tell of the person … */
  readonly isFirst: boolean;
  /** … and has much to tell. */
  readonly isMuch: boolean;
}

function loadOf({ contributor, fragments }: Contribution, folds: readonly Fold[], recordedMs: number): Load {
  let count = fragments.length;
  let firstMs = recordedMs;
  for (const fold of folds) {
    if (!fold.contributors.has(contributor)) continue;
    for (const { owner, recordedAt } of fold.fragments.values()) {
      if (owner !== contributor) continue;
      count++;
      firstMs = Math.min(firstMs, Date.parse(recordedAt));
    }
  }
  const isFirst = recordedMs - firstMs < FIRST_LOAD_MS;
  return { isFirst, isMuch: isFirst && count > FEW_FRAGMENTS };
}

/** The end of the first date that says something: `2026-11` may be any day of November. */
function happened(looked: Looked, dated: readonly Path[]): number | undefined {
  for (const path of dated) {
    for (const value of path(looked)) {
      const span = typeof value === 'string' ? spanOf(value) : undefined;
      if (span !== undefined) return span.untilMs;
    }
  }
  return undefined;
}
