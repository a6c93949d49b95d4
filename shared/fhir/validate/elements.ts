import { isKnownType } from '../compartment.ts';
import type { AllowedCodes } from './codes.ts';
import { type Property, type Shape, shapeOf } from './compile.ts';
import { closeContainer, notePrimitive, openContainer } from './contained.ts';
import { FORMS } from './primitives.ts';
import { checkReference } from './reference.ts';
import { enter, isFull, leave, report, reportAt, type Walk } from './walk.ts';

type Json = Readonly<Record<string, unknown>>;

const UNDERSCORE = 0x5f;
const HASH = 0x23;
/** Of DSTU2. Tools still write it, anywhere; it means nothing and is let through. */
const COMMENTS = 'fhir_comments';
const NO_INDEX = -1;

/** Checks any resource, at the place that the walk is at: of a bundle's entry, contained, or outermost. */
export function checkResource(walk: Walk, value: unknown): void {
  const type = isObject(value) ? value.resourceType : undefined;
  if (!isObject(value)) report(walk, 'structure', 'A resource is a JSON object.');
  else if (type === undefined) report(walk, 'required-element', undefined, '.resourceType');
  else if (typeof type !== 'string' || !isKnownType(type)) report(walk, 'bad-code', 'FHIR R4 has no such type.', '.resourceType');
  else if (isContained(walk)) checkObject(walk, value, shapeOf(type));
  else checkContainer(walk, value, shapeOf(type));
}

function checkContainer(walk: Walk, resource: Json, shape: Shape): void {
  const outer = walk.container;
  const container = openContainer(resource);
  walk.container = container;
  checkObject(walk, resource, shape);
  closeContainer(walk, container);
  walk.container = outer;
}

const isContained = ({ container }: Walk): boolean => container !== undefined && container.inside >= 0;

/** Checks an object against the shape of its type: each property, what is missing, and the invariants. */
function checkObject(walk: Walk, object: Json, shape: Shape): void {
  let count = 0;
  let groups: Map<string, string> | undefined;
  for (const key in object) {
    if (isFull(walk)) return;
    if (shape.isResource && key === 'resourceType') continue;
    count++;
    const isExtensions = key.charCodeAt(0) === UNDERSCORE;
    const name = isExtensions ? key.slice(1) : key;
    const property = shape.properties.get(name);
    if (property === undefined || (isExtensions && property.primitive === undefined)) {
      if (key !== COMMENTS || !isTexts(object[key])) reportUnknown(walk, key);
      continue;
    }
    if (property.group !== undefined) {
      groups ??= new Map();
      checkGroup(walk, groups, property.group, name);
    }
    if (isExtensions) checkExtensions(walk, object, key, property);
    else checkProperty(walk, object, property);
  }
  if (count === 0 && !shape.isResource) report(walk, 'structure', 'ele-1: An element is never empty. Leave it out.');
  checkRequired(walk, object, shape);
  checkInvariants(walk, object, shape);
}

/** Names are shown when they could be names: anything else that stands in their place may be data. */
const PLAUSIBLE_NAME = /^_?[a-zA-Z][a-zA-Z_]{0,63}$/;

function reportUnknown(walk: Walk, key: string): void {
  if (PLAUSIBLE_NAME.test(key)) reportAt(walk, key, NO_INDEX, 'unknown-element');
  else report(walk, 'unknown-element', 'A property of this element has a name that no element of FHIR has.');
}

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((one) => typeof one === 'string');

function checkGroup(walk: Walk, groups: Map<string, string>, group: string, name: string): void {
  const before = groups.get(group);
  groups.set(group, name);
  if (before === undefined || before === name) return;
  reportAt(walk, group, NO_INDEX, 'structure', 'A value that may have one of several types is given once, in one of them.');
}

function checkRequired(walk: Walk, object: Json, { required }: Shape): void {
  for (const { name, names } of required) {
    if (!names.some((one) => object[one] !== undefined)) reportAt(walk, name, NO_INDEX, 'required-element');
  }
}

function checkInvariants(walk: Walk, object: Json, { invariants }: Shape): void {
  for (const { check, code, text, at } of invariants) {
    if (!check(object)) report(walk, code ?? 'invariant', text, at === undefined ? '' : `.${at}`);
  }
}

const ONE = 'This element occurs at most once: give it without a list.';
const MANY = 'This element may repeat: give a list.';
const EMPTY = 'A list is never empty. Leave it out.';
const NULL = 'A value is never null. Leave it out.';
const EXTENSIONS = 'This holds the id and extensions of a value: a JSON object, or in a list null where the value has none.';

function checkProperty(walk: Walk, object: Json, property: Property): void {
  const { name } = property;
  const value = object[name];
  if (property.repeats) {
    if (!isList(walk, name, value)) return;
    for (let i = 0; i < value.length && !isFull(walk); i++) {
      if (!isGap(value[i], object[`_${name}`], i, property)) checkValue(walk, value[i], property, i);
    }
  } else if (Array.isArray(value)) reportAt(walk, name, NO_INDEX, 'structure', ONE);
  else checkValue(walk, value, property, NO_INDEX);
}

/** A value that is only known by its extensions leaves a gap in the list (http://hl7.org/fhir/R4/json.html#primitive). */
const isGap = (value: unknown, extensions: unknown, index: number, { primitive }: Property): boolean =>
  value === null && primitive !== undefined && Array.isArray(extensions) && isObject(extensions[index]);

function isList(walk: Walk, name: string, value: unknown): value is readonly unknown[] {
  if (!Array.isArray(value)) reportAt(walk, name, NO_INDEX, 'structure', MANY);
  else if (value.length === 0) reportAt(walk, name, NO_INDEX, 'structure', EMPTY);
  else return true;
  return false;
}

function checkValue(walk: Walk, value: unknown, property: Property, index: number): void {
  if (value === null || value === undefined) reportAt(walk, property.name, index, 'structure', NULL);
  else if (property.primitive !== undefined) checkPrimitive(walk, value, property, index);
  else if (!isObject(value)) reportAt(walk, property.name, index, 'structure', 'This element is a JSON object.');
  else if (enter(walk, property.name, index)) {
    if (property.type === 'Resource') checkNested(walk, value, property, index);
    else checkElement(walk, value, property);
    leave(walk);
  }
}

function checkPrimitive(walk: Walk, value: unknown, property: Property, index: number): void {
  if (!property.primitive!(value)) reportAt(walk, property.name, index, 'bad-value', FORMS[property.type]);
  else if (typeof value === 'string') {
    if (property.codes !== undefined && !property.codes.code(value)) reportAt(walk, property.name, index, 'bad-code');
    if (value.charCodeAt(0) === HASH) notePrimitive(walk, property.type, value);
  }
}

function checkElement(walk: Walk, value: Json, property: Property): void {
  property.shape ??= shapeOf(property.type);
  checkObject(walk, value, property.shape);
  if (property.codes !== undefined && !isFromSet(value, property.type, property.codes)) report(walk, 'bad-code');
  if (property.type === 'Reference') checkReference(walk, value, property.targets);
}

function checkNested(walk: Walk, value: Json, property: Property, index: number): void {
  const { container } = walk;
  if (property.name !== 'contained' || container === undefined) checkResource(walk, value);
  else if (container.inside >= 0) report(walk, 'invariant', 'dom-2: A contained resource contains no other.');
  else {
    container.inside = index;
    checkResource(walk, value);
    container.inside = NO_INDEX;
  }
}

/** A required binding of a concept: one of its codings is from the set. Of a coding: it is. */
function isFromSet(value: Json, type: string, codes: AllowedCodes): boolean {
  const { coding, text, system, code } = value;
  if (type === 'Coding') return code === undefined || codes.token(system, code);
  if (coding === undefined && text === undefined) return true;
  return Array.isArray(coding) && coding.some((one) => isObject(one) && codes.token(one.system, one.code));
}

/** `_birthDate`: id and extensions of a primitive; of a list, one or null for each value. */
function checkExtensions(walk: Walk, object: Json, key: string, property: Property): void {
  const value = object[key];
  const primitives = object[property.name];
  if (property.repeats) {
    if (!isList(walk, key, value)) return;
    for (let i = 0; i < value.length && !isFull(walk); i++) {
      const hasValue = Array.isArray(primitives) && (primitives[i] ?? null) !== null;
      if (value[i] !== null || !hasValue) checkExtension(walk, value[i], key, i);
    }
  } else checkExtension(walk, value, key, NO_INDEX);
}

function checkExtension(walk: Walk, value: unknown, key: string, index: number): void {
  if (!isObject(value)) reportAt(walk, key, index, 'structure', EXTENSIONS);
  else if (enter(walk, key, index)) {
    checkObject(walk, value, shapeOf('Element'));
    leave(walk);
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
