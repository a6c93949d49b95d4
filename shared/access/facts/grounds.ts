import type { Ground, GroundKind } from '../../record/contribution.ts';
import type { Fold, Fragment, PersonRecord } from '../../record/fold.ts';
import type { RelationshipTerms } from '../relationships.ts';
import { DAY_MS, type Span, spanOf } from './spans.ts';

/** A ground with the fragment that gives it. */
export interface GivenGround extends Ground {
  readonly fragment: Fragment;
}

const groundsOfFold = new WeakMap<Fold, readonly GivenGround[]>();

/** Every ground that a record gives now, those of all linked folds; what has been retracted gives none. */
export const groundsOf = ({ folds }: PersonRecord): readonly GivenGround[] => folds.flatMap(groundsIn);

function groundsIn(fold: Fold): readonly GivenGround[] {
  let grounds = groundsOfFold.get(fold);
  if (grounds === undefined) {
    grounds = [...fold.fragments.values()].flatMap(groundsOfFragment);
    groundsOfFold.set(fold, grounds);
  }
  return grounds;
}

function groundsOfFragment(fragment: Fragment): readonly GivenGround[] {
  if (fragment.action === 'retracted') return [];
  const { grounds, type, codes } = fragment;
  if (grounds !== undefined) return grounds.map((ground) => ({ ...ground, fragment }));
  // Manifests that were written before there were grounds tell the practices of a Patient by its codes.
  return type === 'Patient' && codes.length > 0 ? [{ kind: 'registered-practice', names: codes, fragment }] : [];
}

/** Of one kind. */
export const groundsOfKind = (record: PersonRecord, kind: GroundKind): readonly GivenGround[] =>
  groundsOf(record).filter((ground) => ground.kind === kind);

/** When a reason not to see stands. What cannot be read as a date bounds nothing: a restriction is never lost to a slip of the pen. */
export const restrictionSpan = ({ from, to }: Ground): Span => ({
  fromMs: (from === undefined ? undefined : spanOf(from)?.fromMs) ?? Number.NEGATIVE_INFINITY,
  untilMs: (to === undefined ? undefined : spanOf(to)?.untilMs) ?? Number.POSITIVE_INFINITY,
});

/**
 * When a reason to see stands: dates are read as the widest span that they may mean. What cannot be read as a date is no reason.
 * @returns `undefined` where it never stands
 */
export function reasonSpan({ from, to, fragment }: GivenGround, terms: RelationshipTerms): Span | undefined {
  const [begins, ends] = [from === undefined ? UNKNOWN : spanOf(from), to === undefined ? UNKNOWN : spanOf(to)];
  if (begins === undefined || ends === undefined) return undefined;
  const fromMs = begins.fromMs - terms.beforeDays * DAY_MS;
  if (to !== undefined) return { fromMs, untilMs: ends.untilMs + terms.afterDays * DAY_MS };
  if (terms.atMostDays === undefined) return { fromMs, untilMs: Number.POSITIVE_INFINITY };
  // Of what has no date at all is known that it had begun when it was told.
  const begunMs = from === undefined ? Date.parse(fragment.recordedAt) : begins.untilMs;
  return { fromMs, untilMs: begunMs + terms.atMostDays * DAY_MS };
}

const UNKNOWN: Span = { fromMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY };
