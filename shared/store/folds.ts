import { setTimeout as wait } from 'node:timers/promises';
import { emptyFold, type Fold } from '../record/fold.ts';
import type { Subject } from '../record/identity.ts';
import type { Memory } from './memory.ts';
import type { Moment } from './moments.ts';
import { foldOf } from './table/partition.ts';
import { readPartition, readTail, type Table } from './table/reading.ts';

/** `'now'`: everything that was acknowledged before is seen. `'recent'`: what this process remembers will do. */
export type Freshness = 'now' | 'recent';

/** A fold, and whether it was read just now. */
export interface SeenFold {
  readonly fold: Fold;
  readonly fresh: boolean;
}

/** Folds of subjects, read or remembered. */
export interface Folds {
  read(subject: Subject, freshness: Freshness): Promise<SeenFold>;
  /** The fold at a moment, if that is the very one that is remembered. */
  remembered(subject: Subject, moment: Moment): Fold | undefined;
  /** Keeps a fold that has just been written. @param since when the write began, milliseconds since the epoch. @param addedBytes in memory. */
  keep(fold: Fold, since: number, addedBytes: number): void;
}

/**
 * How long a remembered fold may be written upon without reading. Where compaction takes a contribution away, its number stays
 * taken for `LEASE_MS`, so a writer with a younger memory always meets it (docs/decisions/0004-slots-and-marker.md).
 */
export const REMEMBERED_MS = 60_000;

/** Longer than a memory and the longest function together can last. */
export const LEASE_MS = 15 * 60_000;

/** Estimates for the memory: of a fragment's manifest, of a contribution that fragments came with, and of what a stored byte becomes. */
const FRAGMENT_BYTES = 700;
const CONTRIBUTION_BYTES = 1_500;
const EXPANSION = 10;

const TORN_READS = 6;
const TORN_PAUSE_MS = 10;

export function createFolds(table: Table, memory: Memory, now: () => Date): Folds {
  const keep = (fold: Fold, at: number, addedBytes: number) => {
    const known = memory.get(fold.subject);
    const before = known?.fold ?? emptyFold(fold.subject);
    const fragments = Math.max(0, fold.fragments.size - before.fragments.size);
    // What only brought new versions takes the place of what it superseded.
    const contributions = Math.min(fragments, fold.sequence - before.sequence);
    const grownBytes = fragments * FRAGMENT_BYTES + contributions * CONTRIBUTION_BYTES;
    memory.keep({ fold, at, bytes: (known?.bytes ?? FRAGMENT_BYTES) + grownBytes + addedBytes });
  };
  const catchUpWith = async (known: Fold, at: number): Promise<Fold | 'torn'> => {
    const partition = await readTail(table, known.subject, known.sequence);
    const fold = await foldOf(partition, known);
    if (fold !== 'torn') keep(fold, at, fold === known ? 0 : partition.bytes * EXPANSION);
    return fold;
  };
  const readWhole = async (subject: Subject): Promise<Fold> => {
    for (let attempt = 0; attempt < TORN_READS; attempt++) {
      if (attempt > 0) await wait(TORN_PAUSE_MS * attempt);
      const at = now().getTime();
      const partition = await readPartition(table, subject);
      const fold = await foldOf(partition);
      if (fold === 'torn') continue;
      const manifestBytes = (fold.fragments.size + 1) * FRAGMENT_BYTES + partition.contributions.length * CONTRIBUTION_BYTES;
      memory.keep({ fold, at, bytes: manifestBytes + partition.bytes * EXPANSION });
      return fold;
    }
    throw new Error('a contribution is missing from the log of a subject');
  };
  const reading = new Map<Subject, Promise<Fold>>();
  const readOnce = (subject: Subject): Promise<Fold> => {
    const whole = readWhole(subject).finally(() => {
      if (reading.get(subject) === whole) reading.delete(subject);
    });
    reading.set(subject, whole);
    return whole;
  };
  return {
    keep,
    remembered(subject, moment) {
      const fold = memory.get(subject)?.fold;
      return 'sequence' in moment && moment.sequence === fold?.sequence ? fold : undefined;
    },
    async read(subject, freshness) {
      // A whole record that somebody else is reading is waited for, and then brought up to date.
      await reading.get(subject)?.catch(() => {});
      const at = now().getTime();
      const known = memory.get(subject);
      if (known === undefined) return { fold: await readOnce(subject), fresh: true };
      if (freshness === 'recent' && Math.abs(at - known.at) <= REMEMBERED_MS) return { fold: known.fold, fresh: false };
      const caughtUp = await catchUpWith(known.fold, at);
      if (caughtUp !== 'torn') return { fold: caughtUp, fresh: true };
      memory.forget(subject);
      return { fold: await readOnce(subject), fresh: true };
    },
  };
}
