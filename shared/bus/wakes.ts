import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** Has `deliver` look after a subscription. More than needed does no harm. */
export const createWake =
  (client: SQSClient, queueUrl: string): ((id: string) => Promise<void>) =>
  async (id) => {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify({ subscription: id }) }));
  };
