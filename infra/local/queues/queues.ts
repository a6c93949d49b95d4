import type { Service } from '../endpoint/service.ts';
import type { Demand } from '../iam/authorise.ts';
import type { Place, ResolvedResource } from '../resource.ts';
import { receiveDemands, sendDemands } from './api/demands.ts';
import { describingActions } from './api/describing.ts';
import { movingActions } from './api/moving.ts';
import { receivingActions } from './api/receiving.ts';
import { sendingActions } from './api/sending.ts';
import { createBell } from './bell.ts';
import type { Messages } from './messages.ts';
import { type QueueSettings, queuesOf } from './settings.ts';
import { createQueueStore, type Draft, type QueueStore, type ReceiveOptions, type Sent, type StoredMessage } from './store.ts';

/** The queues of a template: SQS for whoever signs, and the same queues for the runtime itself. */
export interface Queues extends Service {
  readonly settings: readonly QueueSettings[];
  readonly store: QueueStore;
  /** The queue of an ARN. @throws Error when the template has none */
  queue(arn: string): QueueSettings;
  /** Sends without asking anybody's policies: for what AWS itself sends, such as a stream's failed batch. Resolves once it is durable. */
  send(arn: string, draft: Draft): Promise<Sent>;
  /** Waits for messages and takes them out of sight: for event source mappings. Empty when `waitMs` passes or the signal aborts. */
  receive(arn: string, options: ReceiveOptions): Promise<readonly StoredMessage[]>;
  /** Removes messages that were received. */
  remove(messages: readonly StoredMessage[]): Promise<void>;
  /** What sending to a queue asks of the sender. */
  sendDemands(queue: QueueSettings): readonly Demand[];
  /** What it asks of whoever is to receive from a queue and to delete what was received. */
  receiveDemands(queue: QueueSettings): readonly Demand[];
  /** Brings back into sight what was received from a queue and not deleted. */
  release(arn: string): Promise<void>;
  /** Ends every long poll. The messages stay open. */
  close(): void;
}

interface Parts {
  readonly resources: Iterable<ResolvedResource>;
  readonly messages: Messages;
  readonly place: Place;
  readonly now?: () => number;
  /** Where a failure to drop what is too old is reported. */
  readonly report?: (error: unknown) => void;
}

/** How often what is too old is dropped. */
const EXPIRY_MS = 60_000;

/** @throws UnsupportedTemplate when a queue has something that is not known here */
export function createQueues({ resources, messages, place, now = Date.now, report = console.error }: Parts): Queues {
  const settings = queuesOf(resources);
  const byArn = new Map(settings.map((queue) => [queue.arn, queue]));
  const bell = createBell();
  const arrived = new Set<string>();
  const store = createQueueStore(messages, settings, ({ name }) => arrived.add(name));
  messages.onCommit(() => {
    for (const name of arrived) bell.ring(name);
    arrived.clear();
  });
  const expiry = setInterval(() => void messages.write(() => store.expire(now())).catch(report), EXPIRY_MS).unref();

  const queue = (arn: string): QueueSettings => {
    const found = byArn.get(arn);
    if (found === undefined) throw new Error(`the template has no queue ${arn}`);
    return found;
  };

  const receive = async (from: QueueSettings, { most, visibilityMs = from.visibilityMs, waitMs, signal }: ReceiveOptions) => {
    const deadline = now() + waitMs;
    for (;;) {
      if (store.hasVisible(from, now())) {
        const taken = await messages.write(() => (signal.aborted ? [] : store.take(from, most, visibilityMs, now())));
        if (taken.length > 0) return taken;
      }
      const remaining = deadline - now();
      if (remaining <= 0 || signal.aborted || closed) return [];
      await bell.wait(from.name, Math.max(1, Math.min(remaining, (store.nextVisible(from, now()) ?? deadline) - now())), signal);
    }
  };

  let closed = false;
  const parts = { settings, store, messages, receive, place, now, ring: bell.ring };
  return {
    target: 'AmazonSQS',
    protocol: '1.0',
    actions: { ...sendingActions(parts), ...receivingActions(parts), ...describingActions(parts), ...movingActions(parts) },
    settings,
    store,
    queue,
    send: (arn, draft) => messages.write(() => store.enqueue(queue(arn), draft, now())),
    receive: (arn, options) => receive(queue(arn), options),
    async remove(received) {
      await messages.write(() => store.removeAll(received.map(({ sequence }) => sequence)));
      // What is behind them in their groups may be taken now.
      for (const name of new Set(received.map(({ queue }) => queue))) bell.ring(name);
    },
    release: (arn) => messages.write(() => store.release(queue(arn), now())),
    sendDemands: (to) => sendDemands(to, place),
    receiveDemands: (from) => receiveDemands(from, place),
    close() {
      closed = true;
      clearInterval(expiry);
      bell.close();
    },
  };
}
