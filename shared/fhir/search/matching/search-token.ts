import type { Identifier } from '../../../record/identity.ts';
import { normaliseNhsNumber } from '../../nhs-number.ts';
import { NHS_NUMBER } from '../../systems.ts';
import { splitEscaped, unescaped } from './escaping.ts';

/** One value of a token parameter (http://hl7.org/fhir/R4/search.html#token). */
export interface SearchToken {
  /** `undefined` where any system will do, `''` where there may be none. */
  readonly system: string | undefined;
  /** `''` where any code of the system will do. */
  readonly code: string;
}

/**
 * Reads `code`, `system|code`, `|code` or `system|`, with the escapes of search (`\|`, `\,`, `\$`, `\\`). Searches, conditions and
 * conditional references all read by it, so that what one of them finds is what the others find.
 * @returns `undefined` for nothing, and for more than one bar that is not escaped
 */
export function readSearchToken(text: string): SearchToken | undefined {
  const [first = '', second, ...more] = splitEscaped(text, '|').map(unescaped);
  if (more.length > 0 || (first === '' && (second ?? '') === '')) return undefined;
  return second === undefined ? { system: undefined, code: first } : { system: first, code: second };
}

/**
 * Reads `system|value` as the one identifier that it names. An NHS number may be written as people write it.
 * @returns `undefined` for a list, and where system or value is missing
 */
export function readIdentifierToken(text: string): Identifier | undefined {
  if (splitEscaped(text, ',').length > 1) return undefined;
  const { system = '', code: value = '' } = readSearchToken(text) ?? {};
  if (system === '' || value === '') return undefined;
  return { system, value: (system === NHS_NUMBER ? normaliseNhsNumber(value) : undefined) ?? value };
}
