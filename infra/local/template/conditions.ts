import { UnsupportedTemplate } from '../resource.ts';

interface Surroundings {
  readonly at: string;
  /** Whether a condition of that name holds. */
  named(name: string): boolean;
  /** Resolves what a condition compares. */
  value(expression: unknown): unknown;
}

type Operator = (argument: never, surroundings: Surroundings) => boolean;

/** CloudFormation template reference, "Condition functions". */
const OPERATORS: Readonly<Record<string, Operator>> = {
  Condition: (name: string, { named }) => named(name),
  'Fn::Equals': ([one, other]: [unknown, unknown], { value }) => String(value(one)) === String(value(other)),
  'Fn::Not': ([condition]: [unknown], surroundings) => !evaluateCondition(condition, surroundings),
  'Fn::And': (conditions: unknown[], surroundings) => conditions.every((condition) => evaluateCondition(condition, surroundings)),
  'Fn::Or': (conditions: unknown[], surroundings) => conditions.some((condition) => evaluateCondition(condition, surroundings)),
};

/** @throws UnsupportedTemplate on a condition function that is not known */
export function evaluateCondition(condition: unknown, surroundings: Surroundings): boolean {
  const [name, argument] = Object.entries((condition ?? {}) as object)[0] ?? [];
  const operator = OPERATORS[name ?? ''];
  if (operator === undefined) throw new UnsupportedTemplate(surroundings.at, `the condition function ${name} is not known here`);
  return operator(argument as never, surroundings);
}
