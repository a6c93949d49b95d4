import type { Json } from '../entry.ts';
import type { ParameterType } from '../parameters.ts';
import { dateRange, type Range } from './ranges.ts';

/**
 * What searches compare: the values that stand in a resource, brought into one form for each type of parameter, whatever their data type
 * (http://hl7.org/fhir/R4/search.html#ptypes).
 */

/** A code, an identifier, a boolean. */
export interface Token {
  readonly systems: readonly string[];
  /** Whether it was written without a system. */
  readonly unsystematic: boolean;
  /** Folded. */
  readonly code: string | undefined;
  /** A telephone number or the like without blanks, hyphens and brackets, which people put anywhere. */
  readonly dialled?: string;
  /** Folded words that go with it: display, text of the concept, text of the identifier's type. */
  readonly texts: readonly string[];
  /** `system|code` (code folded) of an identifier's type. */
  readonly kinds: readonly string[];
}

/** A text: as it was written, and squashed for comparing. */
export interface Text {
  readonly exact: string;
  readonly squashed: string;
}

/** A quantity: a range of one number, mostly, with its units. */
export interface Amount extends Range {
  readonly system: string | undefined;
  /** Code and printed unit. */
  readonly units: readonly string[];
}

/** What a reference says. */
export interface Pointer {
  /** As it was written, without a version. */
  readonly text: string | undefined;
  readonly type: string | undefined;
  /** Logical id, of a literal reference. */
  readonly id: string | undefined;
  readonly identifier: Token | undefined;
}

/** The form of the values of each type of parameter. */
export interface Values {
  readonly token: Token;
  readonly string: Text;
  readonly date: Range;
  readonly number: Range;
  readonly quantity: Amount;
  readonly reference: Pointer;
  readonly uri: string;
}

const MARKS = /\p{M}/gu;
const NOT_LETTERS = /[\p{P}\p{Z}\s]/gu;

/** Without case and accents. */
export const folded = (text: string): string => text.normalize('NFD').replace(MARKS, '').toLowerCase();

/** Without case, accents, punctuation and blanks: "O’Brien" as "obrien", "BH15 1JB" as "bh151jb". What has nothing else keeps its punctuation. */
export function squashed(text: string): string {
  const plain = folded(text);
  return plain.replace(NOT_LETTERS, '') || plain;
}

type Reader<V> = (value: never, system: string | undefined) => readonly V[];

const some = (value: unknown): readonly string[] => (typeof value === 'string' && value !== '' ? [value] : []);
const all = (values: unknown): readonly string[] => (Array.isArray(values) ? values.flatMap(some) : []);

// ---- token

const codeToken = (value: unknown, system: string | undefined): Token[] => [
  { systems: some(system), unsystematic: true, code: folded(String(value)), texts: [], kinds: [] },
];

function codingToken({ system, code, display }: Json, texts: readonly string[] = []): Token {
  const systems = some(system);
  return {
    systems,
    unsystematic: systems.length === 0,
    code: typeof code === 'string' ? folded(code) : undefined,
    texts: [...some(display), ...texts].map(folded),
    kinds: [],
  };
}

function conceptTokens({ coding, text }: Json): Token[] {
  const texts = some(text);
  const codings = (coding ?? []) as readonly Json[];
  return codings.length === 0 ? [codingToken({}, texts)] : codings.map((each) => codingToken(each, texts));
}

function identifierToken({ system, value, type }: Json): Token {
  const { coding, text } = (type ?? {}) as { coding?: readonly Json[]; text?: unknown };
  return {
    ...codingToken({ system, code: value }, some(text)),
    kinds: (coding ?? []).flatMap(({ system: of, code }) => some(code).map((kind) => `${some(of)[0] ?? ''}|${folded(kind)}`)),
  };
}

/** Without case, accents, blanks, hyphens and brackets. */
export const dialled = (text: string): string => folded(text).replace(/[\s()-]/g, '');

function contactToken({ system, use, value }: Json): Token[] {
  return some(value).map((text) => ({
    systems: [...some(system), ...some(use)],
    unsystematic: system === undefined,
    code: folded(text),
    dialled: dialled(text),
    texts: [],
    kinds: [],
  }));
}

const TOKENS: Readonly<Record<string, Reader<Token>>> = {
  code: codeToken,
  string: codeToken,
  id: codeToken,
  uri: codeToken,
  boolean: codeToken,
  Coding: (value: Json) => [codingToken(value)],
  CodeableConcept: conceptTokens,
  Identifier: (value: Json) => [identifierToken(value)],
  ContactPoint: contactToken,
};

// ---- string

const textOf = (exact: string): Text => ({ exact, squashed: squashed(exact) });

function nameTexts({ text, family, given, prefix, suffix }: Json): Text[] {
  const parts = [...some(text), ...some(family), ...all(given), ...all(prefix), ...all(suffix)];
  // What people type is mostly the whole name, in either order.
  const whole = [[...all(given), ...some(family)].join(' '), [...some(family), ...all(given)].join(' ')];
  return [...new Set([...parts, ...whole])].filter((part) => part !== '').map(textOf);
}

const addressTexts = ({ text, line, city, district, state, postalCode, country }: Json): Text[] =>
  [text, line, city, district, state, postalCode, country].flatMap((part) => [...some(part), ...all(part)]).map(textOf);

const STRINGS: Readonly<Record<string, Reader<Text>>> = {
  string: (value: string) => [textOf(value)],
  markdown: (value: string) => [textOf(value)],
  HumanName: nameTexts,
  Address: addressTexts,
};

// ---- date

const spanOf = (start: unknown, end: unknown): Range[] => {
  const low = dateRange(some(start)[0] ?? '')?.low;
  const high = dateRange(some(end)[0] ?? '')?.high;
  return low === undefined && high === undefined ? [] : [{ low: low ?? -Infinity, high: high ?? Infinity }];
};

const moment = (value: string): Range[] => {
  const range = dateRange(value);
  return range === undefined ? [] : [range];
};

/** Only the outer limits of a schedule count (http://hl7.org/fhir/R4/search.html#date). */
function timingSpan({ event, repeat }: Json): Range[] {
  const { start, end } = ((repeat as Json | undefined)?.boundsPeriod ?? {}) as Json;
  const spans = [...all(event).flatMap(moment), ...spanOf(start, end)];
  if (spans.length === 0) return [];
  return [{ low: Math.min(...spans.map(({ low }) => low)), high: Math.max(...spans.map(({ high }) => high)) }];
}

const DATES: Readonly<Record<string, Reader<Range>>> = {
  date: moment,
  dateTime: moment,
  instant: moment,
  Period: ({ start, end }: Json) => spanOf(start, end),
  Timing: timingSpan,
};

// ---- number and quantity

const point = (value: number): Range => ({ low: value, high: value });

function numberSpan({ low, high }: { low?: { value?: number }; high?: { value?: number } }): Range[] {
  if (low?.value === undefined && high?.value === undefined) return [];
  return [{ low: low?.value ?? -Infinity, high: high?.value ?? Infinity }];
}

/** `<5` is anything below 5 (http://hl7.org/fhir/R4/datatypes-definitions.html#Quantity.comparator). */
const COMPARED: Readonly<Record<string, (value: number) => Range>> = {
  '<': (value) => ({ low: -Infinity, high: value }),
  '<=': (value) => ({ low: -Infinity, high: value }),
  '>=': (value) => ({ low: value, high: Infinity }),
  '>': (value) => ({ low: value, high: Infinity }),
};

const unitsOf = ({ system, code, unit }: Json) => ({ system: some(system)[0], units: [...some(code), ...some(unit)] });

function quantityAmount(quantity: Json): Amount[] {
  if (typeof quantity.value !== 'number') return [];
  const range = (COMPARED[String(quantity.comparator)] ?? point)(quantity.value);
  return [{ ...range, ...unitsOf(quantity) }];
}

const rangeAmount = (range: Json): Amount[] =>
  numberSpan(range).map((span) => ({ ...span, ...unitsOf((range.low ?? range.high) as Json) }));

/** The least and the greatest of what was sampled (http://hl7.org/fhir/R4/datatypes.html#SampledData). */
function sampledAmount({ origin, factor, data }: Json): Amount[] {
  const { value = 0 } = origin as { value?: number };
  const samples = (some(data)[0] ?? '')
    .split(' ')
    .map(Number)
    .filter((sample) => !Number.isNaN(sample))
    .map((sample) => value + sample * (typeof factor === 'number' ? factor : 1));
  return samples.length === 0 ? [] : [{ low: Math.min(...samples), high: Math.max(...samples), ...unitsOf(origin as Json) }];
}

const NUMBERS: Readonly<Record<string, Reader<Range>>> = {
  decimal: (value: number) => [point(value)],
  integer: (value: number) => [point(value)],
  positiveInt: (value: number) => [point(value)],
  unsignedInt: (value: number) => [point(value)],
  Range: numberSpan,
};

const QUANTITIES: Readonly<Record<string, Reader<Amount>>> = {
  Quantity: quantityAmount,
  Age: quantityAmount,
  Duration: quantityAmount,
  Money: ({ value, currency }: Json) =>
    typeof value === 'number' ? [{ ...point(value), system: 'urn:iso:std:iso:4217', units: some(currency) }] : [],
  Range: rangeAmount,
  SampledData: sampledAmount,
};

// ---- reference and uri

const LITERAL = /^([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})$/;

/** Takes a reference apart; a version that it names does not count. */
export function pointerOf(reference: string): Pick<Pointer, 'text' | 'type' | 'id'> {
  const version = reference.lastIndexOf('/_history/');
  const text = version < 0 ? reference : reference.slice(0, version);
  const start = text.lastIndexOf('/', text.lastIndexOf('/') - 1) + 1;
  const [, type, id] = LITERAL.exec(text.slice(start)) ?? [];
  // A literal id is local: what stands on another server is only itself.
  return start === 0 ? { text, type, id } : { text, type, id: undefined };
}

function referencePointer({ reference, type, identifier }: Json): Pointer[] {
  const literal = typeof reference === 'string' ? pointerOf(reference) : { text: undefined, type: undefined, id: undefined };
  const pointer = {
    ...literal,
    type: literal.type ?? some(type)[0],
    identifier: identifier === undefined ? undefined : identifierToken(identifier as Json),
  };
  return [pointer];
}

const uriPointer = (value: string): Pointer[] => [{ text: value, type: undefined, id: undefined, identifier: undefined }];

const REFERENCES: Readonly<Record<string, Reader<Pointer>>> = {
  Reference: referencePointer,
  canonical: uriPointer,
  uri: uriPointer,
  Resource: ({ resourceType, id }: { resourceType: string; id: string }) => [
    { text: `${resourceType}/${id}`, type: resourceType, id, identifier: undefined },
  ],
};

const URIS: Readonly<Record<string, Reader<string>>> = {
  uri: (value: string) => [value],
  url: (value: string) => [value],
  canonical: (value: string) => [value],
};

const READERS = {
  token: TOKENS,
  string: STRINGS,
  date: DATES,
  number: NUMBERS,
  quantity: QUANTITIES,
  reference: REFERENCES,
  uri: URIS,
};

/**
 * How a data type is read for a type of parameter; `undefined` when it has nothing to compare (the words of `Condition.onsetString`
 * are no date).
 */
export const valueReader = <T extends ParameterType>(
  parameterType: T,
  dataType: string,
): ((value: unknown, system: string | undefined) => readonly Values[T][]) | undefined =>
  READERS[parameterType][dataType] as ((value: unknown, system: string | undefined) => readonly Values[T][]) | undefined;
