import { compileRange, isSameAddress, readAddress } from './address.ts';
import type { Leaf } from './fields.ts';
import { type JsonEntry, type JsonNode, PatternProblem } from './json.ts';

/** One element of a pattern's array: what it asks of a value, or that there be none. */
export type Expression =
  | { readonly kind: 'absent' }
  | { readonly kind: 'literal'; readonly value: Leaf }
  | { readonly kind: 'test'; readonly test: Test };

export type Test = (value: Leaf) => boolean;

const test = (holds: Test): Expression => ({ kind: 'test', test: holds });
const ofText =
  (holds: (text: string) => boolean): Test =>
  (value) =>
    typeof value === 'string' && holds(value);

/** Numbers beyond this are compared as they are written, and cannot stand in a comparison. */
const MOST = 5e9;

/** Reads one element of a pattern's array. @throws PatternProblem */
export function readExpression(node: JsonNode): Expression {
  if (node.kind === 'array') throw new PatternProblem('Match value must be String, number, true, false, or null', node.at);
  if (node.kind !== 'object') return readLiteral(node.value);
  const { name, value } = onlyEntry(node, 'Match expression name not found');
  const read = OPERATORS.get(name);
  if (read === undefined) throw new PatternProblem(`Unrecognized match type ${name}`, node.at);
  return read(value);
}

function readLiteral(value: Leaf): Expression {
  const address = typeof value === 'string' ? readAddress(value) : undefined;
  if (address === undefined) return { kind: 'literal', value };
  return test(
    ofText((text) => {
      const other = readAddress(text);
      return other !== undefined && isSameAddress(address, other);
    }),
  );
}

/** The operators (EventBridge user guide, "Comparison operators for use in event patterns"). */
const OPERATORS: ReadonlyMap<string, (operand: JsonNode) => Expression> = new Map([
  ['exactly', (operand) => ({ kind: 'literal', value: textOf(operand, 'exact match pattern must be a string') })],
  ['prefix', (operand) => test(ofText(readAffix('prefix', operand)))],
  ['suffix', (operand) => test(ofText(readAffix('suffix', operand)))],
  [
    'equals-ignore-case',
    (operand) => test(ofText(sameLetters(textOf(operand, 'equals-ignore-case match pattern must be a string')))),
  ],
  ['wildcard', (operand) => test(ofText(compileStars(textOf(operand, 'wildcard match pattern must be a string'), operand.at)))],
  ['numeric', readNumeric],
  ['cidr', readRange],
  ['exists', readExists],
  ['anything-but', readAnythingBut],
]);

/** Names that no field may have inside `$or`, so that an operator put there by mistake is refused. */
export const RESERVED_IN_OR: ReadonlySet<string> = new Set([
  ...OPERATORS.keys(),
  ...['=', '<', '<=', '>', '>=', 'regex', 'not-wildcard', 'not-equals-ignore-case'],
  ...[
    'date-after',
    'date-on-or-after',
    'date-before',
    'date-on-or-before',
    'in-date-range',
    'ip-address-in-range',
    'ip-address-not-in-range',
  ],
]);

function onlyEntry(node: JsonNode & { kind: 'object' }, whenNone: string): JsonEntry {
  const [entry, second] = node.entries;
  if (entry === undefined) throw new PatternProblem(whenNone, node.at);
  if (second !== undefined) throw new PatternProblem('Only one key allowed in match expression', second.value.at);
  return entry;
}

function textOf(node: JsonNode, reason: string): string {
  if (node.kind !== 'string') throw new PatternProblem(reason, node.at);
  return node.value;
}

type Affix = 'prefix' | 'suffix';

const AFFIXES: Readonly<Record<Affix, (wanted: string) => (text: string) => boolean>> = {
  prefix: (wanted) => (text) => text.startsWith(wanted),
  suffix: (wanted) => (text) => text.endsWith(wanted),
};

function readAffix(affix: Affix, operand: JsonNode): (text: string) => boolean {
  if (operand.kind !== 'object') return AFFIXES[affix](textOf(operand, `${affix} match pattern must be a string`));
  const { name, value } = onlyEntry(operand, `${affix === 'prefix' ? 'Prefix' : 'Suffix'} expression name not found`);
  if (name !== 'equals-ignore-case') throw new PatternProblem(`Unsupported ${affix} pattern: ${name}`, operand.at);
  const holds = AFFIXES[affix](foldCase(textOf(value, 'equals-ignore-case match pattern must be a string')));
  return (text) => holds(foldCase(text));
}

const foldCase = (text: string): string => text.toLowerCase();

function sameLetters(wanted: string): (text: string) => boolean {
  const folded = foldCase(wanted);
  return (text) => foldCase(text) === folded;
}

/** `*` is any run of characters; `\*` and `\\` are the characters themselves. */
function compileStars(pattern: string, at: number): (text: string) => boolean {
  const runs = [''];
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index]!;
    if (character === '*') {
      if (pattern[index + 1] === '*') throw new PatternProblem(`Consecutive wildcard characters at pos ${index + 1}`, at);
      runs.push('');
      continue;
    }
    if (character === '\\') {
      index += 1;
      if (pattern[index] !== '*' && pattern[index] !== '\\')
        throw new PatternProblem(`Invalid escape character at pos ${index}`, at);
    }
    runs[runs.length - 1] += pattern[index]!;
  }
  return (text) => matchesRuns(text, runs);
}

/** Leftmost placement of each run is enough, so that no pattern and text can take more than linear time per run. */
function matchesRuns(text: string, runs: readonly string[]): boolean {
  const first = runs[0]!;
  if (runs.length === 1) return text === first;
  const last = runs.at(-1)!;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let from = first.length;
  const end = text.length - last.length;
  for (const run of runs.slice(1, -1)) {
    const found = text.indexOf(run, from);
    if (found < 0 || found + run.length > end) return false;
    from = found + run.length;
  }
  return from <= end;
}

function readRange(operand: JsonNode): Expression {
  const compiled = compileRange(textOf(operand, 'cidr match pattern must be a string'));
  if (typeof compiled === 'string') throw new PatternProblem(compiled, operand.at);
  return test(compiled);
}

function readExists(operand: JsonNode): Expression {
  if (operand.kind !== 'literal' || operand.value === null)
    throw new PatternProblem('exists match pattern must be either true or false.', operand.at);
  return operand.value ? test(() => true) : { kind: 'absent' };
}

type Bound = (value: number) => boolean;

const LOWER: Readonly<Record<string, (limit: number) => Bound>> = {
  '>': (limit) => (value) => value > limit,
  '>=': (limit) => (value) => value >= limit,
};
const UPPER: Readonly<Record<string, (limit: number) => Bound>> = {
  '<': (limit) => (value) => value < limit,
  '<=': (limit) => (value) => value <= limit,
};
const EQUAL: Readonly<Record<string, (limit: number) => Bound>> = { '=': (limit) => (value) => value === limit };

function readNumeric(operand: JsonNode): Expression {
  if (operand.kind !== 'array') throw new PatternProblem('Value of numeric must be an array.', operand.at);
  const [first, limit, second, top, ...others] = operand.items;
  const operator = first?.kind === 'string' ? first.value : undefined;
  if (first === undefined || operator === undefined) throw new PatternProblem('Invalid member in numeric match', operand.at);
  const bound = (LOWER[operator] ?? UPPER[operator] ?? EQUAL[operator])?.(limitOf(limit, operator, operand));
  if (bound === undefined) throw new PatternProblem(`Unrecognized numeric range operator: ${operator}`, first.at);
  if (second === undefined) return test(ofNumber(bound));

  if (LOWER[operator] === undefined || others.length > 0)
    throw new PatternProblem('Too many elements in numeric expression', second.at);
  const upper = second.kind === 'string' ? UPPER[second.value] : undefined;
  if (second.kind !== 'string' || upper === undefined) throw new PatternProblem('Bad numeric range operator', second.at);
  const most = limitOf(top, second.value, operand);
  if (limitOf(limit, operator, operand) >= most) throw new PatternProblem('Bottom must be less than top', second.at);
  const below = upper(most);
  return test(ofNumber((value) => bound(value) && below(value)));
}

const ofNumber =
  (holds: Bound): Test =>
  (value) =>
    typeof value === 'number' && Math.abs(value) <= MOST && holds(value);

function limitOf(node: JsonNode | undefined, operator: string, operand: JsonNode): number {
  if (node?.kind !== 'number') throw new PatternProblem(`Value of ${operator} must be numeric`, (node ?? operand).at);
  return inBounds(node);
}

function inBounds({ value, at }: { readonly value: number; readonly at: number }): number {
  if (Math.abs(value) > MOST) throw new PatternProblem(`Value must be between ${-MOST} and ${MOST}, inclusive`, at);
  return value;
}

/** What `anything-but` can be followed by, besides values: how each text compiles, whether it may be empty, and what is said of other types. */
const NEGATED: Readonly<
  Record<
    string,
    {
      readonly compile: (text: string, at: number) => (value: string) => boolean;
      readonly empty: boolean;
      readonly reason: string;
    }
  >
> = {
  prefix: { compile: AFFIXES.prefix, empty: false, reason: 'prefix/suffix match pattern must be a string' },
  suffix: { compile: AFFIXES.suffix, empty: false, reason: 'prefix/suffix match pattern must be a string' },
  'equals-ignore-case': {
    compile: sameLetters,
    empty: true,
    reason: 'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.',
  },
  wildcard: { compile: compileStars, empty: true, reason: 'wildcard match pattern must be a string' },
};

function readAnythingBut(operand: JsonNode): Expression {
  return operand.kind === 'object' ? readAnythingButExpression(operand) : readAnythingButValues(operand);
}

function readAnythingButExpression(operand: JsonNode & { kind: 'object' }): Expression {
  const { name, value } = onlyEntry(operand, 'Anything-But expression name not found');
  const negated = Object.hasOwn(NEGATED, name) ? NEGATED[name] : undefined;
  if (negated === undefined) throw new PatternProblem(`Unsupported anything-but pattern: ${name}`, operand.at);
  const refused = itemsOf(value).map((item) => {
    const text = textOf(item, negated.reason);
    if (text === '' && !negated.empty) throw new PatternProblem('Null prefix/suffix not allowed', item.at);
    return negated.compile(text, item.at);
  });
  return test((leaf) => typeof leaf !== 'string' || !refused.some((matches) => matches(leaf)));
}

function readAnythingButValues(operand: JsonNode): Expression {
  const items = itemsOf(operand);
  const values = new Set<Leaf>();
  for (const item of items) {
    if (item.kind !== 'string' && item.kind !== 'number') {
      throw new PatternProblem('Inside anything but list, start|null|boolean is not supported.', item.at);
    }
    if (item.kind !== items[0]!.kind) {
      throw new PatternProblem(
        'Inside anything but list, either all values are number or string, mixed type is not supported',
        item.at,
      );
    }
    values.add(item.kind === 'number' ? inBounds(item) : item.value);
  }
  return test((value) => !values.has(value));
}

function itemsOf(node: JsonNode): readonly JsonNode[] {
  if (node.kind !== 'array') return [node];
  if (node.items.length === 0) throw new PatternProblem('Empty arrays are not allowed', node.at);
  return node.items;
}
