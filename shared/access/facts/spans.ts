/** From `fromMs` (inclusive) until `untilMs` (exclusive), milliseconds since 1970; either may be infinite. */
export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

export const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const PARTIAL = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/;

/**
 * All the time that a FHIR dateTime may mean: `2026-06` is the whole of June in London. What has a time of day is that instant.
 * @returns `undefined` when it is no date
 */
export function spanOf(text: string): Span | undefined {
  const [, year, month, day] = PARTIAL.exec(text) ?? [];
  if (year === undefined) {
    const instant = Date.parse(text);
    return Number.isNaN(instant) ? undefined : { fromMs: instant, untilMs: instant };
  }
  const [y, m, d] = [Number(year), Number(month ?? 1) - 1, Number(day ?? 1)];
  if (month === undefined) return { fromMs: londonMidnight(y, 0, 1), untilMs: londonMidnight(y + 1, 0, 1) };
  if (day === undefined) return { fromMs: londonMidnight(y, m, 1), untilMs: londonMidnight(y, m + 1, 1) };
  return { fromMs: londonMidnight(y, m, d), untilMs: londonMidnight(y, m, d + 1) };
}

/**
 * The instant at which a day begins in London. Summer time begins and ends at 01:00 UTC on the last Sundays of March and October (The Summer Time Order 2002):
 * after midnight of the one, and after midnight of the other. Intl would say the same, for ten milliseconds of a cold start.
 */
function londonMidnight(year: number, month: number, day: number): number {
  const midnight = Date.UTC(year, month, day);
  const inYear = new Date(midnight).getUTCFullYear();
  const isSummer = midnight > lastSunday(inYear, 2) && midnight <= lastSunday(inYear, 9);
  return isSummer ? midnight - HOUR_MS : midnight;
}

function lastSunday(year: number, month: number): number {
  const last = new Date(Date.UTC(year, month + 1, 0));
  return last.getTime() - last.getUTCDay() * DAY_MS;
}

/** Whether an instant is within one of some spans. */
export const standsAt = (spans: readonly Span[], atMs: number): boolean =>
  spans.some(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs);

/** Spans that touch made one: of an organisation that sees somebody every week, one is left of hundreds. */
export function joinSpans(spans: readonly Span[]): readonly Span[] {
  const joined: Span[] = [];
  for (const span of [...spans].sort((one, other) => one.fromMs - other.fromMs)) {
    const last = joined.at(-1);
    if (last === undefined || last.untilMs < span.fromMs) joined.push(span);
    else joined[joined.length - 1] = { fromMs: last.fromMs, untilMs: Math.max(last.untilMs, span.untilMs) };
  }
  return joined;
}
