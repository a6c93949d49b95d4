import type { PersonRecord } from '../../record/fold.ts';
import { markingsOf } from '../markings.ts';
import { RELATIONSHIPS } from '../relationships.ts';
import { groundsOfKind } from './grounds.ts';
import { type Establishment, establishments, type PracticeTerms, type Refusal, refusals } from './practice-establishment.ts';
import { type Partners, type PracticeStatement, statementsOf } from './practice-statements.ts';
import { DAY_MS, joinSpans, type Span, standsAt } from './spans.ts';

const AFTER_MS = RELATIONSHIPS['registered-practice'].afterDays * DAY_MS;

/** When a practice has to do with a person, and on whose word. */
export interface Registration {
  /** As `PracticeStatement.practice`. */
  readonly practice: string;
  readonly takesPart: boolean;
  /** When somebody claims it, and no practice that was established later has ended that: it opens what is not sensitive. */
  readonly claimed: readonly Span[];
  /** When it is the practice: the one that is shown, and whose earlier one leaves. */
  readonly established: readonly Span[];
  /** When it is so by the word of somebody who counts, and not only because nobody contested it. */
  readonly confirmed: readonly Span[];
}

/**
 * With which practices a person is registered, and on whose word. A claim counts at once, beside the practice that is there. One that is
 * established ends the others, which keep their days after the end. An end that a practice states of itself ends what others state of it.
 */
export function registrationsOf(record: PersonRecord, partners: Partners, terms: PracticeTerms): readonly Registration[] {
  const statements = groundsOfKind(record, 'registered-practice').flatMap((ground) => statementsOf(ground, partners));
  const counting = statements.filter(({ isOwn, traces }) => terms.asserts('practice-claim', { aboutItself: isOwn, traces }));
  return registrationsFrom(counting, record, partners, terms);
}

function registrationsFrom(
  statements: readonly PracticeStatement[],
  { folds }: PersonRecord,
  { directory, at }: Partners,
  terms: PracticeTerms,
): readonly Registration[] {
  const rulings = folds
    .flatMap((fold) => fold.rulings)
    .filter(({ fact }) => fact === 'practice')
    .map((ruling) => ({ ...ruling, about: directory.current(ruling.about, at)?.id ?? ruling.about }));
  const timeline = establishments(statements, rulings, terms);
  const refused = refusals(rulings, terms);
  return [...Map.groupBy(statements, ({ practice }) => practice)].map(([practice, stated]) => {
    const cut = { timeline, refused: refused.filter((refusal) => refusal.practice === practice) };
    return {
      practice,
      takesPart: stated[0]!.takesPart,
      claimed: joinSpans(stated.flatMap((statement) => claimed(statement, stated, cut))),
      established: joinSpans(establishedSpans(practice, cut)),
      confirmed: joinSpans(establishedSpans(practice, cut, 'confirmed')),
    };
  });
}

/** What ends the claims of one practice. */
interface Ends {
  readonly timeline: readonly Establishment[];
  readonly refused: readonly Refusal[];
}

/** The first refusal after an instant: it ends at once what was claimed by then. */
const refusedAfter = ({ refused }: Ends, ms: number): number =>
  Math.min(...refused.filter(({ atMs }) => atMs >= ms).map(({ atMs }) => atMs), Number.POSITIVE_INFINITY);

/**
 * With which practices a person is registered at an instant, and with which they were until lately, by ids; by code where one takes no
 * part here. What a marked fragment says is left out: whoever chooses by practice would learn of it.
 */
export function practicesAt(record: PersonRecord, partners: Partners, terms: PracticeTerms): readonly string[] {
  const statements = groundsOfKind(record, 'registered-practice')
    .filter(({ fragment }) => markingsOf(fragment).length === 0)
    .flatMap((ground) => statementsOf(ground, partners));
  const atMs = Date.parse(partners.at);
  const standing = registrationsFrom(statements, record, partners, terms).filter(
    ({ claimed, established }) => standsAt(claimed, atMs) || standsAt(established, atMs),
  );
  return [...new Set(standing.map(({ practice }) => practice.slice(practice.indexOf('|') + 1)))].sort();
}

/** When a statement counts: not while another practice is established that was so after it was recorded. */
function claimed(
  { practice, span, recordedMs }: PracticeStatement,
  stated: readonly PracticeStatement[],
  ends: Ends,
): readonly Span[] {
  const ownEndMs = stated.filter(({ isOwn }) => isOwn).map(({ endedMs }) => endedMs);
  const endMs = ownEndMs.length > 0 ? Math.max(...ownEndMs) : Number.POSITIVE_INFINITY;
  const leftMs = recordedMs < endMs ? endMs + AFTER_MS : Number.POSITIVE_INFINITY;
  const untilMs = Math.min(span.untilMs, leftMs, refusedAfter(ends, recordedMs));
  const spans: Span[] = [];
  let fromMs: number | undefined = span.fromMs;
  for (const event of ends.timeline.filter(({ atMs }) => atMs >= recordedMs)) {
    if (event.practice === practice) fromMs ??= event.atMs;
    else if (fromMs !== undefined) {
      spans.push({ fromMs, untilMs: Math.min(untilMs, event.atMs + AFTER_MS) });
      fromMs = undefined;
    }
  }
  if (fromMs !== undefined) spans.push({ fromMs, untilMs });
  return spans.filter((each) => each.fromMs < each.untilMs);
}

/** From each event of a practice until the next of another, or its own end; with the days after. */
function establishedSpans(practice: string, ends: Ends, level?: Establishment['level']): readonly Span[] {
  const { timeline } = ends;
  return timeline.flatMap((event, index) => {
    if (event.practice !== practice || (level !== undefined && event.level !== level)) return [];
    const next = timeline.slice(index + 1).find((later) => later.practice !== practice);
    const leftMs = Math.min(event.untilMs, next?.atMs ?? Number.POSITIVE_INFINITY) + AFTER_MS;
    return [{ fromMs: event.fromMs, untilMs: Math.min(leftMs, refusedAfter(ends, event.atMs)) }];
  });
}
