import { type Field, type Fields, fieldsOf, joinMemberships, type Leaf, type Membership } from './fields.ts';
import { type JsonNode, PatternProblem, readJson } from './json.ts';
import { type Expression, RESERVED_IN_OR, readExpression, type Test } from './operators.ts';

/**
 * A pattern that EventBridge refuses. The text is EventBridge's own, with the place: `Event pattern is not valid. Reason: … at line: 1,
 * column: 8`.
 */
export class InvalidEventPattern extends Error {
  override readonly name = 'InvalidEventPattern';
  readonly code = 'InvalidEventPatternException';
  readonly line: number;
  readonly column: number;

  constructor(problem: PatternProblem, text: string) {
    const before = text.slice(0, problem.at).split('\n');
    const column = before.at(-1)!.length + 1;
    super(`Event pattern is not valid. Reason: ${problem.message} at [line: ${before.length}, column: ${column}]`, {
      cause: problem,
    });
    this.line = before.length;
    this.column = column;
  }
}

/** A compiled pattern: {@link fieldsOf} an event once, then ask as many patterns as there are. */
export type Pattern = (fields: Fields) => boolean;

/** Alternatives that `$or` may multiply up to (EventBridge user guide, "Using OR matching"). */
const MOST_ALTERNATIVES = 1000;

/**
 * Compiles an event pattern to a test of whole events.
 *
 * @param pattern JSON text, or the same parsed
 * @throws InvalidEventPattern
 */
export function compilePattern(pattern: unknown): (event: unknown) => boolean {
  const matches = compileFieldPattern(pattern);
  return (event) => matches(fieldsOf(event));
}

/** Compiles an event pattern to a test of an event's fields; see {@link compilePattern}. */
export const compileFieldPattern = (pattern: unknown): Pattern => compileIndexedPattern(pattern).matches;

/** Values of which an event must have one at a path. */
export type Anchors = ReadonlyMap<string, ReadonlySet<Leaf>>;

/** A pattern, and by what events it can be looked up. */
export interface IndexedPattern {
  readonly matches: Pattern;
  /** Of each alternative of the pattern: the paths that must hold one of a few exact values. */
  readonly anchors: readonly Anchors[];
}

/** Compiles an event pattern so that it can be found among many; see {@link compilePattern}. */
export function compileIndexedPattern(pattern: unknown): IndexedPattern {
  const text = typeof pattern === 'string' ? pattern : JSON.stringify(pattern);
  try {
    const root = readJson(text);
    if (root.kind !== 'object') throw new PatternProblem('Filter is not an object', root.at);
    const alternatives = readObject(root, '', [new Map()], false);
    const compiled = alternatives.map(compileAlternative);
    return {
      matches: (fields) => compiled.some((keys) => matchesFrom(keys, 0, fields, [])),
      anchors: alternatives.map(anchorsOf),
    };
  } catch (error) {
    if (error instanceof PatternProblem) throw new InvalidEventPattern(error, text);
    throw error;
  }
}

/** What one alternative asks of each path. A path that is named twice keeps what was said last. */
type Alternative = ReadonlyMap<string, readonly Expression[]>;

function readObject(
  node: JsonNode & { kind: 'object' },
  prefix: string,
  alternatives: readonly Alternative[],
  insideOr: boolean,
): readonly Alternative[] {
  if (node.entries.length === 0) throw new PatternProblem('Empty objects are not allowed', node.at);
  let current = alternatives;
  for (const { name, value } of node.entries) {
    if (name === '$or') {
      current = readOr(value, prefix, current);
    } else if (insideOr && RESERVED_IN_OR.has(name)) {
      throw new PatternProblem(`${name} is Ruler reserved fieldName which cannot be used inside $or.`, value.at);
    } else if (value.kind === 'object') {
      current = readObject(value, `${prefix}${name}.`, current, insideOr);
    } else if (value.kind === 'array') {
      current = setPath(current, prefix + name, readExpressions(value));
    } else {
      throw new PatternProblem(`"${name}" must be an object or an array`, value.at);
    }
  }
  return current;
}

function readOr(node: JsonNode, prefix: string, current: readonly Alternative[]): readonly Alternative[] {
  if (node.kind !== 'array') throw new PatternProblem('It must be an Array followed with $or.', node.at);
  if (node.items.length < 2) throw new PatternProblem('There must have at least 2 Objects in $or relationship.', node.at);
  const alternatives = node.items.flatMap((item) => {
    if (item.kind !== 'object') throw new PatternProblem('Only JSON object is allowed in array of $or relationship.', item.at);
    return readObject(item, prefix, current, true);
  });
  if (alternatives.length > MOST_ALTERNATIVES)
    throw new PatternProblem(`$or makes more than ${MOST_ALTERNATIVES} combinations`, node.at);
  return alternatives;
}

function readExpressions(node: JsonNode & { kind: 'array' }): readonly Expression[] {
  if (node.items.length === 0) throw new PatternProblem('Empty arrays are not allowed', node.at);
  return node.items.map(readExpression);
}

const setPath = (
  alternatives: readonly Alternative[],
  path: string,
  expressions: readonly Expression[],
): readonly Alternative[] => alternatives.map((alternative) => new Map([...alternative, [path, expressions]]));

const anchorsOf = (alternative: Alternative): Anchors =>
  new Map(
    [...alternative].flatMap(([path, expressions]) => {
      const values = expressions.flatMap((expression) => (expression.kind === 'literal' ? [expression.value] : []));
      return values.length === expressions.length ? [[path, new Set<Leaf>(values)] as const] : [];
    }),
  );

interface Key {
  readonly path: string;
  readonly test: Test | undefined;
  readonly mayBeAbsent: boolean;
}

/** Keys in the order of their paths: absence is judged among the array elements that the keys before it have settled on. */
const compileAlternative = (alternative: Alternative): readonly Key[] =>
  [...alternative]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([path, expressions]) => ({
      path,
      test: compileTest(expressions),
      mayBeAbsent: expressions.some(({ kind }) => kind === 'absent'),
    }));

function compileTest(expressions: readonly Expression[]): Test | undefined {
  const literals = new Set<Leaf>(expressions.flatMap((expression) => (expression.kind === 'literal' ? [expression.value] : [])));
  const tests = expressions.flatMap((expression) => (expression.kind === 'test' ? [expression.test] : []));
  if (tests.length === 0) return literals.size === 0 ? undefined : (value) => literals.has(value);
  if (literals.size === 0 && tests.length === 1) return tests[0]!;
  return (value) => literals.has(value) || tests.some((holds) => holds(value));
}

const NONE: readonly Field[] = [];

/** Finds one value for each key such that no two stand in different elements of the same array. */
function matchesFrom(keys: readonly Key[], index: number, fields: Fields, membership: Membership): boolean {
  const key = keys[index];
  if (key === undefined) return true;
  const candidates = fields.get(key.path) ?? NONE;
  let absent = true;
  let tried: Membership | undefined;
  for (const { value, membership: own } of candidates) {
    const joined = joinMemberships(membership, own);
    if (joined === undefined) continue;
    absent = false;
    if (joined === tried || key.test === undefined || !key.test(value)) continue;
    if (matchesFrom(keys, index + 1, fields, joined)) return true;
    tried = joined;
  }
  return absent && key.mayBeAbsent && matchesFrom(keys, index + 1, fields, membership);
}
