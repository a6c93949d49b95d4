import { primitiveForms } from '../tables/tables.ts';

/**
 * The forms of R4's primitive types (http://hl7.org/fhir/R4/datatypes.html#primitive): what JSON holds them, their regular expression
 * out of the definitions, and what an expression cannot say. Each checks one value and takes time in proportion to its length.
 */
export type PrimitiveCheck = (value: unknown) => boolean;

const MAX_INTEGER = 2_147_483_647;
/** http://hl7.org/fhir/R4/datatypes.html#string */
const MAX_STRING_LENGTH = 1024 * 1024;

const form = (type: string): RegExp => new RegExp(`^(?:${primitiveForms[type]})$`, 'u');

const matching = (type: string): PrimitiveCheck => {
  const pattern = form(type);
  return (value) => typeof value === 'string' && pattern.test(value);
};

const dated = (type: string): PrimitiveCheck => {
  const pattern = form(type);
  return (value) => typeof value === 'string' && pattern.test(value) && isRealDate(value);
};

const integerFrom =
  (least: number): PrimitiveCheck =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= MAX_INTEGER;

const WHITESPACE = /\s/;
const text: PrimitiveCheck = (value) => typeof value === 'string' && value !== '' && value.length <= MAX_STRING_LENGTH;
const address: PrimitiveCheck = (value) => typeof value === 'string' && value !== '' && !WHITESPACE.test(value);

/** Checks by type. A type that is not here is not a primitive. */
export const PRIMITIVES: ReadonlyMap<string, PrimitiveCheck> = new Map<string, PrimitiveCheck>([
  ['boolean', (value) => typeof value === 'boolean'],
  ['integer', integerFrom(-MAX_INTEGER - 1)],
  ['unsignedInt', integerFrom(0)],
  ['positiveInt', integerFrom(1)],
  ['decimal', (value) => (typeof value === 'number' ? Number.isFinite(value) : JSON.isRawJSON(value))],
  // The definitions' own expressions for these either allow everything or take exponential time on bad input.
  ['string', text],
  ['markdown', text],
  ['xhtml', text],
  ['uri', address],
  ['url', address],
  ['canonical', address],
  ['base64Binary', isBase64],
  ['code', isCode],
  ['id', matching('id')],
  ['oid', matching('oid')],
  ['uuid', matching('uuid')],
  ['time', matching('time')],
  ['date', dated('date')],
  ['dateTime', dated('dateTime')],
  ['instant', dated('instant')],
]);

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether the day exists, in a text that has the form of a date: 2026-02-30 does not. A year or a month alone is real. */
function isRealDate(date: string): boolean {
  if (date.length < 10) return true;
  const day = Number(date.slice(8, 10));
  if (day <= 28) return true;
  const year = Number(date.slice(0, 4));
  const month = Number(date.slice(5, 7));
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return day <= (month === 2 && leap ? 29 : DAYS[month - 1]!);
}

const CODE = /^\S+(?: \S+)*$/;

/** No leading, trailing or double spaces, and no other whitespace. */
function isCode(value: unknown): boolean {
  return typeof value === 'string' && CODE.test(value);
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const ANY_WHITESPACE = /\s+/g;

function isBase64(value: unknown): boolean {
  if (typeof value !== 'string' || value === '') return false;
  const digits = WHITESPACE.test(value) ? value.replace(ANY_WHITESPACE, '') : value;
  return digits !== '' && digits.length % 4 === 0 && BASE64.test(digits);
}

/** What each form is, in words: for whoever reads the outcome. */
export const FORMS: Readonly<Record<string, string>> = {
  date: 'A date is YYYY, YYYY-MM or YYYY-MM-DD, and exists.',
  dateTime: 'A date and time is YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with Z or +hh:mm, and exists.',
  instant: 'An instant is YYYY-MM-DDThh:mm:ss with Z or +hh:mm, and exists.',
  time: 'A time is hh:mm:ss.',
  boolean: 'A boolean is true or false, without quotes.',
  integer: 'An integer is a whole number of 32 bits, without quotes.',
  unsignedInt: 'An unsignedInt is a whole number from 0 up, without quotes.',
  positiveInt: 'A positiveInt is a whole number from 1 up, without quotes.',
  decimal: 'A decimal is a number, without quotes.',
  id: 'An id is 1 to 64 letters, digits, hyphens and points.',
  code: 'A code is a text without leading, trailing or double spaces.',
  uri: 'A uri is a text without spaces.',
  url: 'A url is a text without spaces.',
  canonical: 'A canonical address is a text without spaces.',
  oid: 'An oid is urn:oid: and the numbers.',
  uuid: 'A uuid is urn:uuid: and the digits in lower case.',
  base64Binary: 'The text is not base64.',
  string: 'A string is a text of at least one character and at most 1 MB.',
  markdown: 'Markdown is a text of at least one character and at most 1 MB.',
  xhtml: 'A narrative is a text of at least one character.',
};
