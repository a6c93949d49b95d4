import { type Call, type Input, isServiceRefusal, type Service, type ServiceRefusal } from '../endpoint/service.ts';
import type { Demand } from '../iam/authorise.ts';
import type { Principal } from '../iam/model.ts';
import type { Place } from '../resource.ts';
import { readReceiptHandle, receivedAnswer, sentAnswer } from './answers.ts';
import { batchAnswer, readBatch } from './batches.ts';
import { keyDemands, sendDemands } from './demands.ts';
import { draftBytes, readDraft, type UnsignedDraft } from './drafts.ts';
import type { Messages } from './messages.ts';
import { badParameter, missingParameter, REFUSALS } from './refusals.ts';
import type { QueueSettings } from './settings.ts';
import type { QueueStore, ReceiveOptions, StoredMessage } from './store.ts';

interface Parts {
  readonly settings: readonly QueueSettings[];
  readonly store: QueueStore;
  readonly messages: Messages;
  readonly place: Place;
  readonly now: () => number;
  readonly ring: (queue: string) => void;
  receive(queue: QueueSettings, options: ReceiveOptions): Promise<readonly StoredMessage[]>;
}

const MOST_BATCH_BYTES = 1_048_576;
const MOST_VISIBILITY_SECONDS = 43_200;
const MOST_WAIT_SECONDS = 20;
const PURGE_INTERVAL_MS = 60_000;

/** The actions of SQS (SQS API reference) that a running system needs; queues themselves come from the template. */
export function createActions({ settings, store, messages, receive, place, now, ring }: Parts): Service['actions'] {
  const purged = new Map<string, number>();
  const createdAt = String(Math.floor(now() / 1000));

  /** An action on one queue: finds it by its URL's last part, so that a URL outlives the port that it was given out with. */
  const onQueue =
    (
      action: string,
      read: (queue: QueueSettings, input: Input) => Omit<Call, 'demands'> | ServiceRefusal,
      keyActions: readonly string[] = [],
    ) =>
    (input: Input): Call | ServiceRefusal => {
      if (typeof input.QueueUrl !== 'string') return missingParameter('QueueUrl');
      const name = input.QueueUrl.slice(input.QueueUrl.lastIndexOf('/') + 1);
      const queue = settings.find((one) => one.name === name);
      if (queue === undefined) return REFUSALS.noQueue;
      const call = read(queue, input);
      if (isServiceRefusal(call)) return call;
      const demands: readonly Demand[] = [
        { action: `sqs:${action}`, resource: queue.arn },
        ...keyDemands(queue, place, keyActions),
      ];
      return { demands: action === 'SendMessage' ? sendDemands(queue, place) : demands, run: (caller) => call.run(caller) };
    };

  const enqueue = (queue: QueueSettings, drafts: readonly UnsignedDraft[], { sessionArn }: Principal) =>
    messages.write(() => drafts.map((draft) => store.enqueue(queue, { ...draft, sender: sessionArn }, now())));

  /** Finds what a receipt handle names; the message is absent when it is gone, was received again since, or lapsed in a FIFO queue. */
  const heldBy = (queue: QueueSettings, handle: unknown): { readonly message?: StoredMessage } | ServiceRefusal => {
    const read = readReceiptHandle(handle);
    if (read === undefined) return REFUSALS.badReceipt;
    const message = store.held(read.sequence);
    if (message === undefined) return {};
    if (message.queue !== queue.name) return REFUSALS.badReceipt;
    if (message.receipt !== read.receipt) return {};
    if (queue.fifo !== undefined && message.visible <= now())
      return badParameter('ReceiptHandle', 'The receipt handle has expired.');
    return { message };
  };

  const remove = (queue: QueueSettings, handle: unknown): ServiceRefusal | undefined => {
    const held = heldBy(queue, handle);
    if (isServiceRefusal(held)) return held;
    if (held.message !== undefined) store.remove(held.message.sequence);
    // What is behind it in its group may be taken now.
    ring(queue.name);
    return undefined;
  };

  const changeVisibility = (queue: QueueSettings, handle: unknown, seconds: unknown): ServiceRefusal | undefined => {
    const timeout = readWhole(seconds, MOST_VISIBILITY_SECONDS);
    if (timeout === undefined) return badParameter('VisibilityTimeout', `Must be >= 0 and <= ${MOST_VISIBILITY_SECONDS}.`);
    const held = heldBy(queue, handle);
    if (isServiceRefusal(held)) return held;
    if (held.message === undefined || held.message.visible <= now()) return REFUSALS.notInFlight;
    store.reveal(held.message.sequence, now() + timeout * 1000);
    ring(queue.name);
    return undefined;
  };

  return {
    SendMessage: onQueue('SendMessage', (queue, input) => {
      const draft = readDraft(input, queue);
      if (isServiceRefusal(draft)) return draft;
      return { run: async ({ principal }) => sentAnswer(queue, draft, (await enqueue(queue, [draft], principal))[0]!) };
    }),

    SendMessageBatch: onQueue('SendMessage', (queue, input) => {
      const entries = readBatch(input);
      if (isServiceRefusal(entries)) return entries;
      const drafts = entries.map(({ Id, ...entry }) => ({ Id, draft: readDraft(entry, queue) }));
      const good = drafts.filter((entry): entry is { Id: string; draft: UnsignedDraft } => !isServiceRefusal(entry.draft));
      if (good.reduce((sum, { draft }) => sum + draftBytes(draft.body, draft.attributes), 0) > MOST_BATCH_BYTES)
        return REFUSALS.largeBatch;
      return {
        async run({ principal }) {
          const sent = await enqueue(
            queue,
            good.map(({ draft }) => draft),
            principal,
          );
          const answers = new Map(good.map(({ Id, draft }, index) => [Id, sentAnswer(queue, draft, sent[index]!)]));
          return batchAnswer(
            drafts.map(({ Id, draft }) => ({ Id, outcome: isServiceRefusal(draft) ? draft : answers.get(Id)! })),
          );
        },
      };
    }),

    ReceiveMessage: onQueue(
      'ReceiveMessage',
      (queue, input) => {
        const most = readWhole(input.MaxNumberOfMessages ?? 1, 10);
        if (most === undefined || most < 1) return badParameter('MaxNumberOfMessages', 'Must be between 1 and 10, if provided.');
        const wait = readWhole(input.WaitTimeSeconds ?? queue.waitMs / 1000, MOST_WAIT_SECONDS);
        if (wait === undefined) return badParameter('WaitTimeSeconds', `Must be >= 0 and <= ${MOST_WAIT_SECONDS}, if provided.`);
        const visibility = readWhole(input.VisibilityTimeout ?? queue.visibilityMs / 1000, MOST_VISIBILITY_SECONDS);
        if (visibility === undefined)
          return badParameter('VisibilityTimeout', `Must be >= 0 and <= ${MOST_VISIBILITY_SECONDS}, if provided.`);
        const wanted = {
          system: [...names(input.AttributeNames), ...names(input.MessageSystemAttributeNames)],
          attributes: names(input.MessageAttributeNames),
        };
        return {
          async run({ signal }) {
            const taken = await receive(queue, { most, waitMs: wait * 1000, visibilityMs: visibility * 1000, signal });
            return taken.length === 0 ? {} : { Messages: taken.map((message) => receivedAnswer(message, wanted)) };
          },
        };
      },
      ['kms:Decrypt'],
    ),

    DeleteMessage: onQueue('DeleteMessage', (queue, { ReceiptHandle }) => ({
      run: () => messages.write(() => remove(queue, ReceiptHandle)),
    })),

    DeleteMessageBatch: onQueue('DeleteMessage', (queue, input) => {
      const entries = readBatch(input);
      if (isServiceRefusal(entries)) return entries;
      return {
        run: async () =>
          batchAnswer(
            await messages.write(() =>
              entries.map(({ Id, ReceiptHandle }) => ({ Id, outcome: remove(queue, ReceiptHandle) ?? {} })),
            ),
          ),
      };
    }),

    ChangeMessageVisibility: onQueue('ChangeMessageVisibility', (queue, { ReceiptHandle, VisibilityTimeout }) => ({
      run: () => messages.write(() => changeVisibility(queue, ReceiptHandle, VisibilityTimeout)),
    })),

    ChangeMessageVisibilityBatch: onQueue('ChangeMessageVisibility', (queue, input) => {
      const entries = readBatch(input);
      if (isServiceRefusal(entries)) return entries;
      return {
        run: async () =>
          batchAnswer(
            await messages.write(() =>
              entries.map(({ Id, ReceiptHandle, VisibilityTimeout }) => ({
                Id,
                outcome: changeVisibility(queue, ReceiptHandle, VisibilityTimeout) ?? {},
              })),
            ),
          ),
      };
    }),

    GetQueueAttributes: onQueue('GetQueueAttributes', (queue, input) => ({
      run() {
        const { visible, inFlight, delayed } = store.counts(queue, now());
        const all: Readonly<Record<string, string>> = {
          ...queue.attributes,
          ApproximateNumberOfMessages: String(visible),
          ApproximateNumberOfMessagesNotVisible: String(inFlight),
          ApproximateNumberOfMessagesDelayed: String(delayed),
          CreatedTimestamp: createdAt,
          LastModifiedTimestamp: createdAt,
        };
        const wanted = names(input.AttributeNames);
        return {
          Attributes: wanted.includes('All')
            ? all
            : Object.fromEntries(wanted.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]]))),
        };
      },
    })),

    PurgeQueue: onQueue('PurgeQueue', (queue) => ({
      async run() {
        if (now() - (purged.get(queue.name) ?? Number.NEGATIVE_INFINITY) < PURGE_INTERVAL_MS) return REFUSALS.purging;
        purged.set(queue.name, now());
        await messages.write(() => store.purge(queue));
        return {};
      },
    })),

    GetQueueUrl({ QueueName }) {
      const queue = settings.find(({ name }) => name === QueueName);
      if (queue === undefined) return REFUSALS.noQueue;
      return { demands: [{ action: 'sqs:GetQueueUrl', resource: queue.arn }], run: () => ({ QueueUrl: queue.url }) };
    },

    ListQueues: ({ QueueNamePrefix }) => ({
      demands: [{ action: 'sqs:ListQueues', resource: `arn:aws:sqs:${place.region}:${place.account}:*` }],
      run: () => ({
        QueueUrls: settings.filter(({ name }) => name.startsWith(String(QueueNamePrefix ?? ''))).map(({ url }) => url),
      }),
    }),
  };
}

/** A whole number from 0 to `most`; `undefined` for anything else. */
function readWhole(value: unknown, most: number): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most ? value : undefined;
}

const names = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
