import type { Identifier } from '../record/identity.ts';
import { readIdentifierToken } from './search/matching/search-token.ts';
import { structureOf } from './tables/tables.ts';

/**
 * References of a FHIR resource (http://hl7.org/fhir/R4/references.html): finding them, and reading what they say. What they come to point
 * at is decided by `functions/ingest`, which knows the bundle, the record and the directory.
 */

/** A JSON object of a parsed resource. */
export type Json = Record<string, unknown>;

/** A place in a resource that points somewhere, with what it said when it came: resolving it twice gives the same answer. */
export interface ReferenceSlot {
  /** The object (or the list) that holds it. It is written into when the reference is resolved. */
  readonly holder: Json;
  /** Name of the element in its holder, or its place in a list. */
  readonly property: string;
  /**
   * - `reference`: the `reference` of a Reference datatype.
   * - `address`: a `urn:` in an element of type uri, url, canonical, oid or uuid, such as an Attachment's `url`.
   * - `narrative`: XHTML in which a link or an image has a `urn:` address.
   */
  readonly kind: 'reference' | 'address' | 'narrative';
  readonly given: Readonly<Json>;
}

/** Addresses that live inside one bundle: they name its entries (http://hl7.org/fhir/R4/bundle.html#bundle-unique). */
const URN = /^urn:(?:uuid|oid):/;
const URN_IN_NARRATIVE = /(?:href|src)\s*=\s*["']urn:(?:uuid|oid):/;

/**
 * Every reference in a resource, contained resources and extensions included, in the order in which they stand. Only the Reference datatype has
 * a string element `reference`, so no table of types is needed for those; a logical reference (an `identifier` alone) is not found by this.
 */
export function collectReferences(resource: Json): ReferenceSlot[] {
  const slots: ReferenceSlot[] = [];
  const urns = collect(resource, slots);
  if (urns > 0 && typeof resource.resourceType === 'string') collectUrns(resource, resource.resourceType, slots);
  return slots;
}

/** @returns how many texts look like a `urn:`: only then their types matter. */
function collect(value: object, slots: ReferenceSlot[]): number {
  let urns = 0;
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === 'object' && item !== null) urns += collect(item, slots);
      else if (typeof item === 'string' && URN.test(item)) urns++;
    }
    return urns;
  }
  const holder = value as Json;
  for (const key in holder) {
    const child = holder[key];
    if (typeof child === 'object') {
      if (child !== null) urns += collect(child, slots);
    } else if (key === 'reference' && typeof child === 'string') {
      slots.push({ holder, property: 'reference', kind: 'reference', given: { ...holder } });
    } else if (typeof child === 'string' && isUrn(key, child)) urns++;
  }
  return urns;
}

const isUrn = (key: string, text: string): boolean => URN.test(text) || (key === 'div' && URN_IN_NARRATIVE.test(text));

/** Types of elements in which the address of a bundle's entry is replaced (http://hl7.org/fhir/R4/http.html#trules). */
const ADDRESS_TYPES: ReadonlySet<string> = new Set(['uri', 'url', 'canonical', 'oid', 'uuid']);

/** The JSON names of a type's elements, those that it inherits too, with the type of each. */
function namesIn(type: string): (readonly [name: string, type: string])[] {
  const row = structureOf(type);
  if (row === undefined) return [];
  const own = row.elements.flatMap(({ name, choice, types }) =>
    choice
      ? types.map((one) => [`${name}${one.type[0]!.toUpperCase()}${one.type.slice(1)}`, one.type] as const)
      : [[name, types[0]!.type] as const],
  );
  return row.base === undefined ? own : [...namesIn(row.base), ...own];
}

function collectUrns(holder: Json, type: string, slots: ReferenceSlot[]): void {
  for (const [name, elementType] of namesIn(type)) {
    const value = holder[name];
    if (typeof value === 'object' && value !== null) collectUrnsIn(value, elementType, slots);
    else if (typeof value === 'string') addUrn(holder, name, value, elementType, slots);
  }
  collectUrnsBeside(holder, slots);
}

/** What the table of elements leaves out: extensions, those of primitives too, and contained resources. */
function collectUrnsBeside(holder: Json, slots: ReferenceSlot[]): void {
  for (const [name, value] of Object.entries(holder)) {
    if (typeof value !== 'object' || value === null) continue;
    if (name === 'extension' || name === 'modifierExtension') collectExtensions(value, slots);
    else if (name === 'contained') collectUrnsIn(value, 'Resource', slots);
    else if (name.startsWith('_')) for (const one of [value].flat()) if (one) collectUrnsBeside(one as Json, slots);
  }
}

function collectExtensions(extensions: object, slots: ReferenceSlot[]): void {
  for (const extension of [extensions].flat()) {
    if (typeof extension !== 'object' || extension === null) continue;
    for (const [name, value] of Object.entries(extension as Json)) {
      if (!name.startsWith('value')) continue;
      const type = name.slice('value'.length);
      if (typeof value === 'string') addUrn(extension as Json, name, value, type.toLowerCase(), slots);
      else if (typeof value === 'object' && value !== null) collectUrnsIn(value, type, slots);
    }
    collectUrnsBeside(extension as Json, slots);
  }
}

function collectUrnsIn(value: object, type: string, slots: ReferenceSlot[]): void {
  if (!Array.isArray(value)) {
    const { resourceType } = value as Json;
    collectUrns(value as Json, typeof resourceType === 'string' ? resourceType : type, slots);
    return;
  }
  for (const [index, item] of value.entries()) {
    if (typeof item === 'object' && item !== null) collectUrnsIn(item, type, slots);
    else if (typeof item === 'string') addUrn(value as unknown as Json, String(index), item, type, slots);
  }
}

function addUrn(holder: Json, property: string, text: string, type: string, slots: ReferenceSlot[]): void {
  const kind =
    ADDRESS_TYPES.has(type) && URN.test(text) ? 'address' : property === 'div' && isUrn(property, text) ? 'narrative' : undefined;
  if (kind !== undefined) slots.push({ holder, property, kind, given: { [property]: text } });
}

/** What a reference says. */
export type ReferenceTarget =
  /** `#id`: a resource contained in this one. */
  | { readonly kind: 'contained' }
  /** `Type/id`, relative or absolute to this server. `version` is that of a version-specific reference. */
  | { readonly kind: 'literal'; readonly type: string; readonly id: string; readonly version?: string }
  /** `Type?identifier=system|value` (http://hl7.org/fhir/R4/http.html#trules, conditional references). */
  | { readonly kind: 'conditional'; readonly type: string; readonly identifier: Identifier }
  /** `Type?…` with anything else. */
  | { readonly kind: 'unsupported-condition' }
  /** Anything else: another server, a `urn:` that is not in the bundle. */
  | { readonly kind: 'elsewhere' };

const LITERAL = /^([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;
const CONDITIONAL = /^([A-Z][A-Za-z]{1,63})\?(.*)$/s;

/** @param fhirUrl the address of this server, without a slash at its end: an absolute reference to it is one of ours. */
export function parseReference(text: string, fhirUrl: string): ReferenceTarget {
  if (text.startsWith('#')) return { kind: 'contained' };
  const relative = text.startsWith(fhirUrl) && text[fhirUrl.length] === '/' ? text.slice(fhirUrl.length + 1) : text;
  const literal = LITERAL.exec(relative);
  if (literal) {
    const [, type = '', id = '', version] = literal;
    return { kind: 'literal', type, id, ...(version === undefined ? {} : { version }) };
  }
  const conditional = CONDITIONAL.exec(relative);
  if (!conditional) return { kind: 'elsewhere' };
  const identifier = parseIdentifierQuery(conditional[2] ?? '');
  return identifier ? { kind: 'conditional', type: conditional[1] ?? '', identifier } : { kind: 'unsupported-condition' };
}

/** The one identifier that a query such as `identifier=system|value` asks for; `undefined` for any other query. */
function parseIdentifierQuery(query: string): Identifier | undefined {
  const parameters = [...new URLSearchParams(query)];
  const [first] = parameters;
  return parameters.length === 1 && first?.[0] === 'identifier' ? readIdentifierToken(first[1]) : undefined;
}

/** The identifier of a reference, when it has both system and value. */
export function identifierOf(reference: Readonly<Json>): Identifier | undefined {
  const { system, value } = (reference.identifier ?? {}) as Partial<Identifier>;
  return typeof system === 'string' && typeof value === 'string' && system !== '' && value !== '' ? { system, value } : undefined;
}

/** The values at a dotted path of elements, lists flattened: `participant.actor`. */
export function elementsAt(resource: Json, path: string): Json[] {
  let found: unknown[] = [resource];
  for (const name of path.split('.')) {
    found = found.flatMap((value) => (value as Json)[name] ?? []).filter((value) => typeof value === 'object' && value !== null);
  }
  return found as Json[];
}

/** The FHIRPath-like address of an object inside a resource, such as `Bundle.entry[3].resource.subject`. Walks, so only for problems. */
export function expressionOf(resource: Json, target: object, at: string): string {
  return pathTo(resource, target, at) ?? at;
}

/** The addresses of many objects inside a resource, found in one walk. */
export function expressionsOf(resource: Json, targets: ReadonlySet<object>, at: string): ReadonlyMap<object, string> {
  const found = new Map<object, string>();
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if (targets.has(value)) found.set(value, path);
    if (Array.isArray(value)) for (const [index, item] of value.entries()) visit(item, `${path}[${index}]`);
    else for (const [name, child] of Object.entries(value)) visit(child, `${path}.${name}`);
  };
  visit(resource, at);
  return found;
}

function pathTo(value: unknown, target: object, at: string): string | undefined {
  if (value === target) return at;
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const found = pathTo(item, target, `${at}[${index}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  for (const [name, child] of Object.entries(value)) {
    const found = pathTo(child, target, `${at}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
