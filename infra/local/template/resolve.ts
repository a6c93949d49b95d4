import { UnsupportedTemplate } from '../resource.ts';
import { evaluateCondition } from './conditions.ts';

/** What an expression of a template can ask of what stands around it. */
export interface Scope {
  /** Stack and logical id of what is being resolved, for messages. */
  readonly at: string;
  /** `Ref` of a resource, parameter or pseudo parameter. */
  ref(name: string): unknown;
  attribute(logicalId: string, attribute: string): unknown;
  imported(exportName: string): unknown;
  stackOutput(stack: string, output: string): unknown;
  mapping(map: string, key: string, subkey: string): unknown;
  condition(name: string): boolean;
  /** Puts the runtime's own addresses in the place of those that AWS would give. */
  localise(text: string): string;
}

/** Stands for a value that `AWS::NoValue` removes. */
export const NO_VALUE = Symbol('AWS::NoValue');

type Intrinsic = (argument: never, scope: Scope) => unknown;

/**
 * Intrinsic functions (CloudFormation template reference, "Intrinsic functions"; `Fn::GetStackOutput` is how the CDK writes weak
 * references between stacks).
 */
const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (name: string, scope) => scope.ref(name),
  'Fn::GetAtt': (argument: string | [string, unknown], scope) => {
    const [logicalId, attribute] = typeof argument === 'string' ? splitOnce(argument) : argument;
    return scope.attribute(logicalId, text(resolve(attribute, scope)));
  },
  'Fn::Join': ([separator, parts]: [string, unknown], scope) =>
    scope.localise(list(resolve(parts, scope), scope).map(text).join(separator)),
  'Fn::Sub': (argument: string | [string, Record<string, unknown>], scope) => {
    const [template, variables] = typeof argument === 'string' ? [argument, {}] : argument;
    return scope.localise(substitute(template, variables, scope));
  },
  'Fn::Select': ([index, items]: [unknown, unknown], scope) => {
    const found = list(resolve(items, scope), scope)[Number(resolve(index, scope))];
    if (found === undefined) throw new UnsupportedTemplate(scope.at, 'Fn::Select asks for an element that is not there');
    return found;
  },
  'Fn::Split': ([separator, value]: [string, unknown], scope) => text(resolve(value, scope)).split(separator),
  'Fn::If': ([name, yes, no]: [string, unknown, unknown], scope) => resolve(scope.condition(name) ? yes : no, scope),
  'Fn::ImportValue': (name: unknown, scope) => scope.imported(text(resolve(name, scope))),
  'Fn::GetStackOutput': ({ StackName, OutputName }: { StackName: string; OutputName: string }, scope) =>
    scope.stackOutput(StackName, OutputName),
  'Fn::FindInMap': (keys: [unknown, unknown, unknown], scope) => {
    const [map, key, subkey] = keys.slice(0, 3).map((part) => text(resolve(part, scope)));
    return scope.mapping(map!, key!, subkey!);
  },
  'Fn::Base64': (value: unknown, scope) => Buffer.from(text(resolve(value, scope))).toString('base64'),
  'Fn::ToJsonString': (value: unknown, scope) => JSON.stringify(resolve(value, scope)),
  'Fn::Length': (value: unknown, scope) => list(resolve(value, scope), scope).length,
};

/**
 * Resolves every intrinsic function in a value.
 *
 * @returns the value, or `NO_VALUE`; members of objects and arrays that have none are left out
 * @throws UnsupportedTemplate on an intrinsic function or a dynamic reference that is not known
 */
export function resolve(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') return refuseDynamic(value, scope);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope)).filter((item) => item !== NO_VALUE);
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length === 1 && name !== undefined && (name === 'Ref' || name.startsWith('Fn::'))) {
    const intrinsic = INTRINSICS[name];
    if (intrinsic !== undefined) return intrinsic(argument as never, scope);
    if (name.startsWith('Fn::'))
      throw new UnsupportedTemplate(scope.at, `${name} is not known here: add it to infra/local/template/resolve.ts`);
  }
  return Object.fromEntries(
    entries.map(([key, member]) => [key, resolve(member, scope)] as const).filter(([, member]) => member !== NO_VALUE),
  );
}

/** Whether a condition of a template holds. */
export const holds = (condition: unknown, scope: Scope): boolean =>
  evaluateCondition(condition, { at: scope.at, named: scope.condition, value: (expression) => resolve(expression, scope) });

function substitute(template: string, variables: Readonly<Record<string, unknown>>, scope: Scope): string {
  return template.replace(/\$\{(!?)([^}]+)\}/g, (_whole, escaped: string, written: string) => {
    if (escaped !== '') return `\${${written}}`;
    const name = written.trim();
    if (Object.hasOwn(variables, name)) return text(resolve(variables[name], scope));
    if (name.startsWith('AWS::') || !name.includes('.')) return text(scope.ref(name));
    return text(scope.attribute(...splitOnce(name)));
  });
}

const splitOnce = (path: string): [string, string] => [path.slice(0, path.indexOf('.')), path.slice(path.indexOf('.') + 1)];

const text = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

function list(value: unknown, scope: Scope): unknown[] {
  if (!Array.isArray(value)) throw new UnsupportedTemplate(scope.at, 'an intrinsic function was given something that is no list');
  return value;
}

/** Where a service reads the secret itself, when it is made (`secrets/reference.ts`). */
const READ_LATER = /\.ProviderDetails$/;

function refuseDynamic(value: string, scope: Scope): string {
  if (value.includes('{{resolve:') && !READ_LATER.test(scope.at))
    throw new UnsupportedTemplate(scope.at, 'dynamic references ({{resolve:…}}) are not known here');
  return value;
}
