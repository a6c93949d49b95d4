import { isKnownType } from '../compartment.ts';
import { type Refusal, refuse } from '../outcomes.ts';
import { compileChain } from './criteria/chain.ts';
import { compileHas } from './criteria/has.ts';
import { type CompileLink, type CriterionOptions, noModifier, type Unread, unreadable } from './criteria/options.ts';
import type { SearchEntry } from './entry.ts';
import { splitEscaped, unescaped } from './matching/escaping.ts';
import { isLookedUp, type Matcher, readValues } from './matching/match.ts';
import { ownIdMatcher } from './matching/own-ids.ts';
import type { Pointer } from './matching/values.ts';
import { type CompositeParameter, type Parameter, type ParameterType, parametersOf, type SimpleParameter } from './parameters.ts';
import type { Criterion, Search } from './plan.ts';

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
  const compile: CompileLink = (linkType, linkName, linkValue, linkDepth) =>
    compileCriterion(linkType, linkName, linkValue, options, linkDepth);
  if (name.startsWith('_has:')) return compileHas(name.slice('_has:'.length), value, options, depth, compile);
  const dot = name.indexOf('.');
  const [code = '', modifier = '', ...more] = (dot < 0 ? name : name.slice(0, dot)).split(':');
  const parameter = parametersOf(type).get(code);
  if (parameter === undefined || more.length > 0) return 'unknown';
  if (dot >= 0) return compileChain({ parameter, modifier, rest: name.slice(dot + 1), value }, options, depth, compile);
  if (modifier === 'missing') return compileMissing(parameter, value, options);
  if (parameter.type === 'composite') return compileComposite(parameter, modifier, value, options);
  return compileValues(type, parameter, modifier, value, options);
}

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

/** Values that cannot be looked up are compared one by one with each that stands in a resource. */
const MAX_COMPARED = 100;
const COMPARED_PER_VISIT = 20;

const tooMany = (options: CriterionOptions): Refusal =>
  unreadable(options, `Expected at most ${MAX_COMPARED} values. Ask in several searches.`);

function compileValues(
  type: string,
  parameter: SimpleParameter,
  modifier: string,
  value: string,
  options: CriterionOptions,
): Criterion | Refusal {
  const ofType = parameter.type === 'reference' && isKnownType(modifier) ? modifier : undefined;
  const reading = ofType === undefined ? modifier : '';
  const texts = alternatives(value);
  const compared = isLookedUp(parameter.type, reading) ? 0 : texts.length;
  if (compared > MAX_COMPARED) return tooMany(options);
  const matcher = readValues(parameter.type, reading, texts, options) as Matcher<ParameterType> | 'no-modifier' | undefined;
  if (matcher === 'no-modifier') return noModifier(options);
  if (matcher === undefined) return unreadable(options, FORMS[parameter.type]);
  const ids = texts.map((text) => ({ id: unescaped(text) }));
  const isOwn = parameter.code === '_id' ? ownIdMatcher(ids, options) : undefined;
  const matches = (entry: SearchEntry, search: Search) =>
    isOwn?.(type, entry.id) ||
    parameter
      .values(entry)
      .some((found) => (ofType === undefined || (found as Pointer).type === ofType) && matcher(found, search));
  return {
    at: options.at,
    weight: weightOf(compared),
    // What has no value at all is not what was excluded (http://hl7.org/fhir/R4/search.html#token).
    test: modifier === 'not' ? (entry, search) => !matches(entry, search) : matches,
  };
}

const weightOf = (compared: number): number => 1 + Math.floor(compared / COMPARED_PER_VISIT);

function compileMissing(parameter: Parameter, value: string, options: CriterionOptions): Criterion | Refusal {
  if (value !== 'true' && value !== 'false') return unreadable(options, 'Expected true or false.');
  const missing = value === 'true';
  return { at: options.at, weight: 1, test: (entry) => isMissing(parameter, entry) === missing };
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
  const texts = alternatives(value);
  if (texts.length > MAX_COMPARED) return tooMany(options);
  const tuples: Matcher<ParameterType>[][] = [];
  for (const alternative of texts) {
    const parts = splitEscaped(alternative, '$');
    if (parts.length !== components.length) return unreadable(options, `Expected ${components.length} values with $ between.`);
    const tuple = parts.map((part, index) => readValues(components[index]!, '', [part], options));
    const wrong = tuple.findIndex((matcher) => typeof matcher !== 'function');
    if (wrong >= 0) return unreadable(options, FORMS[components[wrong]!]);
    tuples.push(tuple as Matcher<ParameterType>[]);
  }
  return {
    at: options.at,
    weight: weightOf(texts.length),
    test: (entry, search) =>
      groups(entry).some((group) =>
        tuples.some((tuple) => tuple.every((matcher, index) => group[index]!.some((found) => matcher(found, search)))),
      ),
  };
}
