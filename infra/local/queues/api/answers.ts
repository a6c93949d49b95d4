import type { QueueSettings } from '../settings.ts';
import type { Draft, Sent, StoredMessage } from '../store.ts';
import { attributesChecksum, bodyChecksum, type MessageAttribute } from './checksums.ts';

/** Order within a FIFO queue, as SQS writes it: digits of a fixed width. */
const sequenceNumber = (sequence: number): string => String(sequence).padStart(20, '0');

/** What a sender is answered. */
export const sentAnswer = (
  { fifo }: QueueSettings,
  { body, attributes, trace }: Omit<Draft, 'sender'>,
  { id, sequence }: Sent,
) => ({
  MessageId: id,
  MD5OfMessageBody: bodyChecksum(body),
  ...(attributes === undefined ? {} : { MD5OfMessageAttributes: attributesChecksum(attributes) }),
  ...(trace === undefined
    ? {}
    : { MD5OfMessageSystemAttributes: attributesChecksum({ AWSTraceHeader: { DataType: 'String', StringValue: trace } }) }),
  ...(fifo === undefined ? {} : { SequenceNumber: sequenceNumber(sequence) }),
});

/** What a receiver gets of a message: only the attributes that were asked for. */
export function receivedAnswer(
  message: StoredMessage,
  wanted: { readonly system: readonly string[]; readonly attributes: readonly string[] },
) {
  const system = select(systemAttributes(message), wanted.system);
  const attributes = select(
    message.attributes === null ? {} : (JSON.parse(message.attributes) as Record<string, MessageAttribute>),
    wanted.attributes,
  );
  return {
    MessageId: message.id,
    ReceiptHandle: receiptHandle(message),
    Body: message.body,
    MD5OfBody: bodyChecksum(message.body),
    ...(system === undefined ? {} : { Attributes: system }),
    ...(attributes === undefined
      ? {}
      : { MessageAttributes: attributes, MD5OfMessageAttributes: attributesChecksum(attributes) }),
  };
}

function systemAttributes(message: StoredMessage): Record<string, string> {
  const all = {
    SenderId: message.sender,
    SentTimestamp: String(message.sent),
    ApproximateReceiveCount: String(message.receives),
    ApproximateFirstReceiveTimestamp: String(message.first_received),
    MessageGroupId: message.group_id,
    MessageDeduplicationId: message.deduplication_id,
    SequenceNumber: message.group_id === null ? null : sequenceNumber(message.sequence),
    AWSTraceHeader: message.trace,
    DeadLetterQueueSourceArn: message.dead_letter_source,
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null));
}

/** @param names exact names, `All`, `.*`, or a prefix that ends in `.*` */
function select<T>(values: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> | undefined {
  const chosen = Object.entries(values).filter(([name]) =>
    names.some(
      (wanted) => wanted === 'All' || wanted === name || (wanted.endsWith('.*') && name.startsWith(wanted.slice(0, -2))),
    ),
  );
  return chosen.length === 0 ? undefined : Object.fromEntries(chosen);
}

/** A receipt names the message and this one time that it was received. */
const receiptHandle = ({ sequence, receipt }: StoredMessage): string =>
  Buffer.from(`${sequence}/${receipt}`).toString('base64url');

export function readReceiptHandle(handle: unknown): { readonly sequence: number; readonly receipt: string } | undefined {
  const parts = typeof handle === 'string' ? /^(\d{1,15})\/([\w-]{20})$/.exec(Buffer.from(handle, 'base64url').toString()) : null;
  return parts === null ? undefined : { sequence: Number(parts[1]), receipt: parts[2]! };
}
