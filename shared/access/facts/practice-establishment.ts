import type { RecordedRuling } from '../../record/rulings.ts';
import type { Speaker } from '../assertions/speaker.ts';
import type { PracticeStatement } from './practice-statements.ts';
import { DAY_MS } from './spans.ts';

/** A moment at which a practice comes to be the one, and on whose word. */
export interface Establishment {
  readonly practice: string;
  readonly atMs: number;
  /** From when it counts, which for a registration that began earlier may be before it was confirmed. */
  readonly fromMs: number;
  /** When the practice ended it itself. */
  readonly untilMs: number;
  /** `settled`: nobody contested the claim in time. */
  readonly level: 'confirmed' | 'settled';
}

/** A moment at which somebody whose word outranks every claim says that a practice is not the one. */
export interface Refusal {
  readonly practice: string;
  readonly atMs: number;
}

/** By what rules a practice is established. */
export interface PracticeTerms {
  /** Whether a speaker's word takes effect, as the policies say. */
  readonly asserts: (fact: 'practice-claim' | 'practice' | 'practice-by-silence', speaker: Partial<Speaker>) => boolean;
  /** Days after which a claim that nobody contests is settled. */
  readonly uncontestedDays: number;
}

/** Every moment at which a practice was established, in order; of those at one instant, what was confirmed is last and so counts. */
export function establishments(
  statements: readonly PracticeStatement[],
  rulings: readonly RecordedRuling[],
  terms: PracticeTerms,
): readonly Establishment[] {
  const evidence = [...traced(statements, terms), ...ruled(statements, rulings, terms)];
  const first = withoutRepeats(inOrder([...evidence, ...settled(statements, evidence, rulings, terms)]));
  return inOrder([...first, ...endedByEarlier(statements, first, terms)]);
}

/** What is settled adds nothing where the practice is the one already. */
const withoutRepeats = (events: readonly Establishment[]): readonly Establishment[] =>
  events.filter(({ practice, level }, index) => level === 'confirmed' || events[index - 1]?.practice !== practice);

const inOrder = (events: readonly Establishment[]): readonly Establishment[] =>
  events.toSorted(
    (one, other) => one.atMs - other.atMs || (one.level === 'settled' ? -1 : 1) - (other.level === 'settled' ? -1 : 1),
  );

function establishment(
  practice: string,
  statements: readonly PracticeStatement[],
  atMs: number,
  level: Establishment['level'],
): Establishment {
  return { practice, atMs, fromMs: atMs, untilMs: ownEnd(practice, statements, atMs), level };
}

/** When a practice stated the end of its registration itself, after an instant; never, while it states that it goes on, or states nothing. */
function ownEnd(practice: string, statements: readonly PracticeStatement[], afterMs: number): number {
  const own = statements.filter((statement) => statement.practice === practice && statement.isOwn);
  const endMs = Math.max(...own.map(({ endedMs }) => endedMs));
  return own.length === 0 || endMs < afterMs ? Number.POSITIVE_INFINITY : endMs;
}

/** Practices that a tracing source names. That it stops naming one says nothing: it leaves the practice of a restricted person out. */
const traced = (statements: readonly PracticeStatement[], { asserts }: PracticeTerms): readonly Establishment[] =>
  statements
    .filter(({ traces, isOwn }) => asserts('practice', { traces, aboutItself: isOwn }))
    .map(({ practice, recordedMs, span }) => ({
      ...establishment(practice, statements, recordedMs, 'confirmed'),
      fromMs: Math.min(recordedMs, span.fromMs),
    }));

/** Practices that the person, or the records office of the lead, has confirmed. */
const ruled = (
  statements: readonly PracticeStatement[],
  rulings: readonly RecordedRuling[],
  { asserts }: PracticeTerms,
): readonly Establishment[] =>
  rulings
    .filter(({ decision, by }) => decision === 'confirmed' && asserts('practice', { kind: speakerOf(by) }))
    .map(({ about, recordedAt }) => establishment(about, statements, Date.parse(recordedAt), 'confirmed'));

const speakerOf = (by: RecordedRuling['by']): Speaker['kind'] =>
  by === 'person' || by === 'records-office' ? by : 'organisation';

/** Claims that stood for long enough and that nobody contested: neither by a ruling, nor by a tracing source that named another since. */
function settled(
  statements: readonly PracticeStatement[],
  evidence: readonly Establishment[],
  rulings: readonly RecordedRuling[],
  { asserts, uncontestedDays }: PracticeTerms,
): readonly Establishment[] {
  return statements.flatMap((statement) => {
    const { practice, recordedMs, endedMs } = statement;
    const atMs = recordedMs + uncontestedDays * DAY_MS;
    const contested = [
      rulings.some((ruling) => contests(ruling, statement)),
      evidence.some((event) => event.practice !== practice && event.atMs > recordedMs && event.atMs <= atMs),
      !statement.isOwn && statements.some((other) => other.isOwn && other.practice !== practice && other.endedMs > atMs),
    ].includes(true);
    const stands = endedMs > atMs;
    return stands && asserts('practice-by-silence', { uncontested: !contested })
      ? [establishment(practice, statements, atMs, 'settled')]
      : [];
  });
}

/** A contest is about the claims that stood by then. */
const contests = ({ about, decision, by, recordedAt }: RecordedRuling, { practice, recordedMs }: PracticeStatement): boolean =>
  about === practice && decision === 'contested' && by !== 'organisation' && Date.parse(recordedAt) >= recordedMs;

/** Practices of which the person, or the records office of the lead, says that they are not the one. */
export const refusals = (rulings: readonly RecordedRuling[], { asserts }: PracticeTerms): readonly Refusal[] =>
  rulings
    .filter(({ decision, by }) => decision === 'contested' && asserts('practice', { kind: speakerOf(by) }))
    .map(({ about, recordedAt }) => ({ practice: about, atMs: Date.parse(recordedAt) }));

/**
 * A practice that is the one and ends it says where the person went, where just one other had claimed them by then. It passes on the level
 * at which it was established itself: a chain of claims confirms nobody.
 */
function endedByEarlier(
  statements: readonly PracticeStatement[],
  timeline: readonly Establishment[],
  { asserts }: PracticeTerms,
): readonly Establishment[] {
  if (!asserts('practice', { isEarlierPractice: true })) return [];
  return statements
    .filter(({ isOwn, endedMs }) => isOwn && endedMs < Number.POSITIVE_INFINITY)
    .flatMap(({ practice, endedMs }) => {
      const standing = timeline.findLast(({ atMs }) => atMs <= endedMs);
      if (standing?.practice !== practice || standing.untilMs !== endedMs) return [];
      const claimants = new Set(
        statements
          .filter((other) => other.practice !== practice && other.recordedMs <= endedMs && other.endedMs > endedMs)
          .map((other) => other.practice),
      );
      const [next] = claimants;
      return next === undefined || claimants.size > 1 ? [] : [establishment(next, statements, endedMs, standing.level)];
    });
}
