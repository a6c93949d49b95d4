import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { describe, expect, inject, it, vi } from 'vitest';
import { clientOptions } from '../../../infra/operations/operator.ts';

const run = promisify(execFile);
const dataDir = inject('dataDir');
const queues = new SQSClient(clientOptions({ data: dataDir }));

const redrive = (...args: string[]) =>
  run(process.execPath, [resolve(import.meta.dirname, '../../../infra/operations/redrive.ts'), ...args, '--data', dataDir]);

const addressOf = async (QueueName: string) => (await queues.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl!;

async function attributesOf(QueueUrl: string): Promise<Readonly<Record<string, string>>> {
  return (await queues.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes ?? {};
}

describe('an operator, once the cause is mended', () => {
  it('has the messages of a dead-letter queue go back to where they came from', async () => {
    // Given a message that the system of an organisation took and gave back until it was put aside
    const queue = await addressOf('chesil-demo-hhft');
    const name: string = JSON.parse((await attributesOf(queue)).RedrivePolicy!)
      .deadLetterTargetArn.split(':')
      .at(-1);
    const givenBack = await addressOf(name);
    const putAside = async () => Number((await attributesOf(givenBack)).ApproximateNumberOfMessages);
    await queues.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: '{}' }));
    const take = new ReceiveMessageCommand({ QueueUrl: queue, MaxNumberOfMessages: 10, VisibilityTimeout: 0 });
    await vi.waitUntil(async () => (await queues.send(take)) && (await putAside()) > 0, { timeout: 20_000, interval: 1 });

    // When they say so
    const { stdout } = await redrive(name);

    // Then it is there to be taken again
    expect(stdout).toContain(`messages of ${name} are going back to where they came from.`);
    await vi.waitUntil(async () => (await putAside()) === 0, { timeout: 20_000, interval: 100 });
    expect(Number((await attributesOf(queue)).ApproximateNumberOfMessages)).toBeGreaterThan(0);
  });

  it('has the dead letters of a subscription told again', async () => {
    const id = randomUUID();
    expect((await redrive(id)).stdout).toContain(`The dead letters of the subscription ${id} are being told again.`);
  });

  it('reads what is wrong when there is no such queue', async () => {
    await expect(redrive('chesil-demo-nothing')).rejects.toThrow(/does not exist|NonExistentQueue/);
  });
});
