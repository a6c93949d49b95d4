import type { Contribution } from '../../record/contribution.ts';
import type { Fold } from '../../record/fold.ts';
import { createFreshness, type Freshness } from './freshness.ts';
import { createIsSeenWith, keyOf, type Looked, look } from './look.ts';
import { createOthers, type Others } from './others.ts';
import { createPersonChanges, type PersonChanges } from './person-changes.ts';

/** What detection needs to know of a contribution and of the record around it. Whatever costs something is looked up once it is needed. */
export interface Scene {
  readonly contribution: Contribution;
  readonly others: Others;
  readonly isFresh: Freshness;
  readonly person: PersonChanges;
  /** The key of a fragment of the contribution. */
  readonly keyAt: (index: number) => string;
  /** A version of the contribution, parsed. */
  readonly now: (index: number) => Looked;
  /** What stood before a version: in the record, or earlier in the contribution. */
  readonly before: (index: number) => Looked | undefined;
}

export function createScene(step: {
  readonly contribution: Contribution;
  readonly before: Fold;
  readonly after: Fold;
  readonly linked: readonly Fold[];
}): Scene {
  const { contribution, before, linked } = step;
  const { fragments, bodies, subject } = contribution;
  const standing = [before, ...linked];
  const looked: Looked[] = [];
  const previous = previousOf(contribution);
  const now = (index: number): Looked => {
    looked[index] ??= look(fragments[index]!, bodies[index]);
    return looked[index];
  };
  const isSeenWith = createIsSeenWith([step.after, ...linked], contribution.recordedAt);
  const isFresh = createFreshness(contribution, standing);
  return {
    contribution,
    others: createOthers(standing, contribution.contributor, isSeenWith),
    isFresh,
    person: createPersonChanges(step, { isFresh, isSeenWith }),
    keyAt: (index) => keyOf({ subject, fragmentId: fragments[index]!.fragmentId }),
    now,
    before: (index) => {
      const earlier = previous(index);
      if (earlier !== undefined) return now(earlier);
      const fragment = before.fragments.get(fragments[index]!.fragmentId);
      return fragment && look(fragment, fragment.body);
    },
  };
}

/** Two versions of one fragment in one contribution follow one another. */
function previousOf({ fragments }: Contribution): (index: number) => number | undefined {
  const last = new Map<string, number>();
  const previous = fragments.map(({ fragmentId, action }, index) => {
    const earlier = last.get(fragmentId);
    if (action !== 'late') last.set(fragmentId, index);
    return earlier;
  });
  return (index) => previous[index];
}
