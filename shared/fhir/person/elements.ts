import type { Json, PatientSource } from './source.ts';

/** One property of the person, with the sources of it (and of its parts). */
export interface Element {
  readonly name: string;
  readonly value: unknown;
  /** FHIRPath of what came from which source. */
  readonly paths: readonly { readonly path: string; readonly source: PatientSource }[];
}

/** Whole, from the first source that has it, with the extensions of a primitive (`_birthDate`). */
export function takeFirst(element: string, ranked: readonly PatientSource[]): Element[] {
  for (const source of ranked) {
    const found = propertiesOf(element, source.resource);
    if (found.length > 0) return elementsOf(element, found, source);
  }
  return [];
}

/** Properties of an element or of a choice of types, as a source has them. */
export function propertiesOf(element: string, resource: Json): [name: string, value: unknown][] {
  if (!element.endsWith('[x]')) {
    return [element, `_${element}`].filter((name) => name in resource).map((name) => [name, resource[name]]);
  }
  const stem = element.slice(0, -'[x]'.length);
  const choice = new RegExp(`^_?${stem}[A-Z]`);
  return Object.entries(resource).filter(([name]) => choice.test(name));
}

/** The path of a choice leaves its type out, as FHIRPath does (`Patient.deceased`). */
export function elementsOf(element: string, found: readonly (readonly [string, unknown])[], source: PatientSource): Element[] {
  const path = `Patient.${element.replace('[x]', '')}`;
  return found.map(([name, value], index) => ({ name, value, paths: index === 0 ? [{ path, source }] : [] }));
}

/** What every source has of a list, each thing once: as the first source has it. */
export function takeMerged(element: string, key: readonly string[], ranked: readonly PatientSource[]): Element[] {
  const merged = new Map<string, { value: unknown; source: PatientSource }>();
  for (const source of ranked) {
    const values = source.resource[element];
    if (!Array.isArray(values)) continue;
    for (const value of values) {
      const name = keyOf(value, key);
      if (!merged.has(name)) merged.set(name, { value, source });
    }
  }
  return listElement(element, [...merged.values()]);
}

function listElement(name: string, items: readonly { value: unknown; source: PatientSource }[]): Element[] {
  if (items.length === 0) return [];
  const paths = items.map(({ source }, index) => ({ path: `Patient.${name}[${index}]`, source }));
  return [{ name, value: items.map(({ value }) => value), paths }];
}

/** All extensions of one kind come from the first source that has any of that kind. */
export function takeExtensions(ranked: readonly PatientSource[]): Element[] {
  const takenFrom = new Map<unknown, PatientSource>();
  const items: { value: unknown; source: PatientSource }[] = [];
  for (const source of ranked) {
    const { extension } = source.resource;
    if (!Array.isArray(extension)) continue;
    for (const value of extension) {
      const { url } = value as { url?: unknown };
      if (!takenFrom.has(url)) takenFrom.set(url, source);
      if (takenFrom.get(url) === source) items.push({ value, source });
    }
  }
  return listElement('extension', items);
}

/** A thing that has none of the parts of the key is only the same as one that is the same in everything. */
function keyOf(value: unknown, key: readonly string[]): string {
  const parts = key.map((path) => path.split('.').reduce<unknown>((at, step) => (at as Json | undefined)?.[step], value));
  if (parts.every((part) => part === undefined)) return JSON.stringify(value);
  return JSON.stringify(parts.map((part) => (typeof part === 'string' ? part.replaceAll(' ', '').toLowerCase() : part)));
}
