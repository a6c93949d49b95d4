import { listAt, objectOf, textAt } from '../../fhir/grounds/look.ts';
import type { Looked } from './look.ts';

/** Extensions by the names that rows give them. */
export const EXTENSIONS: Readonly<Record<string, string>> = {
  plannedEndDate: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedEndDate',
  medicallySafe: 'https://fhir.interweavedigital.nhs.uk/R4/StructureDefinition/Extension-Interweave-MedicallySafeForDischarge',
  DeathNotificationStatus: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeathNotificationStatus',
  LegalStatus: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-LegalStatus',
};

/** What rows read that is no element, with words for it. */
export const READINGS: Readonly<
  Record<string, { readonly words: string; readonly read: (looked: Looked) => readonly unknown[] }>
> = {
  '@section': { words: 'the section', read: ({ version }) => [version.section] },
  '@place': { words: 'the current place', read: (looked) => placeOf(looked) },
};

const ELSEWHERE: ReadonlySet<unknown> = new Set(['planned', 'reserved', 'completed']);

/** By identifier, else by reference, else by name. */
function placeOf({ resource }: Looked): readonly string[] {
  const here = listAt({ ...resource }, 'location').findLast(
    (one) => !ELSEWHERE.has(one.status) && textAt(one, 'period.end') === undefined,
  );
  if (here === undefined) return [];
  const places = ['location.identifier.value', 'location.reference', 'location.display'].map((path) => textAt(here, path));
  return places.filter((text) => text !== undefined).slice(0, 1);
}

/** Reads what stands at a path; nothing there is an empty list. */
export type Path = (looked: Looked) => readonly unknown[];

/** @param text paths, apart by spaces: what stands at any of them is read */
export function compilePath(text: string): Path {
  const paths = text.split(' ').map(compileOne);
  return paths.length === 1 ? paths[0]! : (looked) => paths.flatMap((path) => path(looked));
}

function compileOne(text: string): Path {
  const reading = READINGS[text];
  if (reading !== undefined) return reading.read;
  const steps = text.split('.').map(stepTo);
  return ({ resource }) => {
    let found: readonly unknown[] = resource === undefined ? [] : [resource];
    for (const step of steps) {
      if (found.length === 0) return found;
      found = found.flatMap(step);
    }
    return found;
  };
}

function stepTo(name: string): (value: unknown) => readonly unknown[] {
  const [, extension] = /^extension:(.+)$/.exec(name) ?? [];
  if (extension === undefined) return (value) => childrenOf(value, name);
  const url = EXTENSIONS[extension] ?? extension;
  return (value) => childrenOf(value, 'extension').filter((one) => objectOf(one)?.url === url);
}

function childrenOf(value: unknown, name: string): readonly unknown[] {
  const object = objectOf(value);
  if (object === undefined || !Object.hasOwn(object, name)) return [];
  const child = object[name];
  if (child === null) return [];
  return Array.isArray(child) ? child : [child];
}

/** A FHIR dateTime or instant that has a time. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** The same text for the same value, in whatever order its members stand and with whichever offset an instant is written. */
export function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  const object = objectOf(value);
  if (object === undefined) return JSON.stringify(typeof value === 'string' && INSTANT.test(value) ? Date.parse(value) : value);
  const members = Object.keys(object).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${textOf(object[name])}`).join()}}`;
}
