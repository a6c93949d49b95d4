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
    grounds = [...fold.fragments.values()].filter(mayGive).flatMap(groundsOfFragment);
    groundsOfFold.set(fold, grounds);
  }
  return grounds;
}

/** Most fragments give none: told without a list for each. */
const mayGive = ({ grounds, type }: Fragment): boolean => grounds !== undefined || type === 'Patient';

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

/**
 * When a reason not to see stands. What cannot be read as a date bounds nothing, and no more do two of which the end comes first: a restriction is never lost to a slip
 * of the pen.
 */
export function restrictionSpan({ from, to }: Ground): Span {
  const fromMs = (from === undefined ? undefined : spanOf(from)?.fromMs) ?? Number.NEGATIVE_INFINITY;
  const untilMs = (to === undefined ? undefined : spanOf(to)?.untilMs) ?? Number.POSITIVE_INFINITY;
  return fromMs <= untilMs ? { fromMs, untilMs } : UNKNOWN;
}

/**
 * When a reason to see stands: dates are read as the widest span that they may mean. What cannot be read as a date is no reason.
 * @returns `undefined` where it never stands
 */
export function reasonSpan({ from, to, fragment }: GivenGround, terms: RelationshipTerms): Span | undefined {
  const [begins, ends] = [from === undefined ? UNKNOWN : spanOf(from), to === undefined ? UNKNOWN : spanOf(to)];
  if (begins === undefined || ends === undefined) return undefined;
  const fromMs = begins.fromMs - terms.beforeDays * DAY_MS;
  const { atMostDays = Number.POSITIVE_INFINITY, afterDays } = terms;
  const toldMs = Date.parse(fragment.recordedAt);
  // Of what has no date at all is known that it had begun when it was told.
  const openMs = (from === undefined ? toldMs : begins.untilMs) + atMostDays * DAY_MS;
  if (to === undefined) return { fromMs, untilMs: openMs };
  const untilMs = ends.untilMs + afterDays * DAY_MS;
  // An end that was still to come when it was told is a plan, and may be a slip of the pen: it holds nothing open for longer than no end does.
  return { fromMs, untilMs: ends.untilMs <= toldMs ? untilMs : Math.min(untilMs, openMs + afterDays * DAY_MS) };
}

const UNKNOWN: Span = { fromMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY };
