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

const HOURS_14 = 14 * 3_600_000;

/**
 * Whether one date is certainly after another. Dates may be partial and may have no time zone, so each stands for a span of time, up to 14
 * hours longer at either end: only when the spans do not touch is it certain.
 */
export function isAfter(later: unknown, earlier: unknown): boolean {
  return typeof later === 'string' && typeof earlier === 'string' && firstInstant(later) > lastInstant(earlier);
}

const hasTime = (date: string): boolean => date.length > 10;

const firstInstant = (date: string): number => (hasTime(date) ? Date.parse(date) : Date.parse(date) - HOURS_14);

function lastInstant(date: string): number {
  if (hasTime(date)) return Date.parse(date);
  const end = new Date(date);
  if (date.length === 4) end.setUTCFullYear(end.getUTCFullYear() + 1);
  else if (date.length === 7) end.setUTCMonth(end.getUTCMonth() + 1);
  else end.setUTCDate(end.getUTCDate() + 1);
  return end.getTime() + HOURS_14;
}

/** Whether one quantity is more than another of the same unit. */
export function isMore(more: unknown, less: unknown): boolean {
  const [a, b] = [asObject(more), asObject(less)];
  const [x, y] = [numberOf(a?.value), numberOf(b?.value)];
  if (a === undefined || b === undefined || x === undefined || y === undefined) return false;
  return x > y && a.system === b.system && a.code === b.code && a.unit === b.unit;
}
