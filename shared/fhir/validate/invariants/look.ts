import { numberOf } from '../../json.ts';
import type { Json } from './invariant.ts';

/** How invariants look at an element: everything that is not there, or has another form, is simply not found. */

/** Whether an element exists, by its value or by extensions in its place. */
export const has = (element: Json, name: string): boolean => element[name] !== undefined || element[`_${name}`] !== undefined;

/** Whether `value[x]` exists, in any of its types. */
export function hasChoice(element: Json, name: string): boolean {
  for (const key in element) {
    const from = key.charCodeAt(0) === 0x5f ? 1 : 0;
    if (key.startsWith(name, from) && isUpperCase(key.charCodeAt(from + name.length))) return true;
  }
  return false;
}

const isUpperCase = (code: number): boolean => code >= 0x41 && code <= 0x5a;

export const asObject = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;

/** A text, or `''`. `String()` would throw on an object that brings its own `toString`, which JSON can hold. */
export const asText = (value: unknown): string => (typeof value === 'string' ? value : '');

const NOTHING: readonly Json[] = [];

/** The objects of a list. */
export function objects(value: unknown): readonly Json[] {
  if (!Array.isArray(value)) return NOTHING;
  return value.filter((one) => asObject(one) !== undefined);
}

export const count = (element: Json, ...names: readonly string[]): number => names.filter((name) => has(element, name)).length;

/** Whether a CodeableConcept has one of the codes of a system. */
export const isCoded = (concept: unknown, system: string, ...codes: readonly string[]): boolean =>
  objects(asObject(concept)?.coding).some((coding) => coding.system === system && codes.includes(asText(coding.code)));

/** Whether all are different. */
export const areDistinct = (values: readonly unknown[]): boolean => new Set(values).size === values.length;

/** The widest offset from UTC that a time zone has (http://hl7.org/fhir/R4/datatypes.html#dateTime). */
const MAX_OFFSET_MS = 14 * 3_600_000;

/**
 * Whether one date or time is certainly after another. A partial date stands for all of its span. Two dates without
 * a time are taken to be of one place. Of a date and a time, the date may be of any time zone.
 */
export function isAfter(later: unknown, earlier: unknown): boolean {
  if (typeof later !== 'string' || typeof earlier !== 'string') return false;
  const [laterHasTime, earlierHasTime] = [hasTime(later), hasTime(earlier)];
  const toleranceMs = laterHasTime === earlierHasTime ? 0 : MAX_OFFSET_MS;
  if (earlierHasTime) return Date.parse(later) - toleranceMs > Date.parse(earlier);
  // The end of a date is the first instant after it.
  return Date.parse(later) >= endOf(earlier) + toleranceMs;
}

const hasTime = (date: string): boolean => date.length > 'yyyy-mm-dd'.length;

/** The first instant after a date, a month or a year, in UTC. */
function endOf(date: string): number {
  const end = new Date(date);
  if (date.length === 4) end.setUTCFullYear(end.getUTCFullYear() + 1);
  else if (date.length === 7) end.setUTCMonth(end.getUTCMonth() + 1);
  else end.setUTCDate(end.getUTCDate() + 1);
  return end.getTime();
}

/** Whether one quantity is more than another of the same unit. */
export function isMore(more: unknown, less: unknown): boolean {
  const [a, b] = [asObject(more), asObject(less)];
  const [x, y] = [numberOf(a?.value), numberOf(b?.value)];
  if (a === undefined || b === undefined || x === undefined || y === undefined) return false;
  return x > y && a.system === b.system && a.code === b.code && a.unit === b.unit;
}
