/**
 * Attributes of a user pool are text. A list that a provider sent becomes one line, and which depends on provider and protocol: JSON as it came,
 * `[a, b]` without quotes, or values with commas between, each form-encoded where it holds more than letters and digits (Cognito developer guide, "Mapping IdP
 * attributes to profiles and tokens"). All of them are read here; what comes out is checked by whoever asked.
 */

/** The texts of a flattened list. @returns `undefined` for what cannot be one */
export function readTexts(flat: string): readonly string[] | undefined {
  const list = listIn(flat) ?? splitAtCommas(flat);
  return list?.every((item) => typeof item === 'string') ? (list as string[]) : undefined;
}

/** The objects of a flattened list. @returns `undefined` for what cannot be one */
export function readObjects(flat: string): readonly Readonly<Record<string, unknown>>[] | undefined {
  const list = listIn(flat) ?? listIn(`[${flat}]`) ?? listIn(`[${splitAtCommas(flat)?.join(',') ?? ''}]`);
  return list?.every(isObject) ? (list as Readonly<Record<string, unknown>>[]) : undefined;
}

/** A list that is JSON, form-encoded as a whole or not at all. */
function listIn(text: string): readonly unknown[] | undefined {
  const value = parsed(text) ?? parsed(decoded(text) ?? '');
  return Array.isArray(value) ? value : undefined;
}

function splitAtCommas(flat: string): string[] | undefined {
  const [, inside = flat] = /^\s*\[(.*)\]\s*$/s.exec(flat) ?? [];
  const items = inside.split(',').map((item) => decoded(item.trim().replace(/^"(.*)"$/s, '$1')));
  return items.every((item) => item !== undefined) ? items.filter((item) => item !== '') : undefined;
}

/** https://url.spec.whatwg.org/#concept-urlencoded-parser: a plus is a blank. */
function decoded(text: string): string | undefined {
  try {
    return text.includes('%') ? decodeURIComponent(text.replaceAll('+', ' ')) : text;
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
