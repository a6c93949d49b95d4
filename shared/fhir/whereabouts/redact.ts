import { isKnownType } from '../compartment.ts';
import { NHS_NUMBER } from '../systems.ts';
import { type Property, type Shape, shapeOf } from '../validate/compile.ts';
import { pointedAt } from './contained.ts';
import { EMPTY_NARRATIVE, maskedElement } from './masks.ts';
import { redactPrimitive } from './primitives.ts';
import { points, redactReference } from './references.ts';
import { isEverybodys, LEFT_OUT, LEFT_OUT_CONTAINED, LEFT_OUT_ELEMENTS, PLACES } from './rules.ts';
import type { Whereabouts } from './words.ts';

export type Json = Record<string, unknown>;

/** What is the same for all elements of one resource. */
export interface Redaction {
  readonly whereabouts: Whereabouts;
  /** Types of the contained resources that stay, by id. */
  readonly containedTypes: ReadonlyMap<string, string>;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);

/** A resource, with what it contains, without what tells where. Of a place nothing is left but its id. */
export function redactResource(resource: Json, whereabouts: Whereabouts): Json {
  const parts = (Array.isArray(resource.contained) ? resource.contained : [])
    .filter(isObject)
    .filter(({ resourceType }) => !LEFT_OUT_CONTAINED.has(String(resourceType)));
  const containedTypes = new Map(parts.map(({ id, resourceType }) => [String(id), String(resourceType)]));
  const redaction: Redaction = { whereabouts, containedTypes };
  const shown = redactAlone(resource, redaction);
  const contained = pointedAt(
    shown,
    parts.map((part) => redactAlone(part, redaction)),
  );
  if (contained.length === 0) return shown;
  const { resourceType, id, meta, ...rest } = shown;
  // Where FHIR has it.
  return { resourceType, ...(id === undefined ? {} : { id }), ...(meta === undefined ? {} : { meta }), contained, ...rest };
}

function redactAlone({ contained: _contained, ...resource }: Json, redaction: Redaction): Json {
  const type = String(resource.resourceType);
  if (!isKnownType(type)) return { resourceType: type };
  const shape = shapeOf(type);
  if (!PLACES.has(type)) return redactObject(resource, shape, true, redaction)!;
  const told = Object.fromEntries(Object.entries(resource).filter(([name]) => OF_PLACES.has(name)));
  const kept = { ...redactObject(told, shape, true, redaction)!, ...masksOf(resource, shape) };
  return isStillValid(resource, kept, shape) ? kept : restored(resource, kept, shape);
}

/** A mask for each element that R4 requires of a type. */
const masksOf = (resource: Json, shape: Shape): Json =>
  Object.fromEntries(
    [...shape.properties.values()]
      .filter(({ name }) => isRequired(shape, name) && (name in resource || `_${name}` in resource))
      .map(({ name, primitive, repeats }) => [
        primitive === undefined ? name : `_${name}`,
        repeats ? [maskedElement()] : maskedElement(),
      ]),
  );

const OF_PLACES: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta']);

/**
 * @param stays whether something must be left in its place: what it requires is then masked where it would be lost
 * @returns nothing when nothing is left, or what is left would no longer be valid
 */
function redactObject(object: Json, shape: Shape, stays: boolean, redaction: Redaction): Json | undefined {
  const kept: Json = {};
  for (const key of Object.keys(object)) {
    const name = key.startsWith('_') ? key.slice(1) : key;
    const property = shape.properties.get(name);
    if (key === 'resourceType') kept[key] = object[key];
    else if (property !== undefined && !(name in kept) && !(`_${name}` in kept)) {
      const mustStay = stays && isRequired(shape, name);
      if (!redactProperty(object, property, shape, mustStay, redaction, kept) && !stays && isRequired(shape, name))
        return undefined;
    }
  }
  if (Object.keys(kept).length === 0) return stays ? maskedElement() : undefined;
  if (isStillValid(object, kept, shape)) return kept;
  return stays ? restored(object, kept, shape) : undefined;
}

/** With a mask in the place of what was lost, until no rule is broken any more. */
function restored(object: Json, kept: Json, shape: Shape): Json {
  const filled = { ...kept };
  for (const name of Object.keys(object)) {
    const property = shape.properties.get(name);
    if (property === undefined || property.primitive !== undefined || name in filled) continue;
    filled[name] = property.repeats ? [maskedElement()] : maskedElement();
    if (isStillValid(object, filled, shape)) return filled;
    delete filled[name];
  }
  return kept;
}

const requiredNames = new WeakMap<Shape, ReadonlySet<string>>();

function isRequired(shape: Shape, name: string): boolean {
  let names = requiredNames.get(shape);
  if (names === undefined) {
    names = new Set(shape.required.flatMap((one) => one.names));
    requiredNames.set(shape, names);
  }
  return names.has(name);
}

/** Taking something away may break a rule that says that one of several elements is there. */
const isStillValid = (before: Json, after: Json, { invariants }: Shape): boolean =>
  hasAll(before, after) || invariants.every(({ check }) => check(after) || !check(before));

function hasAll(before: Json, after: Json): boolean {
  for (const name in before) if (!(name in after)) return false;
  return true;
}

/** Names of people, who may be called like the town they live in. */
const NAMES: ReadonlySet<string> = new Set(['HumanName.family', 'HumanName.given']);

/** Puts what is left of a property into `kept`. @returns whether anything is. */
function redactProperty(
  object: Json,
  property: Property,
  shape: Shape,
  mustStay: boolean,
  redaction: Redaction,
  kept: Json,
): boolean {
  const { name, type, repeats } = property;
  const isLeftOut = LEFT_OUT.has(type) || LEFT_OUT_ELEMENTS.has(`${shape.type}.${name}`);
  if (property.primitive !== undefined) {
    const besides = (value: unknown) => (isObject(value) ? redactObject(value, shapeOf('Element'), false, redaction) : undefined);
    const { whereabouts } = redaction;
    const context = { isLeftOut, mustStay, ofName: NAMES.has(`${shape.type}.${name}`), whereabouts, besides };
    return redactPrimitive(object, property, context, kept);
  }
  const given = object[name];
  const values = (Array.isArray(given) ? given : [given]).filter(isObject);
  const left = values.flatMap((value) => redactValue(value, property, shape, isLeftOut, false, redaction) ?? []);
  if (left.length === 0 && mustStay) {
    const [first = {}] = values;
    left.push(redactValue(first, property, shape, isLeftOut, true, redaction) ?? maskedElement());
  }
  if (left.length === 0) return false;
  kept[name] = repeats ? left : left[0];
  return true;
}

function redactValue(
  value: Json,
  property: Property,
  shape: Shape,
  isLeftOut: boolean,
  mustStay: boolean,
  redaction: Redaction,
): Json | undefined {
  const { type, name } = property;
  if (type === 'Narrative' && shape.type === 'Composition.section') return { ...EMPTY_NARRATIVE };
  if (isLeftOut) return isMasked(value) ? maskedElement() : undefined;
  if (type === 'Resource')
    return PLACES.has(String(value.resourceType)) ? undefined : redactResource(value, redaction.whereabouts);
  const narrowed = narrow(value, property, redaction);
  if (narrowed === undefined) return undefined;
  if (type === 'Extension' && name === 'extension' && !isEverybodys(String(value.url))) return undefined;
  property.shape ??= shapeOf(type);
  const left = redactObject(narrowed, property.shape, mustStay, redaction);
  return type !== 'Reference' || (left !== undefined && points(left)) ? left : undefined;
}

/** What was masked before stays masked. */
function isMasked(value: Json): boolean {
  const [first, ...others] = Array.isArray(value.extension) ? value.extension : [];
  return others.length === 0 && JSON.stringify([first]) === JSON.stringify(maskedElement().extension);
}

/** What of a value may be looked at at all. */
function narrow(value: Json, { type, targets }: Property, { containedTypes }: Redaction): Json | undefined {
  if (type === 'Reference') return isMasked(value) ? value : redactReference(value, targets, containedTypes);
  if (type === 'Identifier') return value.system === NHS_NUMBER ? value : undefined;
  if (type !== 'Coding' || typeof value.system !== 'string' || isEverybodys(value.system)) return value;
  const { system: _system, version: _version, code: _code, ...said } = value;
  return said;
}
