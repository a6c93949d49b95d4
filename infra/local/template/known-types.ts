import type { KnownType } from './known-type.ts';
import { DATA_TYPES } from './types/data.ts';
import { FUNCTION_TYPES } from './types/functions.ts';
import { GATEWAY_TYPES } from './types/gateway.ts';
import { MESSAGE_TYPES } from './types/messages.ts';
import { OPERATION_TYPES } from './types/operations.ts';

/** Every resource type that the runtime knows. What is not here stops the start: nothing is silently left out. */
export const KNOWN_TYPES: ReadonlyMap<string, KnownType> = new Map(
  Object.entries({ ...DATA_TYPES, ...FUNCTION_TYPES, ...GATEWAY_TYPES, ...MESSAGE_TYPES, ...OPERATION_TYPES }),
);

/**
 * The first property of a resource that the runtime neither honours nor knowingly ignores, dotted: `MethodSettings.CachingEnabled`.
 *
 * @param properties resolved
 */
export function unknownProperty({ honours, ignores = {} }: KnownType, properties: Readonly<Record<string, unknown>>) {
  if ('checkedBy' in honours) return undefined;
  const known = new Set([...honours, ...Object.keys(ignores)]);
  const inside = (path: string) => [...known].some((name) => name.startsWith(`${path}.`));

  const search = (value: unknown, prefix: string): string | undefined => {
    if (Array.isArray(value)) return first(value, (item) => search(item, prefix));
    if (typeof value !== 'object' || value === null) return undefined;
    return first(Object.keys(value), (name) => {
      const path = `${prefix}${name}`;
      if (known.has(path)) return undefined;
      return inside(path) ? search((value as Record<string, unknown>)[name], `${path}.`) : path;
    });
  };
  return search(properties, '');
}

function first<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
