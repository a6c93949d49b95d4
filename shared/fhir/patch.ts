import { numberOf } from './json.ts';

/**
 * JSON Patch (RFC 6902) with JSON Pointer (RFC 6901). Written here because a decimal that must stay as it was written (`RawJson`,
 * see `json.ts`) does not survive the copying and comparing of a general library.
 */

type Value = unknown;
type Container = Value[] | Record<string, Value>;

/** One operation of a patch, read and checked. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: Pointer; readonly value: Value }
  | { readonly op: 'remove'; readonly path: Pointer }
  | { readonly op: 'move' | 'copy'; readonly path: Pointer; readonly from: Pointer };

/** Reference tokens of a JSON Pointer, unescaped. */
export type Pointer = readonly string[];

/** Why a patch was not applied, and by which of its operations. */
export interface PatchProblem {
  readonly problem: 'bad-patch' | 'patch-failed' | 'immutable-element';
  /** Index of the operation; absent when the body is no list of operations. */
  readonly index?: number;
}

export const isPatchProblem = (value: object): value is PatchProblem => 'problem' in value;

/** More would be a replacement, and costs more than one. */
const MAX_OPERATIONS = 1_000;

/** Names that reach into the machinery of JavaScript and are no elements of FHIR. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** What a fragment keeps for ever. */
const IMMUTABLE = new Set(['id', 'resourceType']);

/** Reads a patch. Nothing is applied when any operation is malformed. */
export function parsePatch(body: Value): readonly PatchOperation[] | PatchProblem {
  if (!Array.isArray(body) || body.length > MAX_OPERATIONS) return { problem: 'bad-patch' };
  const operations: PatchOperation[] = [];
  for (const [index, item] of body.entries()) {
    const operation = parseOperation(item);
    if (operation === undefined) return { problem: 'bad-patch', index };
    if (changes(operation).some((path) => path.length === 0 || (path.length === 1 && IMMUTABLE.has(path[0]!))))
      return { problem: 'immutable-element', index };
    operations.push(operation);
  }
  return operations;
}

function parseOperation(item: Value): PatchOperation | undefined {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return undefined;
  const { op, path: pathText, from: fromText } = item as Record<string, Value>;
  const path = parsePointer(pathText);
  if (path === undefined) return undefined;
  if (op === 'remove') return { op, path };
  if (op === 'add' || op === 'replace' || op === 'test') {
    return Object.hasOwn(item, 'value') ? { op, path, value: (item as { value: Value }).value } : undefined;
  }
  if (op !== 'move' && op !== 'copy') return undefined;
  const from = parsePointer(fromText);
  return from && { op, path, from };
}

function parsePointer(text: Value): Pointer | undefined {
  if (typeof text !== 'string' || (text !== '' && !text.startsWith('/')) || /~(?![01])/.test(text)) return undefined;
  if (text === '') return [];
  const tokens = text
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  return tokens.some((token) => FORBIDDEN.has(token)) ? undefined : tokens;
}

const changes = (operation: PatchOperation): Pointer[] =>
  operation.op === 'test' ? [] : operation.op === 'move' ? [operation.path, operation.from] : [operation.path];

/**
 * Applies a patch to a document, which is changed in place (pass one that nobody else holds). All operations apply or the result is a problem, and
 * the document must then be dropped.
 */
export function applyPatch<T extends Container>(document: T, operations: readonly PatchOperation[]): T | PatchProblem {
  let copied = 0;
  for (const [index, operation] of operations.entries()) {
    if (operation.op === 'copy') copied += charactersAt(document, operation.from);
    if (copied > MAX_COPIED || !applyOperation(document, operation)) return { problem: 'patch-failed', index };
  }
  return document;
}

/** Characters of JSON that one patch may copy: a list that is copied into itself a few times over doubles each time. */
const MAX_COPIED = 1_000_000;

const charactersAt = (document: Container, path: Pointer): number => JSON.stringify(valueAt(document, path)?.value ?? '').length;

function applyOperation(document: Container, operation: PatchOperation): boolean {
  switch (operation.op) {
    case 'add':
      return insert(document, operation.path, copyOf(operation.value));
    case 'remove':
      return detach(document, operation.path);
    case 'replace': {
      const place = placeOf(document, operation.path);
      if (place === undefined || !exists(place)) return false;
      place.container[place.key as never] = copyOf(operation.value) as never;
      return true;
    }
    case 'test': {
      const found = valueAt(document, operation.path);
      return found !== undefined && sameValue(found.value, operation.value);
    }
    case 'copy': {
      const found = valueAt(document, operation.from);
      return found !== undefined && insert(document, operation.path, copyOf(found.value));
    }
    case 'move': {
      // RFC 6902, 4.4: a value cannot be moved into one of its own children.
      if (startsWith(operation.path, operation.from) && operation.path.length > operation.from.length) return false;
      const found = valueAt(document, operation.from);
      return found !== undefined && detach(document, operation.from) && insert(document, operation.path, found.value);
    }
  }
}

const startsWith = (path: Pointer, prefix: Pointer) => prefix.every((token, index) => path[index] === token);

interface Place {
  readonly container: Container;
  /** An index of a list (its length for `-`), or a property name. */
  readonly key: string | number;
}

const isContainer = (value: Value): value is Container => typeof value === 'object' && value !== null && !JSON.isRawJSON(value);

const exists = ({ container, key }: Place) =>
  Array.isArray(container) ? Number(key) < container.length : Object.hasOwn(container, key);

function placeOf(document: Container, path: Pointer): Place | undefined {
  const parent = valueAt(document, path.slice(0, -1))?.value;
  const last = path.at(-1);
  if (last === undefined || !isContainer(parent)) return undefined;
  if (!Array.isArray(parent)) return { container: parent, key: last };
  if (last === '-') return { container: parent, key: parent.length };
  // RFC 6901, section 4: digits without leading zeros.
  return /^(0|[1-9]\d{0,8})$/.test(last) ? { container: parent, key: Number(last) } : undefined;
}

function valueAt(document: Container, path: Pointer): { value: Value } | undefined {
  if (path.length === 0) return { value: document };
  const place = placeOf(document, path);
  return place && exists(place) ? { value: place.container[place.key as never] } : undefined;
}

function insert(document: Container, path: Pointer, value: Value): boolean {
  const place = placeOf(document, path);
  if (place === undefined) return false;
  const { container, key } = place;
  if (!Array.isArray(container)) {
    container[key] = value;
    return true;
  }
  if (Number(key) > container.length) return false;
  container.splice(Number(key), 0, value);
  return true;
}

function detach(document: Container, path: Pointer): boolean {
  const place = placeOf(document, path);
  if (place === undefined || !exists(place)) return false;
  if (Array.isArray(place.container)) place.container.splice(Number(place.key), 1);
  else delete place.container[place.key];
  return true;
}

/** Raw numbers are frozen and shared; everything else is copied. */
function copyOf(value: Value): Value {
  if (!isContainer(value)) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, copyOf(child)]));
}

/** RFC 6902, 4.6: numbers are equal by value, lists in order, objects by their properties in any order. */
function sameValue(one: Value, other: Value): boolean {
  const number = numberOf(one);
  if (number !== undefined) return number === numberOf(other);
  if (!isContainer(one) || !isContainer(other)) return one === other;
  if (Array.isArray(one) || Array.isArray(other)) {
    return (
      Array.isArray(one) &&
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((item, i) => sameValue(item, other[i]))
    );
  }
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && sameValue(one[name], other[name]))
  );
}
