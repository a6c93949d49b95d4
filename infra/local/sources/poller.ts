import { setTimeout as sleep } from 'node:timers/promises';
import { FunctionFailed } from '../functions/failure.ts';
import type { Queues } from '../queues/queues.ts';
import type { StoredMessage } from '../queues/store.ts';
import type { Room } from '../room/room.ts';
import type { QueueMapping } from './mapping.ts';
import { recordOf } from './record.ts';

/** Hands the messages of one queue to one function. */
export interface Poller {
  /** Takes nothing more; resolves once nothing is under way. */
  stop(): Promise<void>;
}

export interface PollerParts {
  readonly queues: Queues;
  /** @throws FunctionFailed */
  readonly invoke: (functionArn: string, event: unknown) => Promise<unknown>;
  /** Told when the runtime itself failed. A function's own failures stand in its log. */
  readonly report: (error: unknown) => void;
  readonly room: Room;
}

/** How long it sleeps at most: it is woken as soon as there is something to take. */
const WAIT_MS = 60_000;
const TRY_AGAIN_MS = 1_000;
/** Lambda hands over no more at once (6 MB). */
const MOST_BATCH_BYTES = 6 * 1024 * 1024;

/**
 * Takes batches and hands each to the function, many at once; what the function did not deal with comes back when its time out of sight
 * is over, until the queue gives it up (Lambda developer guide, "Using Lambda with Amazon SQS"). Of a FIFO queue, the queue itself
 * holds a group back while some of it is under way.
 */
export function startPoller(mapping: QueueMapping, { queues, room, invoke, report }: PollerParts): Poller {
  const { queueArn, functionArn, batchSize, windowMs, concurrency } = mapping;
  const stopping = new AbortController();
  const { signal } = stopping;
  const underWay = new Set<Promise<void>>();

  const take = (most: number, waitMs: number) => queues.receive(queueArn, { most, waitMs, signal });

  /** A batch goes when it is full or its window is over, whichever comes first. */
  const gather = async (): Promise<readonly StoredMessage[]> => {
    const batch = [...(await take(batchSize, WAIT_MS))];
    const deadline = Date.now() + windowMs;
    while (batch.length > 0 && batch.length < batchSize && Date.now() < deadline && !signal.aborted)
      batch.push(...(await take(batchSize - batch.length, deadline - Date.now())));
    return batch;
  };

  const hand = async (batch: readonly StoredMessage[]): Promise<void> => {
    try {
      const result = await invoke(functionArn, { Records: batch.map((message) => recordOf(message, queueArn)) });
      await queues.remove(mapping.reportsItemFailures ? dealtWith(result, batch) : batch);
    } catch (error) {
      if (!(error instanceof FunctionFailed) && !signal.aborted) report(error);
    }
  };

  const begin = (batch: readonly StoredMessage[]): void => {
    const work = hand(batch).finally(() => underWay.delete(work));
    underWay.add(work);
  };

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await room.writable(signal);
        while (underWay.size >= concurrency) await Promise.race(underWay);
        for (const batch of splitBySize(await gather())) begin(batch);
      } catch (error) {
        if (signal.aborted) return;
        report(error);
        await sleep(TRY_AGAIN_MS, undefined, { ref: false });
      }
    }
  };

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await Promise.all(underWay);
      await running;
    },
  };
}

function splitBySize(messages: readonly StoredMessage[]): readonly (readonly StoredMessage[])[] {
  const batches: StoredMessage[][] = [];
  let bytes = MOST_BATCH_BYTES;
  for (const message of messages) {
    const own = Buffer.byteLength(message.body) + (message.attributes?.length ?? 0);
    if (bytes + own > MOST_BATCH_BYTES) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)!.push(message);
    bytes += own;
  }
  return batches;
}

/**
 * Which messages a function that reports failures has dealt with: those that it does not name (developer guide, "Implementing partial
 * batch responses"). An answer that is not understood means that all failed.
 */
function dealtWith(result: unknown, batch: readonly StoredMessage[]): readonly StoredMessage[] {
  const { batchItemFailures } = (result ?? {}) as { batchItemFailures?: unknown };
  if (batchItemFailures === undefined || batchItemFailures === null) return batch;
  if (!Array.isArray(batchItemFailures)) return [];
  const failed = new Set(batchItemFailures.map((item: { itemIdentifier?: unknown } | null) => item?.itemIdentifier));
  const ids = new Set<unknown>(batch.map(({ id }) => id));
  return [...failed].every((id) => ids.has(id)) ? batch.filter(({ id }) => !failed.has(id)) : [];
}
