/**
 * Ranges of time and of numbers. A date is everything between two instants, and so is a number that was written with so many digits
 * (http://hl7.org/fhir/R4/search.html#date and #number); prefixes compare ranges (http://hl7.org/fhir/R4/search.html#prefix).
 */

/** From `low` up to `high`. Time: milliseconds since 1970, `high` not included. Numbers that stand for themselves: `low` equals `high`. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Prefixes of date, number and quantity. */
export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

const PREFIXED = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=[\d.+-])/;

/** Parts a value from its prefix; without one it is `eq`. */
export function splitPrefix(text: string): readonly [prefix: Prefix, value: string] {
  const prefix = PREFIXED.exec(text)?.[1];
  return prefix === undefined ? ['eq', text] : [prefix as Prefix, text.slice(2)];
}

/**
 * An offset is of at most 14 hours (http://hl7.org/fhir/R4/datatypes.html#dateTime). One whose `+` was sent bare in an
 * address arrives with a space in its place, and can mean nothing else.
 */
const DATE =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+\- ](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?)?)?)?$/;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * The range of a FHIR date, dateTime or instant, partial ones included: `2013` is the whole year, `2013-01-14T10:00` the whole minute.
 * A date, and a time without an offset, is one of UTC.
 *
 * @returns `undefined` when it is no date, or one that the calendar does not have
 */
export function dateRange(text: string): Range | undefined {
  const parts = DATE.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = parts;
  if (
    !isReal(Number(month ?? 1), Number(day ?? 1), Number(year)) ||
    Number(hour ?? 0) > 23 ||
    Number(minute ?? 0) > 59 ||
    Number(second ?? 0) > 60
  )
    return undefined;
  const offsetMs = offsetOf(zone);
  const at = (y: number, m: number, d: number) => utc(y, m, d) - offsetMs;
  const [y, m, d] = [Number(year), Number(month ?? 1) - 1, Number(day ?? 1)];
  if (month === undefined) return { low: at(y, 0, 1), high: at(y + 1, 0, 1) };
  if (day === undefined) return { low: at(y, m, 1), high: at(y, m + 1, 1) };
  const midnight = at(y, m, d);
  if (hour === undefined) return { low: midnight, high: midnight + DAY_MS };
  const minuteMs = midnight + (Number(hour) * 60 + Number(minute)) * MINUTE_MS;
  if (second === undefined) return { low: minuteMs, high: minuteMs + MINUTE_MS };
  const secondMs = minuteMs + Number(second) * 1000;
  if (fraction === undefined) return { low: secondMs, high: secondMs + 1000 };
  const widthMs = Math.max(1, 10 ** (3 - fraction.length));
  const low = secondMs + Number(fraction.padEnd(3, '0').slice(0, 3));
  return { low, high: low + widthMs };
}

const isReal = (month: number, day: number, year: number): boolean =>
  month >= 1 && month <= 12 && day >= 1 && new Date(utc(year, month - 1, day)).getUTCMonth() === month - 1;

/** `Date.UTC` takes the years 0 to 99 for those of the twentieth century. */
const utc = (year: number, month: number, day: number): number => new Date(0).setUTCFullYear(year, month, day);

function offsetOf(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const offsetMs = (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6))) * MINUTE_MS;
  return zone.startsWith('-') ? -offsetMs : offsetMs;
}

const DECIMAL = /^([+-]?)(\d{1,40})?(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,3}))?$/;

/** A number that was searched for: itself, and the range that its digits stand for (`100` is 99.5 up to 100.5, `100.00` is 99.995 up to 100.005). */
export interface SearchNumber {
  readonly value: number;
  readonly implied: Range;
}

/** Reads a decimal; `undefined` when it is none. The bounds are worked out in decimal digits, so that no rounding moves them. */
export function searchNumber(text: string): SearchNumber | undefined {
  const parts = DECIMAL.exec(text);
  if (parts === null || (parts[2] === undefined && parts[3] === undefined)) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  const digits = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`);
  const unit = Number(exponent) - fraction.length;
  const at = (tenths: bigint) => Number(`${tenths}e${unit - 1}`);
  return { value: at(digits * 10n), implied: { low: at(digits * 10n - 5n), high: at(digits * 10n + 5n) } };
}

/**
 * Whether a date that stands in a resource matches one that was searched for. `ge` and `le` also take in what only reaches into the range: an
 * admission that went on past midnight is not before the day on which it ended.
 *
 * @param nowMs what "approximately" is measured from: it takes in a tenth of the time between then and now, on either side
 */
export function dateMatcher(prefix: Prefix, searched: Range, nowMs: number): (found: Range) => boolean {
  const { low, high } = searched;
  switch (prefix) {
    case 'eq':
      return (found) => low <= found.low && found.high <= high;
    case 'ne':
      return (found) => found.low < low || high < found.high;
    case 'gt':
      return (found) => found.high > high;
    case 'lt':
      return (found) => found.low < low;
    case 'ge':
      return (found) => found.high > low;
    case 'le':
      return (found) => found.low < high;
    case 'sa':
      return (found) => found.low >= high;
    case 'eb':
      return (found) => found.high <= low;
    case 'ap': {
      const slackMs = Math.abs(nowMs - low) / 10;
      return (found) => found.low < high + slackMs && found.high > low - slackMs;
    }
  }
}

/** Whether a number (or a range of them) that stands in a resource matches one that was searched for. With a prefix other than `eq` and `ne`, digits imply nothing. */
export function numberMatcher(prefix: Prefix, { value, implied }: SearchNumber): (found: Range) => boolean {
  const within = (found: Range) => implied.low <= found.low && found.high < implied.high;
  switch (prefix) {
    case 'eq':
      return within;
    case 'ne':
      return (found) => !within(found);
    case 'gt':
      return (found) => found.high > value;
    case 'lt':
      return (found) => found.low < value;
    case 'ge':
      return (found) => found.high >= value;
    case 'le':
      return (found) => found.low <= value;
    case 'sa':
      return (found) => found.low > value;
    case 'eb':
      return (found) => found.high < value;
    case 'ap': {
      const slack = Math.abs(value) / 10;
      return (found) => found.low <= value + slack && found.high >= value - slack;
    }
  }
}
