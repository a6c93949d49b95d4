import { normaliseNhsNumber } from '../../nhs-number.ts';
import type { ParameterType } from '../parameters.ts';
import type { Search } from '../plan.ts';
import { splitEscaped, unescaped } from './escaping.ts';
import type { OwnIds } from './own-ids.ts';
import { dateMatcher, dateRange, numberMatcher, searchNumber, splitPrefix } from './ranges.ts';
import { readReferences } from './reference-values.ts';
import { isVersionOf, readTokens } from './token-values.ts';
import { folded, squashed, type Values } from './values.ts';

/** Whether a value that stands in a resource is one that was searched for. */
export type Matcher<T extends ParameterType> = (value: Values[T], search: Search) => boolean;

/** What reading a value depends on. */
export interface MatchOptions extends OwnIds {
  /** Address of this server: an absolute reference to it is one of ours. */
  readonly fhirUrl?: string;
  readonly nowMs: number;
}

/** Reads all alternatives of a value at once; `undefined` when one of them cannot be read. */
type Reader<T extends ParameterType> = (texts: readonly string[], options: MatchOptions) => Matcher<T> | undefined;

/** Compares with the alternatives one by one. */
const anyOf =
  <T extends ParameterType>(read: (text: string, options: MatchOptions) => Matcher<T> | undefined): Reader<T> =>
  (texts, options) => {
    const matchers: Matcher<T>[] = [];
    for (const text of texts) {
      const matcher = read(text, options);
      if (matcher === undefined) return undefined;
      matchers.push(matcher);
    }
    return matchers.length === 1 ? matchers[0] : (value, search) => matchers.some((matcher) => matcher(value, search));
  };

/**
 * How values are matched, by type of parameter and modifier; '' is no modifier. `missing` and what depends on a parameter
 * are in `criteria.ts`.
 */
const READERS: { readonly [T in ParameterType]: Readonly<Record<string, Reader<T>>> } = {
  token: { '': readTokens, not: readTokens, text: anyOf(readTokenText), 'of-type': anyOf(readOfType) },
  string: {
    '': anyOf((text) => {
      const start = squashed(unescaped(text));
      return (value) => value.squashed.startsWith(start);
    }),
    exact: (texts) => {
      const exact = new Set(texts.map(unescaped));
      return (value) => exact.has(value.exact);
    },
    contains: anyOf((text) => {
      const part = squashed(unescaped(text));
      return (value) => value.squashed.includes(part);
    }),
  },
  date: { '': anyOf(readDate) },
  number: { '': anyOf(readNumber) },
  quantity: { '': anyOf(readQuantity) },
  reference: { '': readReferences, identifier: readReferenceIdentifiers },
  uri: {
    '': (texts) => {
      const uris = new Set(texts.map(unescaped));
      return (value) => isVersionOf(value, uris);
    },
    below: anyOf((text) => {
      const uri = unescaped(text);
      return (value) => isBelow(value, uri);
    }),
    above: anyOf((text) => {
      const uri = unescaped(text);
      return (value) => isBelow(uri, value);
    }),
  },
};

/** Values of these are found by a key, however many are asked for. */
const LOOKED_UP: Readonly<Partial<Record<ParameterType, ReadonlySet<string>>>> = {
  token: new Set(['', 'not']),
  string: new Set(['exact']),
  reference: new Set(['', 'identifier']),
  uri: new Set(['']),
};

/** Whether the number of alternatives makes no difference to what a comparison costs. */
export const isLookedUp = (type: ParameterType, modifier: string): boolean => LOOKED_UP[type]?.has(modifier) === true;

/**
 * Reads the alternatives (that commas part) of a parameter.
 * @returns `'no-modifier'` when this type of parameter has no such modifier, `undefined` when a value cannot be read
 */
export function readValues<T extends ParameterType>(
  type: T,
  modifier: string,
  texts: readonly string[],
  options: MatchOptions,
): Matcher<T> | 'no-modifier' | undefined {
  const readers: Readonly<Record<string, Reader<T>>> = READERS[type];
  return Object.hasOwn(readers, modifier) ? readers[modifier]!(texts, options) : 'no-modifier';
}

/** Starts of words in the text that goes with a code. */
function readTokenText(text: string): Matcher<'token'> {
  const start = folded(unescaped(text));
  return ({ texts }) => texts.some((each) => each.startsWith(start) || each.includes(` ${start}`));
}

/** `system|code|value`, of which the first two are the type of the identifier. */
function readOfType(text: string): Matcher<'token'> | undefined {
  const [system = '', kind = '', value = '', ...more] = splitEscaped(text, '|').map(unescaped);
  if (kind === '' || value === '' || more.length > 0) return undefined;
  const codes = [value, normaliseNhsNumber(value) ?? value].map(folded);
  const wanted = `|${folded(kind)}`;
  return (token) =>
    codes.includes(token.code ?? '') &&
    token.kinds.some((each) => (system === '' ? each.endsWith(wanted) : each === `${system}${wanted}`));
}

function readDate(text: string, { nowMs }: MatchOptions): Matcher<'date'> | undefined {
  const [prefix, value] = splitPrefix(text);
  const range = dateRange(value);
  return range === undefined ? undefined : dateMatcher(prefix, range, nowMs);
}

function readNumber(text: string): Matcher<'number'> | undefined {
  const [prefix, value] = splitPrefix(text);
  const number = searchNumber(value);
  return number === undefined ? undefined : numberMatcher(prefix, number);
}

/** `value`, `value|system|code` or `value||code` (http://hl7.org/fhir/R4/search.html#quantity). Units are compared as they are written. */
function readQuantity(text: string): Matcher<'quantity'> | undefined {
  const [number = '', system = '', unit = '', ...more] = splitEscaped(text, '|').map(unescaped);
  const matches = readNumber(number);
  if (matches === undefined || more.length > 0) return undefined;
  return (value, search) =>
    matches(value, search) && (unit === '' || value.units.includes(unit)) && (system === '' || value.system === system);
}

function readReferenceIdentifiers(texts: readonly string[]): Matcher<'reference'> | undefined {
  const matches = readTokens(texts);
  return matches && (({ identifier }, search) => identifier !== undefined && matches(identifier, search));
}

/** Whether one address lies below another, or is it (http://hl7.org/fhir/R4/search.html#uri). */
const isBelow = (uri: string, base: string): boolean =>
  uri.startsWith(base) && (uri.length === base.length || base.endsWith('/') || /[/|#?]/.test(uri[base.length]!));
