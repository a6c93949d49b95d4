import { type Entry, headOf } from './batches.ts';

/** Something to be sent, with its place among others. */
export interface Ordered {
  readonly entry: Entry;
  /** What keeps its order: a person. Without one it keeps none. */
  readonly lane?: string;
  /** Entries of a lane share a call only where they are of one step: a contribution. */
  readonly step?: number;
}

/** What is left of one lane. */
export interface Lane<T extends Ordered> {
  /** What goes with the next call: what was refused goes again before anything later. */
  readonly head: () => readonly T[];
  readonly left: () => readonly T[];
  /** @param refused those of the head that were not taken */
  readonly sent: (refused: readonly T[]) => void;
}

/** The lanes of what is to be sent, in the order of their first entries. */
export function lanesOf<T extends Ordered>(sent: readonly T[]): readonly Lane<T>[] {
  const lanes = new Map<string | T, T[]>();
  for (const each of sent) {
    const lane = lanes.get(each.lane ?? each);
    if (lane === undefined) lanes.set(each.lane ?? each, [each]);
    else lane.push(each);
  }
  return [...lanes.values()].map(laneOf);
}

function laneOf<T extends Ordered>(entries: readonly T[]): Lane<T> {
  let at = 0;
  let refusedBefore: readonly T[] = [];
  const head = () => (refusedBefore.length > 0 ? refusedBefore : nextOf(entries, at));
  return {
    head,
    left: () => [...refusedBefore, ...entries.slice(at)],
    sent: (refused) => {
      if (refusedBefore.length === 0) at += head().length;
      refusedBefore = refused;
    },
  };
}

/** The entries from a place that may go in one call. */
function nextOf<T extends Ordered>(entries: readonly T[], at: number): readonly T[] {
  const { step } = entries[at] ?? {};
  const others = entries.slice(at, at + 10).findIndex((each) => each.step !== step);
  return headOf(entries.slice(at, others === -1 ? at + 10 : at + others));
}
