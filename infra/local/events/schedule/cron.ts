/** A cron expression of EventBridge, understood: which days, and which minutes of them. */
export interface Cron {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  /** Whether a day (midnight, UTC) is one of its days. */
  isDay(day: Date): boolean;
}

interface Field {
  readonly from: number;
  readonly to: number;
  /** What a value may be called. */
  readonly names?: readonly string[];
}

const MINUTES: Field = { from: 0, to: 59 };
const HOURS: Field = { from: 0, to: 23 };
const DAYS: Field = { from: 1, to: 31 };
const MONTHS: Field = { from: 1, to: 12, names: 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ') };
/** 1 is Sunday. */
const WEEKDAYS: Field = { from: 1, to: 7, names: 'SUN MON TUE WED THU FRI SAT'.split(' ') };
const YEARS: Field = { from: 1970, to: 2199 };

/**
 * Reads the six fields of `cron(…)` (EventBridge user guide, "Setting a schedule pattern"): minutes, hours, day of the month, month, day of the week, year.
 * @returns `undefined` for what EventBridge refuses
 */
export function readCron(text: string): Cron | undefined {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 6) return undefined;
  const [minute, hour, day, month, weekday, year] = fields as [string, string, string, string, string, string];
  // One of the two says which days; the other has to say that it does not.
  if ((day === '?') === (weekday === '?')) return undefined;
  const [minutes, hours, months, years] = [
    valuesOf(minute, MINUTES),
    valuesOf(hour, HOURS),
    valuesOf(month, MONTHS),
    valuesOf(year, YEARS),
  ];
  const isChosen = day === '?' ? weekdayTest(weekday) : dayTest(day);
  if (!minutes || !hours || !months || !years || !isChosen) return undefined;
  return {
    minutes,
    hours,
    isDay: (date) => years.has(date.getUTCFullYear()) && months.has(date.getUTCMonth() + 1) && isChosen(date),
  };
}

/** `*`, a value, a range `1-5`, steps `0/15` or `8-18/2`, and lists of those. */
function valuesOf(text: string, field: Field): ReadonlySet<number> | undefined {
  const values = new Set<number>();
  for (const part of text.toUpperCase().split(',')) {
    const [, range = '', step] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
    const [first, last] = boundsOf(range, step !== undefined, field) ?? [];
    const by = Number(step ?? 1);
    if (first === undefined || last === undefined || by < 1) return undefined;
    for (let value = first; value <= last; value += by) values.add(value);
  }
  return values;
}

function boundsOf(range: string, hasStep: boolean, field: Field): readonly [number, number] | undefined {
  if (range === '*') return [field.from, field.to];
  const [from = '', to] = range.split('-');
  const first = valueIn(from, field);
  const last = to === undefined ? (hasStep ? field.to : first) : valueIn(to, field);
  return first === undefined || last === undefined || first > last ? undefined : [first, last];
}

function valueIn(text: string, { from, to, names }: Field): number | undefined {
  const named = names?.indexOf(text) ?? -1;
  const value = named < 0 ? (/^\d+$/.test(text) ? Number(text) : Number.NaN) : named + from;
  return value >= from && value <= to ? value : undefined;
}

type DayTest = (day: Date) => boolean;

const lastOfMonth = (day: Date): number => new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();

/** Days of the month; `L` is the last, `15W` the working day nearest to the 15th. */
function dayTest(text: string): DayTest | undefined {
  if (text === 'L') return (day) => day.getUTCDate() === lastOfMonth(day);
  const nearest = /^(\d+)W$/.exec(text)?.[1];
  if (nearest !== undefined)
    return valueIn(nearest, DAYS) === undefined ? undefined : (day) => isNearestWorkingDay(day, Number(nearest));
  const days = valuesOf(text, DAYS);
  return days && ((day) => days.has(day.getUTCDate()));
}

function isNearestWorkingDay(day: Date, wanted: number): boolean {
  const last = lastOfMonth(day);
  if (wanted > last) return false;
  const weekday = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), wanted)).getUTCDay();
  // It stays within the month: the Monday after the first, the Friday before the last.
  const moved =
    weekday === 6 ? (wanted === 1 ? 3 : wanted - 1) : weekday === 0 ? (wanted === last ? wanted - 2 : wanted + 1) : wanted;
  return day.getUTCDate() === moved;
}

/** Days of the week; `6L` is the last Friday of the month, `3#2` its second Tuesday. */
function weekdayTest(text: string): DayTest | undefined {
  const [, lastOne] = /^(\d|[A-Z]{3})L$/.exec(text.toUpperCase()) ?? [];
  if (lastOne !== undefined) {
    const wanted = valueIn(lastOne, WEEKDAYS);
    return wanted === undefined ? undefined : (day) => day.getUTCDay() + 1 === wanted && day.getUTCDate() > lastOfMonth(day) - 7;
  }
  const [, which, place] = /^(\d|[A-Z]{3})#([1-5])$/.exec(text.toUpperCase()) ?? [];
  if (which !== undefined) {
    const wanted = valueIn(which, WEEKDAYS);
    return wanted === undefined
      ? undefined
      : (day) => day.getUTCDay() + 1 === wanted && Math.ceil(day.getUTCDate() / 7) === Number(place);
  }
  const weekdays = valuesOf(text === 'L' ? '7' : text, WEEKDAYS);
  return weekdays && ((day) => weekdays.has(day.getUTCDay() + 1));
}
