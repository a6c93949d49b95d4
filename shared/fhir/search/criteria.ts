import { fragmentTypes, isKnownType } from '../compartment.ts';
import { isRefusal, type Refusal, refuse } from '../outcomes.ts';
import { createEntry, type Json, type SearchEntry } from './entry.ts';
import { type Matcher, type MatchOptions, personOf, readValue, splitEscaped } from './matching/match.ts';
import type { Pointer } from './matching/values.ts';
import { type CompositeParameter, type Parameter, type ParameterType, parametersOf, type SimpleParameter } from './parameters.ts';
import type { Criterion, Search } from './plan.ts';

/** How a value is read, and where problems are said to be. */
export interface CriterionOptions extends MatchOptions {
  /** Expression of the parameter as it was sent, such as `Observation?date`. */
  readonly at: string;
  /** Conditions of chains that were compiled before, by type and name: a reference may point at any of a hundred types, and so may theirs. */
  readonly chained: Map<string, Criterion | Unread>;
}

/** A parameter that the type does not have, or whose value or modifier cannot be understood. */
export type Unread = 'unknown' | Refusal;

/** References from reference to reference: a search is not a journey. */
const MAX_CHAIN = 4;

/**
 * Compiles one condition of a search.
 * @param name code with modifier or chain: `code:not`, `subject:Patient.name`, `_has:Observation:patient:code`
 */
export function compileCriterion(
  type: string,
  name: string,
  value: string,
  options: CriterionOptions,
  depth = 0,
): Criterion | Unread {
  if (depth > MAX_CHAIN) return refuse('bad-parameter', { expression: options.at, diagnostics: 'The chain is too long.' });
  if (name.startsWith('_has:')) return compileHas(name.slice(5), value, options, depth);
  const dot = name.indexOf('.');
  const [code = '', modifier = '', ...more] = (dot < 0 ? name : name.slice(0, dot)).split(':');
  const parameter = parametersOf(type).get(code);
  if (parameter === undefined || more.length > 0) return 'unknown';
  if (dot >= 0) return compileChain(parameter, modifier, name.slice(dot + 1), value, options, depth);
  if (modifier === 'missing') return compileMissing(parameter, value, options);
  if (parameter.type === 'composite') return compileComposite(parameter, modifier, value, options);
  return compileValues(parameter, modifier, value, options);
}

const noModifier = ({ at }: CriterionOptions): Refusal =>
  refuse('unknown-parameter', { expression: at, diagnostics: 'This parameter does not take this modifier.' });

const unreadable = ({ at }: CriterionOptions, diagnostics?: string): Refusal =>
  refuse('bad-parameter', { expression: at, ...(diagnostics === undefined ? {} : { diagnostics }) });

/** What a value of each type should look like, for the reader of a refusal. */
const FORMS: Readonly<Record<ParameterType, string>> = {
  token: 'Expected code, system|code, |code or system|.',
  string: 'Expected a text.',
  date: 'Expected a date such as 2024, 2024-03, ge2024-03-14 or 2024-03-14T10:00:00Z.',
  number: 'Expected a number such as 100, 1.00 or gt5e-1.',
  quantity: 'Expected a number, or number|system|code; for example gt5.4|http://unitsofmeasure.org|mg.',
  reference:
    'Expected id, Type/id or an address. To refer by business identifier, use the modifier :identifier with system|value.',
  uri: 'Expected a URI.',
};

/** The alternatives of a value; blanks between commas are none. */
export const alternatives = (value: string): string[] => splitEscaped(value, ',').filter((each) => each.trim() !== '');

function compileValues(
  parameter: SimpleParameter,
  modifier: string,
  value: string,
  options: CriterionOptions,
): Criterion | Refusal {
  const ofType = parameter.type === 'reference' && isKnownType(modifier) ? modifier : undefined;
  const matchers: Matcher<ParameterType>[] = [];
  for (const alternative of alternatives(value)) {
    const matcher = readValue(parameter.type, ofType === undefined ? modifier : '', alternative, options);
    if (matcher === 'no-modifier') return noModifier(options);
    if (matcher === undefined) return unreadable(options, FORMS[parameter.type]);
    matchers.push(matcher as Matcher<ParameterType>);
  }
  const matches = (entry: SearchEntry, search: Search) =>
    parameter
      .values(entry)
      .some(
        (found) =>
          (ofType === undefined || (found as Pointer).type === ofType) && matchers.some((matcher) => matcher(found, search)),
      );
  // What has no value at all is not what was excluded (http://hl7.org/fhir/R4/search.html#token).
  return modifier === 'not' ? (entry, search) => !matches(entry, search) : matches;
}

function compileMissing(parameter: Parameter, value: string, options: CriterionOptions): Criterion | Refusal {
  if (value !== 'true' && value !== 'false') return unreadable(options, 'Expected true or false.');
  const missing = value === 'true';
  return (entry) => isMissing(parameter, entry) === missing;
}

const isMissing = (parameter: Parameter, entry: SearchEntry): boolean =>
  parameter.type === 'composite'
    ? !parameter.groups(entry).some((group) => group.every((values) => values.length > 0))
    : parameter.values(entry).length === 0;

function compileComposite(
  { components, groups }: CompositeParameter,
  modifier: string,
  value: string,
  options: CriterionOptions,
): Criterion | Refusal {
  if (modifier !== '') return noModifier(options);
  const tuples: Matcher<ParameterType>[][] = [];
  for (const alternative of alternatives(value)) {
    const parts = splitEscaped(alternative, '$');
    if (parts.length !== components.length) return unreadable(options, `Expected ${components.length} values with $ between.`);
    const tuple = parts.map((part, index) => readValue(components[index]!, '', part, options));
    const wrong = tuple.findIndex((matcher) => typeof matcher !== 'function');
    if (wrong >= 0) return unreadable(options, FORMS[components[wrong]!]);
    tuples.push(tuple as Matcher<ParameterType>[]);
  }
  return (entry, search) =>
    groups(entry).some((group) =>
      tuples.some((tuple) => tuple.every((matcher, index) => group[index]!.some((found) => matcher(found, search)))),
    );
}

/** `encounter.status`, `subject:Patient.name`: what the reference points at, in the record or contained, meets the condition. */
function compileChain(
  parameter: Parameter,
  modifier: string,
  rest: string,
  value: string,
  options: CriterionOptions,
  depth: number,
): Criterion | Unread {
  if (parameter.type !== 'reference') return unreadable(options, 'Only a reference can be followed.');
  if (modifier !== '' && !isKnownType(modifier)) return noModifier(options);
  const targets = modifier === '' ? (parameter.targets ?? fragmentTypes()) : [modifier];
  const compiled = targets.map((target) => [target, compileLink(target, rest, value, options, depth + 1)] as const);
  const byTarget = new Map(compiled.filter((each): each is readonly [string, Criterion] => typeof each[1] === 'function'));
  if (byTarget.size === 0) return compiled.map(([, unread]) => unread).find(isRefusal) ?? 'unknown';
  const reference = parameter as SimpleParameter<'reference'>;
  return (entry, search) =>
    reference.values(entry).some((pointer) => {
      const target = pointedAt(pointer, entry, search);
      const criterion = target && byTarget.get(target.type);
      return criterion !== undefined && meets(criterion, target!, search);
    });
}

function compileLink(type: string, name: string, value: string, options: CriterionOptions, depth: number): Criterion | Unread {
  const key = `${type} ${name}`;
  let compiled = options.chained.get(key);
  if (compiled === undefined) {
    compiled = compileCriterion(type, name, value, options, depth);
    options.chained.set(key, compiled);
  }
  return compiled;
}

/** Many references lead to the same resource: it is looked at once. */
function meets(criterion: Criterion, target: SearchEntry, search: Search): boolean {
  let met = search.met.get(criterion);
  if (met === undefined) {
    met = new Map();
    search.met.set(criterion, met);
  }
  let isMet = met.get(target);
  if (isMet === undefined) {
    isMet = criterion(target, search);
    met.set(target, isMet);
  }
  return isMet;
}

/** What a reference points at: contained in the resource itself, or something that the search can see. */
export const pointedAt = ({ text }: Pointer, entry: SearchEntry, search: Search): SearchEntry | undefined =>
  text === undefined ? undefined : text.startsWith('#') ? containedEntry(entry, text.slice(1)) : search.resolve(text);

const CONTAINED = {};

function containedEntry(entry: SearchEntry, id: string): SearchEntry | undefined {
  let contained = entry.indexed.get(CONTAINED) as Map<string, SearchEntry> | undefined;
  if (contained === undefined) {
    const resources = (entry.resource().contained ?? []) as readonly (Json & { id: string; resourceType: string })[];
    contained = new Map(
      resources.map((resource) => [resource.id, createEntry(resource.resourceType, resource.id, JSON.stringify(resource))]),
    );
    entry.indexed.set(CONTAINED, contained);
  }
  return contained.get(id);
}

/** `_has:Observation:patient:code`: something of that type that meets the condition points here (http://hl7.org/fhir/R4/search.html#has). */
function compileHas(rest: string, value: string, options: CriterionOptions, depth: number): Criterion | Unread {
  const [source = '', code = '', ...conditions] = rest.split(':');
  const parameter = isKnownType(source) ? parametersOf(source).get(code) : undefined;
  if (parameter?.type !== 'reference' || conditions.length === 0) return 'unknown';
  const condition = compileCriterion(source, conditions.join(':'), value, options, depth + 1);
  if (typeof condition !== 'function') return condition;
  const reference = parameter as SimpleParameter<'reference'>;
  const find = (search: Search) =>
    new Set(
      search.fragments
        .filter((entry) => entry.type === source && condition(entry, search))
        .flatMap((entry) => reference.values(entry).map((pointer) => keyOf(pointer.type, pointer.id, search))),
    );
  return (entry, search) => {
    let found = search.found.get(condition);
    if (found === undefined) {
      found = find(search);
      search.found.set(condition, found);
    }
    return found.has(keyOf(entry.type, entry.id, search));
  };
}

/** One key for everything that is the same: `Type/id`, a person by the id that is shown. */
export const keyOf = (type: string | undefined, id: string | undefined, search: Search): string =>
  type === 'Patient' && id !== undefined ? `Patient/${personOf(id, search)}` : `${type}/${id}`;
