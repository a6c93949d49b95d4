import { type Actions, onQueue, type Parts, queueDemand, readNames } from './parts.ts';
import { REFUSALS } from './refusals.ts';

const PURGE_INTERVAL_MS = 60_000;

/** What says of queues what they are, and what empties them. */
export function describingActions({ settings, store, messages, place, now }: Parts): Actions {
  const purged = new Map<string, number>();
  const startedAt = String(Math.floor(now() / 1000));

  return {
    GetQueueAttributes: onQueue(settings, {
      demands: queueDemand('GetQueueAttributes'),
      read: (queue, input) => ({
        run() {
          const { visible, inFlight, delayed } = store.counts(queue, now());
          const all: Readonly<Record<string, string>> = {
            ...queue.attributes,
            ApproximateNumberOfMessages: String(visible),
            ApproximateNumberOfMessagesNotVisible: String(inFlight),
            ApproximateNumberOfMessagesDelayed: String(delayed),
            CreatedTimestamp: startedAt,
            LastModifiedTimestamp: startedAt,
          };
          const wanted = readNames(input.AttributeNames);
          const chosen = Object.entries(all).filter(([name]) => wanted.includes('All') || wanted.includes(name));
          return { Attributes: Object.fromEntries(chosen) };
        },
      }),
    }),

    PurgeQueue: onQueue(settings, {
      demands: queueDemand('PurgeQueue'),
      read: (queue) => ({
        async run() {
          if (now() - (purged.get(queue.name) ?? Number.NEGATIVE_INFINITY) < PURGE_INTERVAL_MS) return REFUSALS.purging;
          purged.set(queue.name, now());
          await messages.write(() => store.purge(queue));
          return {};
        },
      }),
    }),

    GetQueueUrl({ QueueName }) {
      const queue = settings.find(({ name }) => name === QueueName);
      if (queue === undefined) return REFUSALS.noQueue;
      return { demands: queueDemand('GetQueueUrl')(queue), run: () => ({ QueueUrl: queue.url }) };
    },

    ListQueues: ({ QueueNamePrefix }) => ({
      demands: [{ action: 'sqs:ListQueues', resource: `arn:aws:sqs:${place.region}:${place.account}:*` }],
      run: () => ({
        QueueUrls: settings.filter(({ name }) => name.startsWith(String(QueueNamePrefix ?? ''))).map(({ url }) => url),
      }),
    }),
  };
}
