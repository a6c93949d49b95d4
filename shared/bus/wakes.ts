import { randomUUID } from 'node:crypto';
import { SendMessageBatchCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** Has `deliver` look after a subscription. More than needed does no harm. */
export const createWake =
  (client: SQSClient, queueUrl: string): ((id: string) => Promise<void>) =>
  async (id) => {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify({ subscription: id }) }));
  };

/** Has `deliver` look after a subscription after a while, in milliseconds. SQS delays no message for longer than a quarter of an hour. */
export const createWakeAfter =
  (client: SQSClient, queueUrl: string): ((id: string, ms: number) => Promise<void>) =>
  async (id, ms) => {
    const message = { QueueUrl: queueUrl, MessageBody: JSON.stringify({ subscription: id }) };
    await client.send(new SendMessageCommand({ ...message, DelaySeconds: Math.min(900, Math.ceil(ms / 1000)) }));
  };

/** Has `deliver` look after subscriptions. @returns the ids of those that could not be woken */
export type WakeAll = (ids: readonly string[]) => Promise<ReadonlySet<string>>;

/** SQS takes so many at once. */
const MAX_ENTRIES = 10;

export const createWakeAll =
  (client: SQSClient, queueUrl: string): WakeAll =>
  async (ids) => {
    const failed = new Set<string>();
    for (let at = 0; at < ids.length; at += MAX_ENTRIES) {
      const some = ids.slice(at, at + MAX_ENTRIES);
      const Entries = some.map((subscription, index) => ({
        Id: String(index),
        MessageBody: JSON.stringify({ subscription, wake: randomUUID() }),
      }));
      const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      for (const { Id } of Failed) failed.add(some[Number(Id)]!);
    }
    return failed;
  };
