import { parseLogicalId } from '../../../record/identity.ts';
import { isKnownType } from '../../compartment.ts';
import type { ParameterType } from '../parameters.ts';
import type { Search } from '../plan.ts';
import { dateMatcher, dateRange, numberMatcher, searchNumber, splitPrefix } from './ranges.ts';
import { dialled, folded, type Pointer, pointerOf, squashed, type Token, type Values } from './values.ts';

/** Whether a value that stands in a resource is one that was searched for. */
export type Matcher<T extends ParameterType> = (value: Values[T], search: Search) => boolean;

/** What reading a value depends on. */
export interface MatchOptions {
  /** Address of this server: an absolute reference to it is one of ours. */
  readonly fhirUrl?: string;
  readonly nowMs: number;
}

/** Parts a text at a separator that is not escaped (http://hl7.org/fhir/R4/search.html#escaping); the parts stay escaped. */
export function splitEscaped(text: string, separator: ',' | '|' | '$'): string[] {
  if (!text.includes('\\')) return text.split(separator);
  const parts = [''];
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === separator) parts.push('');
    else parts[parts.length - 1] += character === '\\' ? text.slice(at, ++at + 1) : character;
  }
  return parts;
}

export const unescaped = (text: string): string => text.replace(/\\([,|$\\])/g, '$1');

type Reader<T extends ParameterType> = (text: string, options: MatchOptions) => Matcher<T> | undefined;

/** How values are matched, by type of parameter and modifier; '' is no modifier. `missing` and what depends on a parameter stand in `criteria.ts`. */
const READERS: { readonly [T in ParameterType]: Readonly<Record<string, Reader<T>>> } = {
  token: { '': readToken, not: readToken, text: readTokenText, 'of-type': readOfType },
  string: {
    '': (text) => {
      const start = squashed(unescaped(text));
      return (value) => value.squashed.startsWith(start);
    },
    exact: (text) => {
      const exact = unescaped(text);
      return (value) => value.exact === exact;
    },
    contains: (text) => {
      const part = squashed(unescaped(text));
      return (value) => value.squashed.includes(part);
    },
  },
  date: { '': readDate },
  number: { '': readNumber },
  quantity: { '': readQuantity },
  reference: { '': readReference, identifier: readReferenceIdentifier },
  uri: {
    '': (text) => {
      const uri = unescaped(text);
      return (value) => value === uri || value.startsWith(`${uri}|`);
    },
    below: (text) => {
      const uri = unescaped(text);
      return (value) => isBelow(value, uri);
    },
    above: (text) => {
      const uri = unescaped(text);
      return (value) => isBelow(uri, value);
    },
  },
};

/**
 * Reads one value (of those that commas part) of a parameter.
 * @returns `'no-modifier'` when this type of parameter has no such modifier, `undefined` when the value cannot be read
 */
export function readValue<T extends ParameterType>(
  type: T,
  modifier: string,
  text: string,
  options: MatchOptions,
): Matcher<T> | 'no-modifier' | undefined {
  const readers: Readonly<Record<string, Reader<T>>> = READERS[type];
  return Object.hasOwn(readers, modifier) ? readers[modifier]!(text, options) : 'no-modifier';
}

/** http://hl7.org/fhir/R4/search.html#token. Codes are compared without case: what is found too much does less harm than what is missed. */
function readToken(text: string): Matcher<'token'> | undefined {
  const parts = splitEscaped(text, '|').map(unescaped);
  const [first = '', second] = parts;
  if (parts.length > 2 || (first === '' && (second ?? '') === '')) return undefined;
  const code = second ?? first;
  const system = second === undefined ? undefined : first;
  const [codeFolded, codeDialled] = [folded(code), dialled(code)];
  const isCode = (value: Token) => value.code === codeFolded || (value.dialled !== undefined && value.dialled === codeDialled);
  if (system === undefined) return isCode;
  if (system === '') return (value) => value.unsystematic && isCode(value);
  if (code === '') return ({ systems }) => systems.includes(system);
  return (value) => isCode(value) && value.systems.includes(system);
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
  const code = folded(value);
  const wanted = `|${folded(kind)}`;
  return (token) =>
    token.code === code && token.kinds.some((each) => (system === '' ? each.endsWith(wanted) : each === `${system}${wanted}`));
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

const BARE_ID = /^[A-Za-z0-9\-.]{1,64}$/;

/** Reads what a reference is searched by: `id`, `Type/id`, or the address of something elsewhere. */
export function readPointer(
  text: string,
  { fhirUrl }: Pick<MatchOptions, 'fhirUrl'>,
): Pick<Pointer, 'text' | 'type' | 'id'> | undefined {
  const given = unescaped(text);
  const own = fhirUrl !== undefined && given.startsWith(`${fhirUrl}/`) ? given.slice(fhirUrl.length + 1) : given;
  if (BARE_ID.test(own)) return { text: undefined, type: undefined, id: own };
  const pointer = pointerOf(own);
  if (pointer.id !== undefined) return isKnownType(pointer.type!) ? pointer : undefined;
  return /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(own) ? pointer : undefined;
}

/** http://hl7.org/fhir/R4/search.html#reference. Persons are the same whichever of their ids names them. */
function readReference(text: string, options: MatchOptions): Matcher<'reference'> | undefined {
  const searched = readPointer(text, options);
  if (searched === undefined) return undefined;
  const { id, type } = searched;
  if (id === undefined) return ({ text: found }) => found === searched.text || found?.startsWith(`${searched.text}|`) === true;
  const mayBePerson = (type ?? 'Patient') === 'Patient' && parseLogicalId(id) !== undefined;
  return (found, search) => {
    if (found.id === undefined || (type !== undefined && found.type !== type)) return false;
    if (found.id === id) return true;
    return mayBePerson && found.type === 'Patient' && personOf(found.id, search) === personOf(id, search);
  };
}

function readReferenceIdentifier(text: string): Matcher<'reference'> | undefined {
  const matches = readToken(text);
  return matches && (({ identifier }, search) => identifier !== undefined && matches(identifier, search));
}

/** The id by which the person of a Patient's logical id is shown: that of a contributor's own Patient and of a linked person lead to the same. */
export function personOf(id: string, search: Search): string {
  const subject = parseLogicalId(id)?.subject ?? id;
  return search.resolve(`Patient/${subject}`)?.id ?? subject;
}

/** Whether one address lies below another, or is it (http://hl7.org/fhir/R4/search.html#uri). */
const isBelow = (uri: string, base: string): boolean =>
  uri.startsWith(base) && (uri.length === base.length || base.endsWith('/') || /[/|#?]/.test(uri[base.length]!));
