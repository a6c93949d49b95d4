/** Remembers for a moment what was found: a busy subscription would else be read for every ten of its signals. What is not there, or does not last, is looked for again. */
export function rememberFor<T extends object>(
  ms: number,
  now: () => number,
  read: (id: string) => Promise<T | undefined>,
  isLasting: (found: T) => boolean,
): (id: string) => Promise<T | undefined> {
  const known = new Map<string, { readonly atMs: number; readonly found: T }>();
  return async (id) => {
    const before = known.get(id);
    if (before !== undefined && now() - before.atMs < ms) return before.found;
    known.delete(id);
    const found = await read(id);
    if (found !== undefined && isLasting(found)) known.set(id, { atMs: now(), found });
    return found;
  };
}
