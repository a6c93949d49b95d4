import type { Property } from '../validate/compile.ts';
import { maskedElement } from './masks.ts';
import { isEverybodys } from './rules.ts';
import { namesPlace, tellsWhere, type Whereabouts } from './words.ts';

type Json = Record<string, unknown>;

export interface PrimitiveContext {
  readonly isLeftOut: boolean;
  readonly mustStay: boolean;
  /** Whether it is the name of somebody. */
  readonly ofName: boolean;
  readonly whereabouts: Whereabouts;
  /** What is left of the id and extensions of a primitive (`_birthDate`). */
  besides(extensions: unknown): Json | undefined;
}

/** Types that hold words. Dates, numbers and codes from a set tell nothing. */
const TEXTS: ReadonlySet<string> = new Set(['string', 'markdown', 'code']);
const ADDRESSES: ReadonlySet<string> = new Set(['uri', 'canonical', 'oid']);

type Verdict = 'shown' | 'masked' | 'left out';

function judge(value: unknown, { type, codes, name }: Property, { isLeftOut, ofName, whereabouts }: PrimitiveContext): Verdict {
  if (isLeftOut) return 'left out';
  if (typeof value !== 'string') return 'shown';
  if (ADDRESSES.has(type)) return showsAddress(value, name) && !tellsWhere(value, whereabouts) ? 'shown' : 'left out';
  if (!TEXTS.has(type) || codes !== undefined) return 'shown';
  const tells = ofName ? namesPlace(value, whereabouts) : tellsWhere(value, whereabouts);
  if (!tells) return 'shown';
  // The id of an element has no extensions that could stand in its place.
  return name === 'id' ? 'left out' : 'masked';
}

/** Whether it is the address of something that everybody has, or the name of an extension or a type. */
const showsAddress = (value: string, name: string): boolean =>
  name === 'url' || (name === 'type' && !value.includes(':')) || value.startsWith('#') || isEverybodys(value);

/**
 * Puts what is left of a primitive, and of its extensions, into `kept`. A text that tells where is masked, not gone: that nothing was said and that
 * something is not shown are two things.
 * @returns whether anything is left.
 */
export function redactPrimitive(object: Json, property: Property, context: PrimitiveContext, kept: Json): boolean {
  const { name, repeats } = property;
  if (repeats) return redactList(object, property, context, kept);
  const value = object[name];
  const verdict = value === undefined ? 'left out' : judge(value, property, context);
  const besides = verdict === 'masked' || context.isLeftOut ? undefined : context.besides(object[`_${name}`]);
  if (verdict === 'shown') kept[name] = value;
  if (besides !== undefined) kept[`_${name}`] = besides;
  else if (verdict === 'masked' || (verdict === 'left out' && context.mustStay)) kept[`_${name}`] = maskedElement();
  return name in kept || `_${name}` in kept;
}

function redactList(object: Json, property: Property, context: PrimitiveContext, kept: Json): boolean {
  const { name } = property;
  const [values, extensions] = [listOf(object[name]), listOf(object[`_${name}`])];
  const left: { value: unknown; besides: Json | undefined }[] = [];
  for (let index = 0; index < Math.max(values.length, extensions.length); index++) {
    const value = values[index] ?? null;
    const besides = context.isLeftOut ? undefined : context.besides(extensions[index]);
    const shown = value !== null && judge(value, property, context) === 'shown';
    if (shown || (value === null && besides !== undefined)) left.push({ value, besides });
  }
  if (left.some(({ value }) => value !== null)) kept[name] = left.map(({ value }) => value);
  if (left.some(({ besides }) => besides !== undefined)) kept[`_${name}`] = left.map(({ besides }) => besides ?? null);
  else if (left.length === 0 && context.mustStay) kept[`_${name}`] = [maskedElement()];
  return name in kept || `_${name}` in kept;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
