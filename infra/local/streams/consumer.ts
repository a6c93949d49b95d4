import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BatchParts, deliverBatch } from './batch.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { Mapping } from './mapping.ts';
import { createProgress, type Progress } from './progress.ts';
import { type Entry, partitionOf } from './record.ts';
import type { StreamReader } from './stream-reader.ts';

export interface ConsumerParts extends Pick<BatchParts, 'giveUp' | 'invoke' | 'now' | 'backOffMs'> {
  readonly mapping: Mapping;
  readonly reader: StreamReader;
  readonly checkpoints: Checkpoints;
  /** Attribute by which records are kept in order. */
  readonly partitionKey: string;
  /** Told when the engine could not be read, or the runtime itself failed; it is tried again. */
  readonly report: (error: unknown) => void;
}

/** Hands the records of one stream to one function. */
export interface Consumer {
  /** Everything up to here is dealt with. */
  readonly position: bigint;
  /** Tells that there may be more to read. */
  wake(): void;
  /** Resolves once nothing is under way any more. */
  stop(): Promise<void>;
}

/** Looked at without being told, for what wrote past the runtime. */
const LOOK_EVERY_MS = 2_000;
/** Writes come in crowds: those that follow within this time are read together. Lambda itself looks four times a second. */
const GATHER_MS = 40;
const TRY_AGAIN_MS = 1_000;
/** Records taken ahead of those that are held up by a retry. */
const MOST_OPEN = 5_000;
/** Lambda hands over no more at once (6 MB). */
const MOST_BATCH_BYTES = 6 * 1024 * 1024;

/** @param start the last record that was dealt with */
export function startConsumer(start: bigint, parts: ConsumerParts): Consumer {
  const { mapping, reader, report } = parts;
  const stopping = new AbortController();
  const { signal } = stopping;
  const progress = createProgress(start);
  const bell = createBell();
  const lanes = Array.from({ length: mapping.lanes }, () => createLane(parts, progress, signal));
  let readUpTo = start;

  const run = async () => {
    while (!signal.aborted) {
      try {
        const entries = progress.open < MOST_OPEN ? await reader.read(readUpTo) : [];
        if (entries.length > 0) {
          take(entries);
          await sleep(GATHER_MS, undefined, { signal });
        } else await bell.rung(LOOK_EVERY_MS, signal);
      } catch (error) {
        if (signal.aborted) return;
        report(error);
        await sleep(TRY_AGAIN_MS);
      }
    }
  };

  const take = (entries: readonly Entry[]) => {
    readUpTo = entries.at(-1)!.sequence;
    progress.take(entries.map(({ sequence }) => sequence));
    const passedOver: Entry[] = [];
    for (const entry of entries) {
      if (mapping.matches(entry.record)) lanes[laneOf(partitionOf(entry, parts.partitionKey), lanes.length)]!.add(entry);
      else passedOver.push(entry);
    }
    finish(passedOver, parts, progress);
  };

  const running = run();
  return {
    get position() {
      return progress.position;
    },
    wake: () => bell.ring(),
    async stop() {
      stopping.abort();
      await Promise.all([running, ...lanes.map(({ idle }) => idle())]);
    },
  };
}

/** A position that cannot be kept is no failure: the next one is kept in its place, or records are handed over again after a restart. */
function finish(entries: readonly Entry[], { checkpoints, mapping, report }: ConsumerParts, progress: Progress): void {
  if (entries.length === 0 || !progress.finish(entries.map(({ sequence }) => sequence))) return;
  try {
    checkpoints.keep(mapping.id, progress.position);
  } catch (error) {
    report(error);
  }
}

/** Records of the same partition key always go down the same lane, where they stay in order. */
const laneOf = (partition: string, lanes: number): number =>
  lanes === 1 ? 0 : createHash('sha1').update(partition).digest().readUInt32LE() % lanes;

/** One batch at a time. */
function createLane(parts: ConsumerParts, progress: Progress, signal: AbortSignal) {
  const { mapping, report } = parts;
  let queue: Entry[] = [];
  let work: Promise<void> | undefined;
  let whenFull: (() => void) | undefined;
  const batchParts: BatchParts = { ...parts, signal, onDone: (entries) => finish(entries, parts, progress) };

  const run = async () => {
    while (queue.length > 0 && !signal.aborted) {
      if (mapping.windowMs > 0 && queue.length < mapping.batchSize) await windowOrFull();
      const batch = queue.slice(0, batchLength(queue, mapping.batchSize));
      await deliver(batch);
      queue = queue.slice(batch.length);
    }
  };

  /** A batch goes when it is full or its window is over, whichever comes first (Lambda developer guide, "Batching behavior"). */
  const windowOrFull = async () => {
    const full = new AbortController();
    whenFull = () => full.abort();
    await sleep(mapping.windowMs, undefined, { signal: AbortSignal.any([signal, full.signal]) }).catch(() => {});
    whenFull = undefined;
    signal.throwIfAborted();
  };

  /** What a fault of the runtime itself interrupts is begun again: records are handed over at least once. */
  const deliver = async (batch: readonly Entry[]) => {
    for (;;) {
      try {
        return await deliverBatch(batch, batchParts);
      } catch (error) {
        if (signal.aborted) throw error;
        report(error);
        await sleep(TRY_AGAIN_MS, undefined, { signal });
      }
    }
  };

  /** Begins a moment later, when all that was read together is in the queue. */
  const begin = () => {
    work ??= Promise.resolve()
      .then(run)
      .catch((error) => (signal.aborted ? undefined : report(error)))
      .finally(() => {
        work = undefined;
        if (queue.length > 0 && !signal.aborted) begin();
      });
  };

  return {
    add(entry: Entry) {
      queue.push(entry);
      if (queue.length >= mapping.batchSize) whenFull?.();
      begin();
    },
    idle: async () => work,
  };
}

function batchLength(queue: readonly Entry[], most: number): number {
  let bytes = 0;
  let length = 0;
  while (length < Math.min(most, queue.length) && (length === 0 || bytes + queue[length]!.bytes <= MOST_BATCH_BYTES))
    bytes += queue[length++]!.bytes;
  return length;
}

/** Something to wait at; a ring while nobody waits is remembered. */
function createBell() {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    async rung(mostMs: number, signal: AbortSignal): Promise<void> {
      if (!rung) {
        const woken = new AbortController();
        wake = () => woken.abort();
        await sleep(mostMs, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(() => {});
        wake = undefined;
      }
      rung = false;
    },
  };
}
