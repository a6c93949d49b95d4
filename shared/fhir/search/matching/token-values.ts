import { normaliseNhsNumber } from '../../nhs-number.ts';
import { NHS_NUMBER } from '../../systems.ts';
import type { Matcher } from './match.ts';
import { readSearchToken } from './search-token.ts';
import { dialled, folded, type Token } from './values.ts';

/** The systems with which a code was searched: `''` for codes without a system, `undefined` for codes of any. */
type Systems = ReadonlySet<string | undefined>;

/**
 * Codes, identifiers and booleans (http://hl7.org/fhir/R4/search.html#token). Codes are compared without case: to find
 * too much does less harm than to miss something. A value is looked up by its code, however many codes are searched.
 */
export function readTokens(texts: readonly string[]): Matcher<'token'> | undefined {
  const systems = new Set<string>();
  const byCode = new Map<string, Set<string | undefined>>();
  const byNumber = new Map<string, Set<string | undefined>>();
  for (const text of texts) {
    const token = readSearchToken(text);
    if (token === undefined) return undefined;
    const { system, code } = token;
    if (code === '') systems.add(system!);
    else {
      addTo(byCode, folded(code), system);
      addTo(byNumber, dialled(code), system);
      const nhsNumber = system === undefined || system === NHS_NUMBER ? normaliseNhsNumber(code) : undefined;
      if (nhsNumber !== undefined) addTo(byCode, nhsNumber, NHS_NUMBER);
    }
  }
  return (value) =>
    isOfSystem(value, byCode.get(value.code ?? '')) ||
    (value.dialled !== undefined && isOfSystem(value, byNumber.get(value.dialled))) ||
    (systems.size > 0 && value.systems.some((system) => systems.has(system)));
}

function addTo(codes: Map<string, Set<string | undefined>>, code: string, system: string | undefined): void {
  const systems = codes.get(code);
  if (systems === undefined) codes.set(code, new Set([system]));
  else systems.add(system);
}

const isOfSystem = ({ unsystematic, systems }: Token, searched: Systems | undefined): boolean =>
  searched !== undefined &&
  (searched.has(undefined) || (unsystematic && searched.has('')) || systems.some((system) => searched.has(system)));

/** Whether an address is one of those searched, or a version of one (`address|version`). */
export function isVersionOf(address: string, searched: ReadonlySet<string>): boolean {
  if (searched.has(address)) return true;
  for (let bar = address.indexOf('|'); bar >= 0; bar = address.indexOf('|', bar + 1))
    if (searched.has(address.slice(0, bar))) return true;
  return false;
}
