import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Log } from '../lambda/logger.ts';
import { packCalls } from './batches.ts';
import { type Lane, lanesOf, type Ordered } from './lanes.ts';
import { sideBySide } from './side-by-side.ts';

/**
 * Puts events on the bus, those of a lane in their order: no two calls that are under way hold entries of one lane, and what the bus refused of it goes again
 * before anything later. Lanes go on beside each other. Where the bus refuses some of one step that came in one call, those come after the others of it.
 * @param deadline milliseconds since the epoch after which no further attempt begins.
 * @returns those that the bus did not take, after all attempts, and those of their lanes that would have followed.
 */
export type Publisher = <T extends Ordered>(sent: readonly T[], deadline: number) => Promise<readonly T[]>;

export interface PublisherDependencies {
  readonly client: EventBridgeClient;
  readonly log: Log;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Calls under way at a time. */
const CALLS_AT_ONCE = 8;
const MAX_ATTEMPTS = 8;
const FIRST_WAIT_MS = 50;
const MAX_WAIT_MS = 5_000;

/** A lane that is being sent, with how often its head was refused and when it goes again. */
interface Going<T extends Ordered> {
  readonly lane: Lane<T>;
  attempts: number;
  fromMs: number;
}

/** A publisher that sends again, ever more slowly, what the bus refused. */
export function createPublisher({ client, log, now, random, sleep }: PublisherDependencies): Publisher {
  /** Each call says of each of its entries whether it was taken; a call that fails altogether took none. */
  async function refusedOf<T extends Ordered>(call: readonly T[]): Promise<readonly T[]> {
    try {
      const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: call.map(({ entry }) => entry) }));
      return call.filter((_, index) => Entries[index]?.EventId === undefined);
    } catch (error) {
      log.warn('the bus did not answer', { count: call.length, error });
      return call;
    }
  }

  /** Sends the head of each lane. */
  async function sendHeads<T extends Ordered>(ready: readonly Going<T>[]): Promise<void> {
    const heads = ready.map(({ lane }) => lane.head());
    const refused = new Set((await sideBySide(packCalls(heads), CALLS_AT_ONCE, refusedOf)).flat());
    for (const [index, going] of ready.entries()) {
      const again = heads[index]!.filter((each) => refused.has(each));
      going.lane.sent(again);
      going.attempts = again.length === 0 ? 0 : going.attempts + 1;
      going.fromMs = again.length === 0 ? 0 : now() + waitMs(going.attempts);
    }
    if (refused.size > 0) log.warn('the bus refused events', { count: refused.size });
  }

  const waitMs = (attempts: number): number => Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** attempts) * (0.5 + random() / 2);

  return async (sent, deadline) => {
    let going = lanesOf(sent).map((lane) => ({ lane, attempts: 0, fromMs: 0 }));
    const unsent: (typeof sent)[number][] = [];
    let clock = 0;
    while (going.length > 0) {
      await sendHeads(going.filter(({ fromMs }) => fromMs <= clock));
      const isLate = now() >= deadline;
      const isLost = ({ attempts, fromMs }: (typeof going)[number]) => isLate || attempts === MAX_ATTEMPTS || fromMs >= deadline;
      for (const one of going) if (isLost(one)) unsent.push(...one.lane.left());
      going = going.filter((one) => !isLost(one) && one.lane.head().length > 0);
      const nextMs = Math.min(...going.map(({ fromMs }) => fromMs));
      if (going.length > 0 && nextMs > Math.max(clock, now())) await sleep(nextMs - now());
      clock = Math.max(now(), nextMs === Number.POSITIVE_INFINITY ? 0 : nextMs);
    }
    return unsent;
  };
}
