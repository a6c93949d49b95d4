/** Looking into parsed JSON that may have any shape: what has not the right one is not there. */

export type Json = Readonly<Record<string, unknown>>;

export const objectOf = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;

export const arrayOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The objects at a dotted path of elements, each of which may repeat. */
export function listAt(object: Json, path: string): readonly Json[] {
  let found: readonly Json[] = [object];
  for (const name of path.split('.')) found = found.flatMap((one) => objectsOf(one[name]));
  return found;
}

const objectsOf = (value: unknown): Json[] =>
  (Array.isArray(value) ? value : [value]).map(objectOf).filter((one) => one !== undefined);

/** The text at a dotted path of elements that do not repeat; an empty one is none. */
export function textAt(object: Json, path: string): string | undefined {
  let found: unknown = object;
  for (const name of path.split('.')) found = objectOf(found)?.[name];
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** The contained resource that a reference such as `#gp` points at. */
export function contained(resource: Json, reference: unknown): Json | undefined {
  if (typeof reference !== 'string' || !reference.startsWith('#')) return undefined;
  return listAt(resource, 'contained').find((one) => one.id === reference.slice(1));
}
