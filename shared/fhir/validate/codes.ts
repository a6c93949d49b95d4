import { codeSet } from '../tables/tables.ts';

/** What a required binding allows. */
export interface AllowedCodes {
  readonly code: (code: string) => boolean;
  readonly token: (system: unknown, code: unknown) => boolean;
}

/** Sets that are too large to list, or belong to others: their codes are checked by form. */
const FORMS: Readonly<Record<string, RegExp>> = {
  // RFC 6838; the short names are those of http://hl7.org/fhir/R4/http.html#mime-type
  mimetypes: /^(?:[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s?;.*)?|xml|json|ttl)$/,
  // ISO 4217
  currencies: /^[A-Z]{3}$/,
};

const sets = new Map<string, AllowedCodes>();

/** The codes of a set, by the name that the structure rows give it. */
export function allowedCodes(name: string): AllowedCodes {
  const known = sets.get(name);
  if (known !== undefined) return known;
  const allowed = readCodes(name);
  sets.set(name, allowed);
  return allowed;
}

function readCodes(name: string): AllowedCodes {
  const pattern = FORMS[name];
  if (pattern !== undefined)
    return { code: (code) => pattern.test(code), token: (_, code) => typeof code === 'string' && pattern.test(code) };
  const { codes, tokens } = codeSet(name);
  return {
    code: (code) => codes.has(code),
    token: (system, code) => typeof system === 'string' && typeof code === 'string' && tokens.has(`${system}|${code}`),
  };
}
