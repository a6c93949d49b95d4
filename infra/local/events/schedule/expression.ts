import { readCron } from './cron.ts';

/** When a rule is due. */
export interface Schedule {
  /** The first instant after another one, in milliseconds since 1970; `undefined` when there is none any more. */
  next(after: number): number | undefined;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const UNITS: Readonly<Record<string, number>> = { minute: MINUTE_MS, hour: 60 * MINUTE_MS, day: DAY_MS };
/** The 29th of February comes again within eight years: whatever a cron expression asks for is found within nine, or never. */
const MOST_DAYS = 366 * 9;

/**
 * Reads a `ScheduleExpression` (EventBridge user guide): `rate(5 minutes)`, `cron(0 2 * * ? *)`, in UTC.
 * @returns `undefined` for what EventBridge refuses: `rate(1 hours)`, for one
 */
export function readSchedule(text: string): Schedule | undefined {
  const [, value, unit = '', plural] = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(text) ?? [];
  if (value !== undefined) return rate(Number(value), unit, plural === 's');
  const fields = /^cron\((.+)\)$/.exec(text)?.[1];
  const cron = fields === undefined ? undefined : readCron(fields);
  if (cron === undefined) return undefined;
  return {
    next(after) {
      const first = Math.floor(after / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
      for (let day = Math.floor(first / DAY_MS) * DAY_MS, days = 0; days < MOST_DAYS; day += DAY_MS, days++) {
        if (!cron.isDay(new Date(day))) continue;
        for (const hour of [...cron.hours].sort(ascending))
          for (const minute of [...cron.minutes].sort(ascending)) {
            const at = day + (hour * 60 + minute) * MINUTE_MS;
            if (at >= first) return at;
          }
      }
      return undefined;
    },
  };
}

const ascending = (one: number, other: number): number => one - other;

function rate(value: number, unit: string, isPlural: boolean): Schedule | undefined {
  if (value < 1 || (value === 1) === isPlural) return undefined;
  const everyMs = value * UNITS[unit]!;
  return { next: (after) => after + everyMs };
}
