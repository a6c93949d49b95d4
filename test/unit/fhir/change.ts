import type { Json } from './valid-resources.ts';

/** A copy of a resource with one thing changed. Path as in an expression, below the type: `name[0].family`. `undefined` takes it away. */
export function changed(resource: Json, path: string, value: unknown): Json {
  const copy = structuredClone(resource);
  const steps = path.match(/\w+/g)!;
  const last = steps.pop()!;
  let at: Json = copy;
  for (const step of steps) at = at[step] as Json;
  if (value !== undefined) at[last] = value;
  else if (Array.isArray(at)) at.splice(Number(last), 1);
  else delete at[last];
  return copy;
}

/** Every place in a resource, outermost first. */
export function placesIn(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) => {
    const here = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    return [here, ...placesIn(below, here)];
  });
}
