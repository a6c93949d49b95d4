/** How far a stream has been dealt with, when its records are dealt with out of order. */
export interface Progress {
  /** Records that were taken and are not dealt with yet, counted with those that wait behind them. */
  readonly open: number;
  /** The last record of which, and of all before it, nothing is left to do. */
  readonly position: bigint;
  /** Takes records, in order. */
  take(sequences: readonly bigint[]): void;
  /** Notes that records are dealt with. @returns whether `position` moved */
  finish(sequences: readonly bigint[]): boolean;
}

/** @param start the last record that was dealt with before */
export function createProgress(start: bigint): Progress {
  let position = start;
  let taken: bigint[] = [];
  let passed = 0;
  const finished = new Set<bigint>();
  return {
    get open() {
      return taken.length - passed;
    },
    get position() {
      return position;
    },
    take: (sequences) => void taken.push(...sequences),
    finish(sequences) {
      for (const sequence of sequences) finished.add(sequence);
      const before = position;
      for (let next = taken[passed]; next !== undefined && finished.delete(next); next = taken[++passed]) position = next;
      if (passed > taken.length / 2) {
        taken = taken.slice(passed);
        passed = 0;
      }
      return position !== before;
    },
  };
}
