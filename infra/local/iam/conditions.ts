import { UnsupportedTemplate } from '../resource.ts';
import type { Condition, RequestContext } from './model.ts';
import { compileWildcard } from './wildcard.ts';

interface Operator {
  /** Compiles one value of the policy to a test of one value of the request. */
  readonly compile: (wanted: string, at: string) => (actual: string) => boolean;
  /** A negated operator holds when none of its values matches, and when the key is absent. */
  readonly negated?: true;
}

const equals: Operator['compile'] = (wanted) => (actual) => actual === wanted;
const equalsIgnoringCase: Operator['compile'] = (wanted) => (actual) => actual.toLowerCase() === wanted.toLowerCase();
const like: Operator['compile'] = (wanted) => compileWildcard(wanted);

const ordered =
  (read: (text: string) => number, holds: (actual: number, wanted: number) => boolean): Operator['compile'] =>
  (text, at) => {
    const wanted = read(text);
    if (Number.isNaN(wanted)) throw new UnsupportedTemplate(at, `the value ${JSON.stringify(text)} cannot be compared`);
    return (actual) => holds(read(actual), wanted);
  };

const readInstant = (text: string): number => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text));

const comparisons = (kind: string, read: (text: string) => number): [string, Operator][] => [
  [`${kind}Equals`, { compile: ordered(read, (actual, wanted) => actual === wanted) }],
  [`${kind}NotEquals`, { compile: ordered(read, (actual, wanted) => actual === wanted), negated: true }],
  [`${kind}LessThan`, { compile: ordered(read, (actual, wanted) => actual < wanted) }],
  [`${kind}LessThanEquals`, { compile: ordered(read, (actual, wanted) => actual <= wanted) }],
  [`${kind}GreaterThan`, { compile: ordered(read, (actual, wanted) => actual > wanted) }],
  [`${kind}GreaterThanEquals`, { compile: ordered(read, (actual, wanted) => actual >= wanted) }],
];

/** Condition operators (IAM user guide, "IAM JSON policy elements: Condition operators"); `Null` is handled by itself. */
const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['StringEquals', { compile: equals }],
  ['StringNotEquals', { compile: equals, negated: true }],
  ['StringEqualsIgnoreCase', { compile: equalsIgnoringCase }],
  ['StringNotEqualsIgnoreCase', { compile: equalsIgnoringCase, negated: true }],
  ['StringLike', { compile: like }],
  ['StringNotLike', { compile: like, negated: true }],
  ['ArnEquals', { compile: like }],
  ['ArnLike', { compile: like }],
  ['ArnNotEquals', { compile: like, negated: true }],
  ['ArnNotLike', { compile: like, negated: true }],
  ['Bool', { compile: equalsIgnoringCase }],
  ...comparisons('Numeric', Number),
  ...comparisons('Date', readInstant),
]);

const SET_PREFIX = /^(ForAllValues|ForAnyValue):/;

/**
 * Compiles a statement's `Condition` block: every operator and every key in it must hold, any of a key's values is enough.
 *
 * @throws UnsupportedTemplate on an operator that is not known here, so that a policy cannot mean less than it says
 */
export function compileConditions(block: unknown, at: string): Condition | undefined {
  if (block === undefined) return undefined;
  const conditions: Condition[] = [];
  for (const [operator, keys] of Object.entries(block as Record<string, Record<string, unknown>>)) {
    for (const [key, values] of Object.entries(keys))
      conditions.push(compileCondition(operator, key, texts(values), `${at}.${operator}`));
  }
  return (context) => conditions.every((holds) => holds(context));
}

function compileCondition(written: string, key: string, wanted: readonly string[], at: string): Condition {
  if (wanted.some((value) => value.includes('${'))) throw new UnsupportedTemplate(at, 'policy variables are not supported');
  const quantifier = SET_PREFIX.exec(written)?.[1];
  const optional = written.endsWith('IfExists');
  const name = written.replace(SET_PREFIX, '').replace(/IfExists$/, '');
  if (name === 'Null') return (context) => String(valuesOf(context, key).length === 0) === wanted[0];

  const operator = OPERATORS.get(name);
  if (operator === undefined) throw new UnsupportedTemplate(at, 'unknown condition operator');
  const tests = wanted.map((value) => operator.compile(value, at));
  const negated = operator.negated === true;
  const one = (actual: string) => tests.some((matches) => matches(actual)) !== negated;
  // A key that is absent satisfies a negated operator, an …IfExists and ForAllValues; it fails anything else.
  const whenAbsent = optional || (quantifier === undefined ? negated : quantifier === 'ForAllValues');
  const every = quantifier === 'ForAllValues' || (quantifier === undefined && negated);
  return (context) => {
    const actual = valuesOf(context, key);
    if (actual.length === 0) return whenAbsent;
    return every ? actual.every(one) : actual.some(one);
  };
}

function valuesOf(context: RequestContext, key: string): readonly string[] {
  const found = context[key] ?? context[Object.keys(context).find((name) => name.toLowerCase() === key.toLowerCase()) ?? ''];
  if (found === undefined) return [];
  return typeof found === 'string' ? [found] : found;
}

/** A policy's value: one text, or several; booleans and numbers may stand without quotes. */
export const texts = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(String);
