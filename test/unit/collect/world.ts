import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { createHandler } from '../../../functions/collect/collect.ts';
import type { World } from '../../../functions/deliver/world.ts';
import { hookCarrier } from '../../../shared/signals/sending/carriers/hook.ts';
import type { Signal } from '../../../shared/signals/signal.ts';
import type { Subscription } from '../../../shared/signals/subscription.ts';
import { createPanels } from '../../../shared/store/signals/panels.ts';
import { createSubscriptions } from '../../../shared/store/signals/subscriptions.ts';
import { Delivering, type Received, SECRET } from '../deliver/world.ts';

/** One invocation for one subscription. @param received how often the queue has handed these over */
export type Collect = (id: string, arrived: readonly Signal[], received?: number) => Promise<SQSBatchResponse>;

/** The world of `deliver`, and of `collect` before it: one receiver, one clock, one queue of wakes. */
export class Collecting extends Delivering {
  /** Who was woken by `collect` because they slept. */
  readonly woken: string[] = [];
  /** For so long, in real milliseconds, `collect` waits for an answer. */
  answerMs = 5_000;
  isQueueDown = false;
  readonly collect: Collect = this.collector();

  /** A process of `collect`, which remembers what it has seen. */
  collector(client: DynamoDBClient = this.engine.client, told: Partial<Pick<World, 'carrierOf' | 'mayHear'>> = {}): Collect {
    const world = this.world(client);
    const store = { client, table: this.engine.signalsTable };
    const handle = createHandler({
      ...world,
      subscriptions: createSubscriptions(store),
      panels: createPanels(store),
      carrierOf: (one) =>
        hookCarrier(one, async () => [{ secret: SECRET, createdAt: '2026-01-01T00:00:00.000Z' }], {
          now: world.now,
          connections: 8,
          timeoutMs: this.answerMs,
        }),
      ...told,
      measureOwn: world.measure,
      wake: async (ids) => {
        if (this.isQueueDown) return new Set(ids);
        this.woken.push(...ids);
        this.wakes.push(...ids.map((id) => ({ id, at: this.nowMs })));
        return new Set();
      },
      wakeAfter: (id, ms) => (this.isQueueDown ? Promise.reject(new Error('the queue is down')) : world.wakeAfter(id, ms)),
    });
    return (id, arrived, received = 1) =>
      handle({ Records: arrived.map((one) => messageOf(id, one, received)) } as unknown as SQSEvent);
  }

  /** A subscription for which nothing at all is left to do. */
  async idle(endpoint: string, told: Partial<Subscription> = {}): Promise<Subscription> {
    const one = await this.subscribe(endpoint, told);
    await this.wake(one.id);
    return one;
  }
}

let messages = 0;

const messageOf = (group: string, { event, fragmentId, announcedAt, replay }: Signal, received: number) => {
  const routing = { eventType: ['admitted'], urgency: ['A'], section: [], source: [], generalpractitioner: [] };
  const detail = { event, audience: ['ammonite'], formerly: [], routing, fragmentId };
  const message: Pick<SQSRecord, 'messageId' | 'body'> = {
    messageId: `m${messages++}`,
    body: JSON.stringify({ detail, ...(replay === undefined ? {} : { 'replay-name': replay }) }),
  };
  const attributes = {
    MessageGroupId: group,
    SentTimestamp: String(announcedAt),
    ApproximateReceiveCount: String(received),
  };
  return { ...message, attributes };
};

/** Ids by person, as they came first. */
function byPerson(
  some: readonly { readonly id: string; readonly subject?: string }[],
): Readonly<Record<string, readonly string[]>> {
  const lanes = Map.groupBy(
    some.filter(({ subject }) => subject !== undefined),
    ({ subject }) => subject!,
  );
  return Object.fromEntries([...lanes].map(([person, each]) => [person, [...new Set(each.map(({ id }) => id))]]));
}

export const heard = (received: readonly Received[]) => byPerson(received.map(({ body }) => body));
export const expected = (some: readonly Signal[]) => byPerson(some.map(({ event }) => event));

/** The numbers under which each event came, in order of the first. */
export function numbersOf(received: readonly Received[]): readonly (readonly number[])[] {
  const numbers = new Map<string, Set<number>>();
  for (const { body } of received) numbers.set(body.id, (numbers.get(body.id) ?? new Set()).add(body.eventnumber));
  return [...numbers.values()].map((each) => [...each].sort((a, b) => a - b)).sort(([one], [other]) => one! - other!);
}

/** Each event one number, without a gap. */
export const oneEach = (count: number): readonly (readonly number[])[] =>
  Array.from({ length: count }, (_, index) => [index + 1]);
