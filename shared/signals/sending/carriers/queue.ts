import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { ACCEPTED, failed, type Outcome } from '../../endpoints/outcomes.ts';
import type { Payload } from '../../payload/payload.ts';
import type { Subscription } from '../../subscription.ts';
import type { Carrier } from './carrier.ts';

/** SQS takes so many at once. */
const MAX_ENTRIES = 10;

const text = (StringValue: string) => ({ DataType: 'String', StringValue });

const entryOf = ({ body, number, contentType, type }: Payload, subscription: string, index: number) => ({
  Id: String(index),
  MessageBody: body,
  MessageAttributes: {
    'event-number': { DataType: 'Number', StringValue: String(number) },
    'event-type': text(type),
    'content-type': text(contentType),
    subscription: text(subscription),
  },
});

/** Where a queue is called, as its ARN says. */
export function queueUrlOf(arn: string): string {
  const [, , , region, account, name] = arn.split(':');
  return `https://sqs.${region}.amazonaws.com/${account}/${name}`;
}

/** Messages to a queue. */
export const queueCarrier = (client: SQSClient, { id, channel }: Subscription): Carrier => ({
  most: MAX_ENTRIES,
  send: async (payloads) => {
    try {
      const Entries = payloads.map((payload, index) => entryOf(payload, id, index));
      const { Successful = [] } = await client.send(
        new SendMessageBatchCommand({ QueueUrl: queueUrlOf(channel.endpoint), Entries }),
      );
      const taken = new Set(Successful.map(({ Id }) => Id));
      return payloads.map((_, index): Outcome => (taken.has(String(index)) ? ACCEPTED : failed('receiver-error')));
    } catch (error) {
      return payloads.map(() => outcomeOfAws(error));
    }
  },
});

/** Names that AWS gives to what somebody has to mend at the queue or bus. */
export function outcomeOfAws(error: unknown): Outcome {
  const name = error instanceof Error ? error.name : '';
  if (/AccessDenied|InvalidSecurity|KmsAccessDenied|NotAuthorized/.test(name)) return failed('no-permission');
  if (/NonExistentQueue|QueueDoesNotExist|ResourceNotFound/.test(name)) return failed('name-not-found');
  if (/Throttl|TooMany|LimitExceeded/.test(name)) return failed('throttled');
  return failed('receiver-error');
}
