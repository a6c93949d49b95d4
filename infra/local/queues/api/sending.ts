import { isServiceRefusal } from '../../endpoint/service.ts';
import type { Principal } from '../../iam/model.ts';
import type { QueueSettings } from '../settings.ts';
import { sentAnswer } from './answers.ts';
import { batchAnswer, readBatch } from './batches.ts';
import { sendDemands } from './demands.ts';
import { draftBytes, readDraft, type UnsignedDraft } from './drafts.ts';
import { type Actions, onQueue, type Parts } from './parts.ts';
import { REFUSALS } from './refusals.ts';

/** Bytes of all messages of a batch (SQS quotas). */
const MOST_BATCH_BYTES = 1_048_576;

/** What puts messages into queues. */
export function sendingActions({ settings, store, messages, place, now }: Parts): Actions {
  const demands = (queue: QueueSettings) => sendDemands(queue, place);
  const enqueue = (queue: QueueSettings, drafts: readonly UnsignedDraft[], { sessionArn }: Principal) =>
    messages.write(() => drafts.map((draft) => store.enqueue(queue, { ...draft, sender: sessionArn }, now())));

  return {
    SendMessage: onQueue(settings, {
      demands,
      read(queue, input) {
        const draft = readDraft(input, queue);
        if (isServiceRefusal(draft)) return draft;
        return { run: async ({ principal }) => sentAnswer(queue, draft, (await enqueue(queue, [draft], principal))[0]!) };
      },
    }),

    SendMessageBatch: onQueue(settings, {
      demands,
      read(queue, input) {
        const entries = readBatch(input);
        if (isServiceRefusal(entries)) return entries;
        const read = entries.map(({ Id, ...entry }) => ({ Id, draft: readDraft(entry, queue) }));
        const drafts = read.flatMap(({ draft }) => (isServiceRefusal(draft) ? [] : [draft]));
        const bytes = drafts.reduce((sum, { body, attributes }) => sum + draftBytes(body, attributes), 0);
        if (bytes > MOST_BATCH_BYTES) return REFUSALS.largeBatch;
        return {
          async run({ principal }) {
            const sent = await enqueue(queue, drafts, principal);
            const answers = new Map(drafts.map((draft, index) => [draft, sentAnswer(queue, draft, sent[index]!)]));
            return batchAnswer(
              read.map(({ Id, draft }) => ({ Id, outcome: isServiceRefusal(draft) ? draft : answers.get(draft)! })),
            );
          },
        };
      },
    }),
  };
}
