const TEN_DIGITS = /^\d{10}$/;
const ALL_THE_SAME = /^(\d)\1{9}$/;
/** As people write it: 3 3 4, with spaces (also no-break ones), hyphens or dashes between. */
const AS_WRITTEN = /^\s*(\d{3})[\s\u2010-\u2015-]?(\d{3})[\s\u2010-\u2015-]?(\d{4})\s*$/;

/**
 * Whether a text is an NHS number as FHIR and the Spine carry it: ten digits without spaces, the last one the check digit.
 * The first nine are weighted 10 down to 2; eleven minus the sum modulo eleven is the check digit, 11 stands for 0, and 10
 * never occurs (NHS Data Dictionary, NHS NUMBER). Ten equal digits pass that sum and were never issued.
 */
export function isNhsNumber(text: string): boolean {
  if (!TEN_DIGITS.test(text) || ALL_THE_SAME.test(text)) return false;
  let sum = 0;
  for (let i = 0; i < 9; i++) sum += (text.charCodeAt(i) - 48) * (10 - i);
  return (11 - (sum % 11)) % 11 === text.charCodeAt(9) - 48;
}

/** Whether a text stands in for an NHS number that is not known yet: ten equal digits, which feeds send and nobody was ever given. */
export const isPlaceholderNumber = (text: string): boolean => ALL_THE_SAME.test(text);

/**
 * The ten digits of an NHS number that was written by a person (`999 012 3456`, `999-012-3456`); `undefined` when it is none.
 * For what people type and for feeds that are no FHIR: a FHIR identifier must hold the ten digits already.
 */
export function normaliseNhsNumber(text: string): string | undefined {
  const parts = AS_WRITTEN.exec(text);
  if (parts === null) return undefined;
  const digits = `${parts[1]}${parts[2]}${parts[3]}`;
  return isNhsNumber(digits) ? digits : undefined;
}
