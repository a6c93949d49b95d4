/** Maps with at most so many under way; results in the order of what was given. The first that fails fails all. */
export async function sideBySide<T, R>(given: readonly T[], atOnce: number, work: (each: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(given.length);
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < given.length; index = next++) results[index] = await work(given[index]!);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, given.length) }, worker));
  return results;
}
