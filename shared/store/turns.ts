/** Runs work one after another wherever it shares a key, and side by side elsewhere. */
export type Turns = <T>(keys: readonly string[], work: () => Promise<T>) => Promise<T>;

/**
 * Writers of one process that want the same record would only beat each other to its next number: here they queue. All keys are taken at once,
 * so nobody waits in a circle.
 */
export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return async (keys, work) => {
    const before = keys.map((key) => last.get(key));
    const mine = Promise.all(before).then(work);
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    for (const key of keys) last.set(key, settled);
    try {
      return await mine;
    } finally {
      for (const key of keys) if (last.get(key) === settled) last.delete(key);
    }
  };
}
