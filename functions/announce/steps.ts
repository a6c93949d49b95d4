import type { Step } from '../../shared/changes/changes.ts';
import type { Contribution } from '../../shared/record/contribution.ts';
import { emptyFold, type Fold, foldContribution } from '../../shared/record/fold.ts';
import type { RecordStore } from '../../shared/store/record.ts';

/** Fragments held in memory over all remembered folds: about 60 MB with their bodies. */
const MAX_FRAGMENTS = 40_000;

/** Tells what the record was before a contribution and is after it, and gives the contribution with its bodies. */
export type Steps = (contribution: Contribution) => Promise<Step>;

/**
 * Follows records as their contributions go by. A stream hands a person's contributions over in order, so the fold after one is
 * the fold before the next and only the first is read.
 */
export function createSteps(store: Pick<RecordStore, 'foldAt' | 'person' | 'contributions'>): Steps {
  const folds = createFolds();

  async function before({ subject, sequence }: Contribution): Promise<Fold> {
    if (sequence === 1) return emptyFold(subject);
    const known = folds.take(subject);
    return known?.sequence === sequence - 1 ? known : store.foldAt(subject, { sequence: sequence - 1 });
  }

  return async (streamed) => {
    const standing = await before(streamed);
    const contribution = hasBodies(streamed) ? streamed : await wholeOf(store, streamed);
    const after = foldContribution(standing, contribution);
    folds.keep(after);
    return { contribution, before: standing, after, linked: await linkedFolds(store, standing, after) };
  };
}

const hasBodies = ({ fragments, bodies }: Contribution): boolean =>
  fragments.every(({ action }, index) => action === 'retracted' || bodies[index] !== undefined);

/** A stream hands over the first item of a contribution; the bodies of a large one go on in others. */
async function wholeOf(store: Pick<RecordStore, 'contributions'>, { subject, sequence }: Contribution): Promise<Contribution> {
  for await (const contribution of store.contributions(subject, sequence - 1))
    if (contribution.sequence === sequence) return contribution;
  throw new Error('a contribution that was streamed is not in the log');
}

/** The other folds of the person, with those that were so until this contribution. */
async function linkedFolds(store: Pick<RecordStore, 'person'>, before: Fold, after: Fold): Promise<readonly Fold[]> {
  const persons = new Set([...before.links.keys(), ...after.links.keys()]);
  const records = await Promise.all([...persons].map((person) => store.person(person)));
  const folds = new Map(records.flatMap((record) => record.folds).map((fold) => [fold.subject, fold]));
  folds.delete(after.subject);
  return [...folds.values()];
}

/** The last folds, the least recently used forgotten first. */
function createFolds() {
  const folds = new Map<string, Fold>();
  let fragments = 0;
  const take = (subject: string): Fold | undefined => {
    const fold = folds.get(subject);
    if (fold === undefined) return undefined;
    folds.delete(subject);
    fragments -= fold.fragments.size;
    return fold;
  };
  return {
    take,
    keep: (fold: Fold) => {
      take(fold.subject);
      folds.set(fold.subject, fold);
      fragments += fold.fragments.size;
      for (const subject of folds.keys()) {
        if (fragments <= MAX_FRAGMENTS) break;
        take(subject);
      }
    },
  };
}
