import type { SQSRecord } from 'aws-lambda';
import { receivedAnswer } from '../queues/api/answers.ts';
import type { StoredMessage } from '../queues/store.ts';

const ALL = { system: ['All'], attributes: ['All'] };

/** A message as Lambda hands it to a function (developer guide, "Example Amazon SQS message event"). */
export function recordOf(message: StoredMessage, queueArn: string): SQSRecord {
  const { MessageId, ReceiptHandle, Body, MD5OfBody, ...received } = receivedAnswer(message, ALL);
  const attributes = Object.entries(received.MessageAttributes ?? {});
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: received.Attributes as unknown as SQSRecord['attributes'],
    messageAttributes: Object.fromEntries(
      attributes.map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        {
          ...(StringValue === undefined ? {} : { stringValue: StringValue }),
          ...(BinaryValue === undefined ? {} : { binaryValue: BinaryValue }),
          stringListValues: [],
          binaryListValues: [],
          dataType: DataType,
        },
      ]),
    ),
    md5OfBody: MD5OfBody,
    ...(received.MD5OfMessageAttributes === undefined ? {} : { md5OfMessageAttributes: received.MD5OfMessageAttributes }),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: queueArn.split(':')[3] ?? '',
  };
}
