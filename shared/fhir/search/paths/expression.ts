import { elementsOf, jsonNames } from '../../tables/elements.ts';
import type { Json } from '../entry.ts';
import { parseExpression, type Syntax } from './syntax.ts';

/** One way to values: the type that they have (the definitions tell, so no value has to be guessed at), and how to read them. */
export interface Reading {
  /** Data type, primitive type or path of a backbone element. */
  readonly type: string;
  /** System of the codes, for an element of type `code` whose codes come from one system. */
  readonly system?: string;
  read(context: unknown, resource: Json): readonly unknown[];
}

/**
 * Compiles an expression of a search parameter for a resource type (or for a backbone element, for a part of a composite).
 * An element whose type is a choice gives a reading for each type, a union those of all its parts.
 *
 * @throws when the expression cannot be understood: a fault of the tables or of this compiler, found by a test that walks every parameter
 */
export const compileExpression = (context: string, expression: string): readonly Reading[] =>
  compile(parseExpression(expression), { context, root: context.split('.')[0]! });

interface Scope {
  /** Type of what `$this` is. */
  readonly context: string;
  /** Type of `%resource`. */
  readonly root: string;
}

/** An absent value reads as nothing, a list as its items without gaps (`null`, http://hl7.org/fhir/R4/json.html#primitive). */
const listed = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? withoutGaps(value) : value === undefined || value === null ? [] : [value];

const withoutGaps = (values: readonly unknown[]): readonly unknown[] =>
  values.includes(null) ? values.filter((value) => value !== null) : values;

function compile(syntax: Syntax, scope: Scope): readonly Reading[] {
  switch (syntax.kind) {
    case 'name':
      return compileStart(syntax.name, scope);
    case 'resource':
      return [{ type: scope.root, read: (_, resource) => [resource] }];
    case 'literal':
      return [{ type: typeof syntax.value, read: () => [syntax.value] }];
    case 'member':
      return compile(syntax.of, scope).flatMap((reading) => memberOf(reading, syntax.name));
    case 'index':
      return compile(syntax.of, scope).map((reading) =>
        through(reading, reading.type, (values) => values.slice(syntax.index, syntax.index + 1)),
      );
    case 'cast':
      return compile(syntax.of, scope).filter(({ type }) => type === syntax.type);
    case 'union':
      return syntax.parts.flatMap((part) => compile(part, scope));
    case 'where':
      return compile(syntax.of, scope).map((reading) => compileWhere(reading, syntax.condition, scope));
    default:
      return [{ type: 'boolean', read: compileTruth(syntax, scope) }];
  }
}

function compileStart(name: string, { context, root }: Scope): readonly Reading[] {
  if (name === root || name === 'Resource' || name === 'DomainResource')
    return [{ type: root, read: (_, resource) => [resource] }];
  return memberOf({ type: context, read: (value) => [value] }, name);
}

function memberOf({ type, read }: Reading, name: string): readonly Reading[] {
  const element =
    elementsOf(type).get(name) ?? [...elementsOf(type).values()].find((row) => jsonNames(row).some(([json]) => json === name));
  if (element === undefined) throw new TypeError(`${type} has no element ${name}`);
  return jsonNames(element)
    .filter(([json]) => element.name === name || json === name)
    .map(([json, valueType]) => ({
      type: valueType,
      ...(element.system === undefined ? {} : { system: element.system }),
      read: (context, resource) => {
        const parents = read(context, resource);
        return parents.length === 1
          ? listed((parents[0] as Json)[json])
          : parents.flatMap((parent) => listed((parent as Json)[json]));
      },
    }));
}

const through = (
  reading: Reading,
  type: string,
  change: (values: readonly unknown[], resource: Json) => readonly unknown[],
): Reading => ({
  ...reading,
  type,
  read: (context, resource) => change(reading.read(context, resource), resource),
});

function compileWhere(reading: Reading, condition: Syntax, { root }: Scope): Reading {
  const holds = compileTruth(condition, { context: reading.type, root });
  return through(reading, reading.type, (values, resource) => values.filter((value) => holds(value, resource)[0] === true));
}

/** What is true or false, or (of nothing) neither: an empty list. */
function compileTruth(syntax: Syntax, scope: Scope): Reading['read'] {
  switch (syntax.kind) {
    case 'exists': {
      const of = compile(syntax.of, scope);
      return (context, resource) => [of.some(({ read }) => read(context, resource).length > 0)];
    }
    case 'is':
      if (syntax.of.kind !== 'resolve') throw new TypeError('only what a reference resolves to is asked for its type');
      return (context, resource) => [targetTypeOf(context as Json, resource) === syntax.type];
    case 'compare':
      return compileComparison(syntax, scope);
    case 'and': {
      const left = compileTruth(syntax.left, scope);
      const right = compileTruth(syntax.right, scope);
      return (context, resource) => [left(context, resource)[0] === true && right(context, resource)[0] === true];
    }
    default:
      throw new TypeError(`${syntax.kind} is neither true nor false`);
  }
}

function compileComparison({ left, right, equal }: Extract<Syntax, { kind: 'compare' }>, scope: Scope): Reading['read'] {
  const lefts = compile(left, scope);
  const rights = compile(right, scope);
  const first = (readings: readonly Reading[], context: unknown, resource: Json) => {
    for (const { read } of readings) {
      const [value] = read(context, resource);
      if (value !== undefined) return value;
    }
    return undefined;
  };
  return (context, resource) => {
    const one = first(lefts, context, resource);
    const other = first(rights, context, resource);
    return one === undefined || other === undefined ? [] : [(one === other) === equal];
  };
}

const LITERAL_REFERENCE = /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

/** Type of what a Reference points at, as far as the resource itself tells: by its text, its `type`, or what it contains. */
function targetTypeOf({ reference, type }: Json, resource: Json): string | undefined {
  if (typeof reference === 'string') {
    if (reference.startsWith('#')) return containedIn(resource, reference)?.resourceType as string | undefined;
    const literal = LITERAL_REFERENCE.exec(reference);
    if (literal !== null) return literal[1];
  }
  return typeof type === 'string' ? type : undefined;
}

/** The contained resource that `#id` names. */
const containedIn = ({ contained }: Json, reference: string): Json | undefined =>
  (listed(contained) as readonly Json[]).find(({ id }) => `#${id}` === reference);
