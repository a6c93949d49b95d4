import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Log } from '../lambda/logger.ts';
import { sideBySide } from '../lambda/side-by-side.ts';
import { cutBatches, type Entry } from './batches.ts';

/**
 * Puts events on the bus.
 * @param deadline milliseconds since the epoch after which no further attempt begins.
 * @returns those that the bus did not take, after all attempts.
 */
export type Publisher = <T extends { readonly entry: Entry }>(sent: readonly T[], deadline: number) => Promise<readonly T[]>;

export interface PublisherDependencies {
  readonly client: EventBridgeClient;
  readonly log: Log;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Calls under way at a time: 2,000 events are 200 calls, and someone waits for the last. */
const CALLS_AT_ONCE = 8;
const MAX_ATTEMPTS = 8;
const FIRST_WAIT_MS = 50;
const MAX_WAIT_MS = 5_000;

/** A publisher that sends again, alone and ever more slowly, what the bus refused. */
export function createPublisher({ client, log, now, random, sleep }: PublisherDependencies): Publisher {
  /** Each call says of each of its entries whether it was taken; a call that fails altogether took none. */
  async function refusedOf<T extends { readonly entry: Entry }>(batch: readonly T[]): Promise<readonly T[]> {
    try {
      const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: batch.map(({ entry }) => entry) }));
      return batch.filter((_, index) => Entries[index]?.EventId === undefined);
    } catch (error) {
      log.warn('the bus did not answer', { count: batch.length, error });
      return batch;
    }
  }

  return async (sent, deadline) => {
    let left = sent;
    for (let attempt = 1; left.length > 0; attempt++) {
      left = (await sideBySide(cutBatches(left), CALLS_AT_ONCE, refusedOf)).flat();
      if (left.length === 0) break;
      const waitMs = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * (0.5 + random() / 2);
      log.warn('the bus refused events', { count: left.length, attempt });
      if (attempt === MAX_ATTEMPTS || now() + waitMs >= deadline) break;
      await sleep(waitMs);
    }
    return left;
  };
}
