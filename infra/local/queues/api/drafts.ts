import { type Input, isServiceRefusal, type ServiceRefusal } from '../../endpoint/service.ts';
import type { QueueSettings } from '../settings.ts';
import type { Draft } from '../store.ts';
import type { MessageAttribute } from './checksums.ts';
import { badParameter, missingParameter, REFUSALS } from './refusals.ts';

/** A draft before it is known who sends it. */
export type UnsignedDraft = Omit<Draft, 'sender'>;

/** What SQS takes as text (SQS API, SendMessage). */
const CONTENT = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;
const ATTRIBUTE_NAME = /^(?!aws\.|amazon\.)(?!.*\.\.)(?!\.)[A-Za-z0-9_.-]{1,256}(?<!\.)$/i;
const ATTRIBUTE_TYPE = /^(String|Number|Binary)(\..+)?$/;
/** Group and deduplication ids. */
const FIFO_ID = /^[A-Za-z0-9!-/:-@[-`{-~]{1,128}$/;
const MOST_DELAY_SECONDS = 900;
const MOST_ATTRIBUTES = 10;

/** Reads what `SendMessage`, or an entry of `SendMessageBatch`, sends. */
export function readDraft(input: Input, queue: QueueSettings): UnsignedDraft | ServiceRefusal {
  const { MessageBody: body, DelaySeconds, MessageGroupId, MessageDeduplicationId, MessageSystemAttributes } = input;
  if (typeof body !== 'string' || body === '') return missingParameter('MessageBody');
  const attributes = readAttributes(input.MessageAttributes);
  if (isServiceRefusal(attributes)) return attributes;
  if (!CONTENT.test(body)) return REFUSALS.badContents;
  if (draftBytes(body, attributes) > queue.maximumBytes) {
    return badParameter(
      'MessageBody',
      `One or more parameters are invalid. Reason: Message must be shorter than ${queue.maximumBytes} bytes.`,
    );
  }
  const order = readOrder(queue, MessageGroupId, MessageDeduplicationId);
  if (isServiceRefusal(order)) return order;
  const delay = readDelay(queue, DelaySeconds);
  if (isServiceRefusal(delay)) return delay;
  const trace = (MessageSystemAttributes as Record<string, MessageAttribute> | undefined)?.AWSTraceHeader?.StringValue;
  return {
    body,
    ...(attributes === undefined ? {} : { attributes }),
    ...(trace === undefined ? {} : { trace }),
    ...order,
    ...delay,
  };
}

/** Bytes that count towards a queue's limit: body, names, types and values. */
export function draftBytes(body: string, attributes: UnsignedDraft['attributes'] = {}): number {
  const ofAttributes = Object.entries(attributes).map(
    ([name, { DataType, StringValue, BinaryValue }]) =>
      Buffer.byteLength(name + DataType + (StringValue ?? '')) +
      (BinaryValue === undefined ? 0 : Buffer.from(BinaryValue, 'base64').length),
  );
  return ofAttributes.reduce((sum, bytes) => sum + bytes, Buffer.byteLength(body));
}

function readAttributes(value: unknown): Draft['attributes'] | ServiceRefusal {
  const entries = Object.entries((value ?? {}) as Record<string, MessageAttribute>);
  if (entries.length === 0) return undefined;
  if (entries.length > MOST_ATTRIBUTES)
    return badParameter('MessageAttributes', `Number of message attributes exceeds the allowed maximum ${MOST_ATTRIBUTES}.`);
  for (const [name, { DataType, StringValue, BinaryValue }] of entries) {
    if (!ATTRIBUTE_NAME.test(name)) return badParameter('MessageAttributes', 'A message attribute name has invalid characters.');
    const kind = ATTRIBUTE_TYPE.exec(DataType ?? '')?.[1];
    if (kind === undefined)
      return badParameter('MessageAttributes', 'The type of a message attribute must begin with Binary, Number or String.');
    const content = kind === 'Binary' ? BinaryValue : StringValue;
    if (content === undefined || content === '')
      return badParameter('MessageAttributes', 'A message attribute must contain a non-empty value of its type.');
    if (kind === 'Number' && Number.isNaN(Number(content)))
      return badParameter('MessageAttributes', "Can't cast the value of a message attribute to a number.");
  }
  return Object.fromEntries(entries);
}

function readOrder(
  { fifo }: QueueSettings,
  groupId: unknown,
  deduplicationId: unknown,
): Pick<Draft, 'groupId' | 'deduplicationId'> | ServiceRefusal {
  if (fifo === undefined) {
    // Standard queues take a group since fair queues exist, and promise nothing about its order.
    return deduplicationId === undefined
      ? {}
      : badParameter('MessageDeduplicationId', 'The request includes a parameter that is not valid for this queue type.');
  }
  if (groupId === undefined) return missingParameter('MessageGroupId');
  if (typeof groupId !== 'string' || !FIFO_ID.test(groupId))
    return badParameter('MessageGroupId', 'It takes 1 to 128 alphanumeric and punctuation characters.');
  if (deduplicationId === undefined) {
    return fifo.contentBasedDeduplication
      ? { groupId }
      : badParameter(
          'MessageDeduplicationId',
          'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
        );
  }
  if (typeof deduplicationId !== 'string' || !FIFO_ID.test(deduplicationId)) {
    return badParameter('MessageDeduplicationId', 'It takes 1 to 128 alphanumeric and punctuation characters.');
  }
  return { groupId, deduplicationId };
}

function readDelay({ fifo }: QueueSettings, seconds: unknown): Pick<Draft, 'delayMs'> | ServiceRefusal {
  if (seconds === undefined || seconds === null) return {};
  if (fifo !== undefined)
    return badParameter('DelaySeconds', 'The request include parameter that is not valid for this queue type.');
  const value = Number(seconds);
  if (!Number.isInteger(value) || value < 0 || value > MOST_DELAY_SECONDS)
    return badParameter('DelaySeconds', `DelaySeconds must be >= 0 and <= ${MOST_DELAY_SECONDS}.`);
  return { delayMs: value * 1000 };
}
