import { parseJson } from './json.ts';
import { type Shape, shapeOf } from './validate/compile.ts';
import { maskedElement } from './whereabouts/masks.ts';

type Json = Record<string, unknown>;

/** A literal reference to a fragment of a person, or to a version of one: `Condition/<personId>.<fragmentId>`. */
const REFERENCE = /"reference":"[A-Z][A-Za-z]+\/([a-z2-7]{26}\.[a-z2-7]{16})["/]/g;

/** Logical ids of the fragments of persons that a body refers to, each once; found in its text. */
export const fragmentsReferredTo = (body: string): readonly string[] => [
  ...new Set(Array.from(body.matchAll(REFERENCE), ([, id = '']) => id)),
];

/**
 * A body without references to fragments that must not be seen, as if its source had never known of them: a reference, and above all what it displays, tells what it leads
 * to. Where R4 requires the reference, the element that holds it goes too; of the resource itself it is masked.
 * @param hidden logical ids of fragments
 * @throws Error when the body is not JSON: what is stored always is
 */
export function withoutReferences(body: string, hidden: ReadonlySet<string>): string {
  const resource = parseJson(Buffer.from(body));
  if (!isObject(resource)) throw new Error('a stored body is no JSON object');
  return JSON.stringify(cut(resource, shapeOf(String(resource.resourceType)), true, hidden));
}

/** @returns nothing when nothing is left, or something required is lost */
function cut(object: Json, shape: Shape, stays: boolean, hidden: ReadonlySet<string>): Json | undefined {
  const kept: Json = {};
  for (const [name, value] of Object.entries(object)) {
    const left = cutValue(value, shapeBelow(value, shape, name), hidden);
    if (left !== undefined) kept[name] = left;
    else if (shape.required.some(({ names }) => names.includes(name))) {
      if (!stays) return undefined;
      kept[name] = Array.isArray(value) ? [maskedElement()] : maskedElement();
    }
  }
  return saysNothing(kept, shape) ? undefined : kept;
}

/** An extension has a value, or extensions of its own (ext-1). */
const saysNothing = (kept: Json, { type }: Shape): boolean =>
  Object.keys(kept).every((name) => type === 'Extension' && (name === 'url' || name === 'id'));

function cutValue(value: unknown, shape: Shape | undefined, hidden: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) {
    const left = value.map((item) => cutValue(item, shape, hidden)).filter((item) => item !== undefined);
    return left.length === 0 && value.length > 0 ? undefined : left;
  }
  if (!isObject(value) || shape === undefined) return value;
  if (shape.type === 'Reference' && isHidden(value, hidden)) return undefined;
  return cut(value, shape.isResource ? shapeOf(String(value.resourceType)) : shape, false, hidden);
}

/** The shape of what stands under a name; none for primitives, and for what R4 does not know. */
function shapeBelow(value: unknown, shape: Shape, name: string): Shape | undefined {
  const property = shape.properties.get(name);
  if (property === undefined || property.primitive !== undefined) return undefined;
  if (property.type !== 'Resource') return shapeOf(property.type);
  const [first] = Array.isArray(value) ? value : [value];
  return isObject(first) ? shapeOf(String(first.resourceType)) : undefined;
}

function isHidden({ reference }: Json, hidden: ReadonlySet<string>): boolean {
  if (typeof reference !== 'string') return false;
  const [, id = ''] = reference.split('/');
  return hidden.has(id);
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
