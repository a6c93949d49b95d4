import { isAscii, isUtf8 } from 'node:buffer';
import { isRefusal, type OutcomeCode, type Refusal, refuse } from './outcomes.ts';

/**
 * A number exactly as it was written. FHIR R4 gives the precision of a decimal a meaning (`0.10` is not `0.1`,
 * http://hl7.org/fhir/R4/json.html#decimal), which a JavaScript number loses. `JSON.stringify` writes it back as it came.
 */
export interface RawJson {
  readonly rawJSON: string;
}

declare global {
  interface JSON {
    rawJSON(text: string): RawJson;
    isRawJSON(value: unknown): value is RawJson;
  }
}

/** The value of a JSON number, however it is held; `undefined` for anything else. */
export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : JSON.isRawJSON(value) ? Number(value.rawJSON) : undefined;

/** Deepest nesting that is read. FHIR resources seldom pass 20. */
const MAX_DEPTH = 64;

/**
 * Reads JSON that somebody sent: UTF-8 (a byte order mark is skipped), at most 64 levels deep, no lone surrogates and no control
 * characters but tab, line feed and carriage return (http://hl7.org/fhir/R4/datatypes.html#string). A number whose text
 * JavaScript would not write back the same is kept as `RawJson`. `__proto__` becomes an ordinary own property.
 *
 * @returns the value, or a refusal with `not-json`, `too-deep` or `bad-text`. A value is never mistaken for a refusal: an object that
 * looks like one (`refused: true`, which no FHIR resource has) is refused as `unknown-element`.
 */
export function parseJson(bytes: Uint8Array): unknown | Refusal {
  if (!isUtf8(bytes)) return refuse('not-json', { diagnostics: 'The body is not UTF-8.' });
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const body = buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf ? buffer.subarray(3) : buffer;
  const scan = scanJson(body);
  if (scan.problem !== undefined) return refuse(scan.problem);
  try {
    const value = scan.numbers.length === 0 ? JSON.parse(textOf(body)) : parseKeeping(body, scan.numbers);
    return isRefusal(value) ? refuse('unknown-element', { expression: 'refused' }) : value;
  } catch (error) {
    if (error instanceof SyntaxError) return refuse('not-json');
    throw error;
  }
}

const textOf = (body: Buffer): string => (isAscii(body) ? body.toString('latin1') : body.toString('utf8'));

interface Scan {
  /** Start and end offsets, one after the other, of the numbers that must be kept as written. */
  readonly numbers: readonly number[];
  readonly problem?: OutcomeCode;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

/** One pass over the bytes, for what `JSON.parse` does not tell. It need not notice what `JSON.parse` refuses anyway. */
function scanJson(body: Buffer): Scan {
  const numbers: number[] = [];
  let depth = 0;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]!;
    if (byte === QUOTE) {
      i = endOfString(body, i);
      if (i < 0) return { numbers, problem: 'bad-text' };
    } else if (byte === 0x7b || byte === 0x5b) {
      depth++;
      if (depth > MAX_DEPTH) return { numbers, problem: 'too-deep' };
    } else if (byte === 0x7d || byte === 0x5d) {
      depth--;
    } else if (byte === MINUS || isDigit(byte)) {
      const end = endOfNumber(body, i);
      if (mustKeep(body, i, end)) numbers.push(i, end);
      i = end - 1;
    }
  }
  return { numbers };
}

/** Offset of the closing quote; -1 when the string holds text that FHIR does not allow. */
function endOfString(body: Buffer, start: number): number {
  let i = start + 1;
  for (; i < body.length; i++) {
    const byte = body[i];
    if (byte === QUOTE) return i;
    if (byte !== BACKSLASH) continue;
    const next = body[i + 1];
    if (next === 0x62 || next === 0x66) return -1; // \b, \f
    if (next === 0x75) {
      const length = lengthOfEscape(body, i);
      if (length === 0) return -1;
      i += length - 1;
    } else i++;
  }
  return i;
}

/** Length of a `\uXXXX` or of a surrogate pair; 0 for a lone surrogate or a control character. */
function lengthOfEscape(body: Buffer, at: number): 0 | 6 | 12 {
  const unit = codeUnit(body, at);
  if (unit < 0x20) return unit === 0x09 || unit === 0x0a || unit === 0x0d ? 6 : 0;
  if (unit < 0xd800 || unit > 0xdfff || Number.isNaN(unit)) return 6;
  if (unit > 0xdbff || body[at + 6] !== BACKSLASH || body[at + 7] !== 0x75) return 0;
  const low = codeUnit(body, at + 6);
  return low >= 0xdc00 && low <= 0xdfff ? 12 : 0;
}

const codeUnit = (body: Buffer, at: number): number => Number.parseInt(body.toString('latin1', at + 2, at + 6), 16);

/** Offset behind the last character that can stand in a number: digits, sign, point, exponent. */
function endOfNumber(body: Buffer, start: number): number {
  let i = start + 1;
  for (; i < body.length; i++) {
    const byte = body[i]!;
    if (isDigit(byte) || byte === 0x2e || byte === 0x65 || byte === 0x45 || byte === 0x2b || byte === MINUS) continue;
    break;
  }
  return i;
}

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

function mustKeep(body: Buffer, start: number, end: number): boolean {
  // Most numbers are short integers, which JavaScript always writes back the same.
  if (end - start < 16 && body[start] !== MINUS && !body.subarray(start, end).some((byte) => byte > 0x39 || byte === 0x2e))
    return false;
  const text = body.toString('latin1', start, end);
  return NUMBER.test(text) && String(Number(text)) !== text;
}

/** Marks a number that is carried through `JSON.parse` as a string: no string that passed the scan can start with it. */
const MARK = '\u0001';

function parseKeeping(body: Buffer, numbers: readonly number[]): unknown {
  const parts: Buffer[] = [];
  const open = Buffer.from('"\\u0001');
  const close = Buffer.from('"');
  let from = 0;
  for (let i = 0; i < numbers.length; i += 2) {
    const start = numbers[i]!;
    const end = numbers[i + 1]!;
    parts.push(body.subarray(from, start), open, body.subarray(start, end), close);
    from = end;
  }
  parts.push(body.subarray(from));
  return restore(JSON.parse(textOf(Buffer.concat(parts))));
}

/** Turns marked strings into `RawJson`, in place. Its depth is bounded by the scan. */
function restore(value: unknown): unknown {
  if (typeof value === 'string') return value.startsWith(MARK) ? JSON.rawJSON(value.slice(1)) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const after = restore(value[i]);
      if (after !== value[i]) value[i] = after;
    }
    return value;
  }
  const object = value as Record<string, unknown>;
  for (const key in object) {
    if (key.startsWith(MARK)) throw new SyntaxError('a number stands where a property name should');
    const after = restore(object[key]);
    if (after !== object[key]) set(object, key, after);
  }
  return object;
}

function set(object: Record<string, unknown>, key: string, value: unknown): void {
  // Assignment would set the prototype.
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  else object[key] = value;
}
