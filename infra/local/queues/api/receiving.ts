import { type Input, isServiceRefusal, type ServiceRefusal } from '../../endpoint/service.ts';
import type { QueueSettings } from '../settings.ts';
import type { StoredMessage } from '../store.ts';
import { readReceiptHandle, receivedAnswer } from './answers.ts';
import { batchAnswer, readBatch } from './batches.ts';
import { keyDemands } from './demands.ts';
import { type Actions, onQueue, type Parts, queueDemand, readNames, readWhole } from './parts.ts';
import { badParameter, REFUSALS } from './refusals.ts';

const MOST_MESSAGES = 10;
const MOST_VISIBILITY_SECONDS = 43_200;
const MOST_WAIT_SECONDS = 20;

/** What happens to a received message, by its receipt: `undefined` when it happened. */
type OnReceipt = (queue: QueueSettings, input: Input) => ServiceRefusal | undefined;

/** What takes messages out of queues, and what is done with them then. */
export function receivingActions(parts: Parts): Actions {
  const { settings, messages, place, receive } = parts;

  /** The same for one message and for a batch of them. */
  const withReceipts = (action: string, act: OnReceipt): [Actions[string], Actions[string]] => {
    const demands = queueDemand(action);
    const one = onQueue(settings, { demands, read: (queue, input) => ({ run: () => messages.write(() => act(queue, input)) }) });
    const many = onQueue(settings, {
      demands,
      read(queue, input) {
        const entries = readBatch(input);
        if (isServiceRefusal(entries)) return entries;
        const actOnAll = () => entries.map((entry) => ({ Id: entry.Id, outcome: act(queue, entry) ?? {} }));
        return { run: async () => batchAnswer(await messages.write(actOnAll)) };
      },
    });
    return [one, many];
  };

  const [DeleteMessage, DeleteMessageBatch] = withReceipts('DeleteMessage', createRemove(parts));
  const [ChangeMessageVisibility, ChangeMessageVisibilityBatch] = withReceipts(
    'ChangeMessageVisibility',
    createChangeVisibility(parts),
  );
  return {
    ReceiveMessage: onQueue(settings, {
      demands: (queue) => [...queueDemand('ReceiveMessage')(queue), ...keyDemands(queue, place, ['kms:Decrypt'])],
      read(queue, input) {
        const options = readOptions(queue, input);
        if (isServiceRefusal(options)) return options;
        const { wanted, ...wait } = options;
        return {
          async run({ signal }) {
            const taken = await receive(queue, { ...wait, signal });
            return taken.length === 0 ? {} : { Messages: taken.map((message) => receivedAnswer(message, wanted)) };
          },
        };
      },
    }),
    DeleteMessage,
    DeleteMessageBatch,
    ChangeMessageVisibility,
    ChangeMessageVisibilityBatch,
  };
}

function readOptions(queue: QueueSettings, input: Input) {
  const most = readWhole(input.MaxNumberOfMessages ?? 1, MOST_MESSAGES);
  if (most === undefined || most < 1)
    return badParameter('MaxNumberOfMessages', `Must be between 1 and ${MOST_MESSAGES}, if provided.`);
  const wait = readWhole(input.WaitTimeSeconds ?? queue.waitMs / 1000, MOST_WAIT_SECONDS);
  if (wait === undefined) return badParameter('WaitTimeSeconds', `Must be >= 0 and <= ${MOST_WAIT_SECONDS}, if provided.`);
  const visibility = readWhole(input.VisibilityTimeout ?? queue.visibilityMs / 1000, MOST_VISIBILITY_SECONDS);
  if (visibility === undefined)
    return badParameter('VisibilityTimeout', `Must be >= 0 and <= ${MOST_VISIBILITY_SECONDS}, if provided.`);
  const system = [...readNames(input.AttributeNames), ...readNames(input.MessageSystemAttributeNames)];
  return {
    most,
    waitMs: wait * 1000,
    visibilityMs: visibility * 1000,
    wanted: { system, attributes: readNames(input.MessageAttributeNames) },
  };
}

function createRemove({ store, now, ring }: Parts): OnReceipt {
  return (queue, { ReceiptHandle }) => {
    const held = heldBy({ store, now }, queue, ReceiptHandle);
    if (isServiceRefusal(held)) return held;
    if (held.message !== undefined) store.remove(held.message.sequence);
    // What is behind it in its group may be taken now.
    ring(queue.name);
    return undefined;
  };
}

function createChangeVisibility({ store, now, ring }: Parts): OnReceipt {
  return (queue, { ReceiptHandle, VisibilityTimeout }) => {
    const timeout = readWhole(VisibilityTimeout, MOST_VISIBILITY_SECONDS);
    if (timeout === undefined) return badParameter('VisibilityTimeout', `Must be >= 0 and <= ${MOST_VISIBILITY_SECONDS}.`);
    const held = heldBy({ store, now }, queue, ReceiptHandle);
    if (isServiceRefusal(held)) return held;
    if (held.message === undefined || held.message.visible <= now()) return REFUSALS.notInFlight;
    store.reveal(held.message.sequence, now() + timeout * 1000);
    ring(queue.name);
    return undefined;
  };
}

/** Finds what a receipt names; the message is absent when it is gone, was received again since, or lapsed in a FIFO queue. */
function heldBy(
  { store, now }: Pick<Parts, 'store' | 'now'>,
  queue: QueueSettings,
  handle: unknown,
): { readonly message?: StoredMessage } | ServiceRefusal {
  const read = readReceiptHandle(handle);
  if (read === undefined) return REFUSALS.badReceipt;
  const message = store.held(read.sequence);
  if (message === undefined) return {};
  if (message.queue !== queue.name) return REFUSALS.badReceipt;
  if (message.receipt !== read.receipt) return {};
  if (queue.fifo !== undefined && message.visible <= now())
    return badParameter('ReceiptHandle', 'The receipt handle has expired.');
  return { message };
}
