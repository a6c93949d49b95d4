/**
 * A computation that can be interrupted. It yields the work it has done since it last yielded, in units of about
 * one fragment visited, and has no effect but its result. Its driver can let other requests run at each yield, or
 * abandon it.
 */
export type Steps<T> = Generator<number, T, undefined>;

/** Runs a computation to its end without a pause: for tests, and for work that is known to be short. */
export function runAtOnce<T>(steps: Steps<T>): T {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** Filters a list, with a yield after each item. */
export function* filterInSteps<T>(items: Iterable<T>, keeps: (item: T) => boolean): Steps<T[]> {
  const kept: T[] = [];
  for (const item of items) {
    if (keeps(item)) kept.push(item);
    yield 1;
  }
  return kept;
}
