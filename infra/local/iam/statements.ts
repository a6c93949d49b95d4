import { UnsupportedTemplate } from '../resource.ts';
import { compileConditions, texts } from './conditions.ts';
import type { RequestContext, ResourceStatement, Statement } from './model.ts';
import { compileWildcards } from './wildcard.ts';

const KNOWN = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Principal', 'Condition'];

/**
 * Compiles an identity policy.
 *
 * @param at logical id and property of the policy, for the message
 * @throws UnsupportedTemplate on anything that is not understood
 */
export const compileStatements = (document: unknown, at: string): Statement[] =>
  statementsOf(document).map((statement, index) => compileStatement(statement, `${at}.Statement[${index}]`));

/** Compiles a policy that stands at a resource; see {@link compileStatements}. */
export const compileResourceStatements = (document: unknown, at: string): ResourceStatement[] =>
  statementsOf(document).map((statement, index) => {
    const place = `${at}.Statement[${index}]`;
    return { ...compileStatement(statement, place), names: compilePrincipal(statement.Principal, place) };
  });

/**
 * What statements say about a request.
 *
 * @returns `undefined` when none of them is about it
 */
export function effectOf<S extends Statement>(
  statements: readonly S[],
  action: string,
  resource: string,
  context: RequestContext,
): S['effect'] | undefined {
  let effect: S['effect'] | undefined;
  for (const statement of statements) {
    if (effect === statement.effect || !statement.covers(action, resource)) continue;
    if (statement.condition !== undefined && !statement.condition(context)) continue;
    if (statement.effect === 'Deny') return 'Deny';
    effect = 'Allow';
  }
  return effect;
}

/**
 * Whether a role's policies allow a request: an explicit Deny wins, and what nobody allows is refused
 * (IAM user guide, "Policy evaluation logic").
 */
export const isAllowed = (
  statements: readonly Statement[],
  action: string,
  resource: string,
  context: RequestContext = {},
): boolean => effectOf(statements, action, resource, context) === 'Allow';

type RawStatement = Readonly<Record<string, unknown>>;

function statementsOf(document: unknown): RawStatement[] {
  const { Statement } = document as { Statement: RawStatement | RawStatement[] };
  return Array.isArray(Statement) ? Statement : [Statement];
}

function compileStatement(raw: RawStatement, at: string): Statement {
  const unknown = Object.keys(raw).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) throw new UnsupportedTemplate(`${at}.${unknown}`, 'unknown element of a policy statement');
  if (raw.Effect !== 'Allow' && raw.Effect !== 'Deny') throw new UnsupportedTemplate(`${at}.Effect`, 'must be Allow or Deny');
  const action = compileScope(raw, 'Action', 'NotAction', true, at);
  const resource = compileScope(raw, 'Resource', 'NotResource', false, at);
  const condition = compileConditions(raw.Condition, `${at}.Condition`);
  return {
    effect: raw.Effect,
    covers: (wantedAction, wantedResource) => action(wantedAction) && resource(wantedResource),
    ...(condition === undefined ? {} : { condition }),
  };
}

function compileScope(
  raw: RawStatement,
  positive: string,
  negative: string,
  ignoreCase: boolean,
  at: string,
): (text: string) => boolean {
  const name = raw[positive] === undefined ? negative : positive;
  if (raw[name] === undefined) throw new UnsupportedTemplate(at, `has neither ${positive} nor ${negative}`);
  const patterns = texts(raw[name]);
  if (patterns.some((pattern) => pattern.includes('${')))
    throw new UnsupportedTemplate(`${at}.${name}`, 'policy variables are not supported');
  const covers = compileWildcards(patterns, ignoreCase);
  return name === positive ? covers : (text) => !covers(text);
}

function compilePrincipal(raw: unknown, at: string): ResourceStatement['names'] {
  if (raw === '*') return () => 'principal';
  const { AWS, Service, ...others } = (raw ?? {}) as { AWS?: unknown; Service?: unknown };
  if ((AWS === undefined && Service === undefined) || Object.keys(others).length > 0) {
    throw new UnsupportedTemplate(`${at}.Principal`, 'must be *, AWS or Service');
  }
  const people = AWS === undefined ? [] : texts(AWS);
  const services = Service === undefined ? [] : texts(Service);
  return (principal) => {
    if (principal.kind === 'service') return services.includes(principal.arn) ? 'principal' : undefined;
    if (people.includes('*') || people.includes(principal.arn) || people.includes(principal.sessionArn)) return 'principal';
    return people.includes(principal.account) || people.includes(accountRoot(principal.account)) ? 'delegates' : undefined;
  };
}

/** The ARN that stands for a whole account. */
export const accountRoot = (account: string): string => `arn:aws:iam::${account}:root`;
