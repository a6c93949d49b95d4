/** Remembers for a moment what was found: a busy subscription would else be read for every ten of its signals. What is not there is looked for again. */
export function rememberFor<T extends object>(
  ms: number,
  now: () => number,
  read: (id: string) => Promise<T | undefined>,
): (id: string) => Promise<T | undefined> {
  const known = new Map<string, { readonly atMs: number; readonly found: T }>();
  return async (id) => {
    const before = known.get(id);
    if (before !== undefined && now() - before.atMs < ms) return before.found;
    known.delete(id);
    const found = await read(id);
    if (found !== undefined) known.set(id, { atMs: now(), found });
    return found;
  };
}
