import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ReceiveMessageCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Resources } from '../assembly.ts';
import { type SmallSystem, startSmallSystem } from '../small-system.ts';

/** A server of the test's own that the function posts what it is given to, and that answers when the test says so. */
interface Listener {
  readonly port: number;
  readonly heard: SQSRecord[];
  /** What it answers to a batch: the result of the function, or a promise of it. */
  answer: (event: SQSEvent) => unknown;
  close(): void;
}

async function listen(): Promise<Listener> {
  const heard: SQSRecord[] = [];
  const listener: Pick<Listener, 'answer' | 'heard'> = { heard, answer: () => ({}) };
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const event = JSON.parse(Buffer.concat(chunks).toString()) as SQSEvent;
    heard.push(...event.Records);
    response.end(JSON.stringify((await listener.answer(event)) ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(listener, {
    port: (server.address() as AddressInfo).port,
    close: () => void server.close().closeAllConnections(),
  });
}

const source = (port: number) => `exports.handler = async (event) => {
  const response = await fetch('http://127.0.0.1:${port}', { method: 'POST', body: JSON.stringify(event) });
  const result = await response.json();
  if (result.fails) throw new Error('not today');
  return result;
}`;

const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const queue = (QueueName: string, more = {}) => ({
  Type: 'AWS::SQS::Queue',
  Properties: { QueueName, VisibilityTimeout: 60, ...more },
});
const mapping = (queueId: string, more = {}) => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: { EventSourceArn: arn(queueId), FunctionName: { Ref: 'web' }, ...more },
});
const dead = (count: number) => ({
  RedrivePolicy: { deadLetterTargetArn: arn('Dead'), maxReceiveCount: count },
  VisibilityTimeout: 2,
});

const RESOURCES: Resources = {
  Dead: queue('dead'),
  Wakes: queue('wakes'),
  Arrivals: queue('arrivals.fifo', { FifoQueue: true, ContentBasedDeduplication: true }),
  Retried: queue('retried', dead(2)),
  Gathered: queue('gathered'),
  FromWakes: mapping('Wakes', { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 100 } }),
  FromArrivals: mapping('Arrivals', { BatchSize: 5 }),
  FromRetried: mapping('Retried', { FunctionName: { Ref: 'consumer' }, FunctionResponseTypes: ['ReportBatchItemFailures'] }),
  FromGathered: mapping('Gathered', { BatchSize: 30, MaximumBatchingWindowInSeconds: 300 }),
};
const RECEIVE = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
const GRANTS = [{ Effect: 'Allow', Action: RECEIVE, Resource: ['Wakes', 'Arrivals', 'Retried', 'Gathered'].map(arn) }];

let listener: Listener;
let system: SmallSystem;
let client: SQSClient;

const start = (dataDir?: string) =>
  startSmallSystem({
    sources: { web: source(listener.port), consumer: source(listener.port) },
    resources: RESOURCES,
    grants: GRANTS,
    consumerGrants: GRANTS,
    webTimeoutSeconds: 30,
    ...(dataDir === undefined ? {} : { dataDir }),
  });
const connect = () => {
  client = new SQSClient({ endpoint: system.endpoints.services, region: 'eu-west-2', credentials: system.operator });
};

beforeAll(async () => {
  listener = await listen();
  system = await start();
  connect();
});
afterAll(async () => {
  await system.end();
  listener.close();
});
beforeEach(() => {
  listener.heard.length = 0;
  listener.answer = () => ({});
});

const urlOf = (name: string) => system.queues.find((one) => one.name === name)!.url;
const send = (name: string, MessageBody: string, more = {}) =>
  client.send(new SendMessageCommand({ QueueUrl: urlOf(name), MessageBody, ...more }));
const bodies = () => listener.heard.map(({ body }) => body);

describe('a queue that is the source of a function', () => {
  it('hands over its messages as Lambda does', async () => {
    await send('wakes', 'up', { MessageAttributes: { kind: { DataType: 'String', StringValue: 'wake' } } });
    await expect.poll(() => listener.heard).toHaveLength(1);
    expect(listener.heard[0]).toEqual({
      messageId: expect.any(String),
      receiptHandle: expect.any(String),
      body: 'up',
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
        SenderId: expect.any(String),
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
      },
      messageAttributes: { kind: { stringValue: 'wake', stringListValues: [], binaryListValues: [], dataType: 'String' } },
      md5OfBody: '46c48bec0d282018b9d167eef7711b2c',
      md5OfMessageAttributes: expect.any(String),
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-west-2:000000000000:wakes',
      awsRegion: 'eu-west-2',
    });
  });

  it('goes on with others while many invocations wait', async () => {
    const { promise: go, resolve } = Promise.withResolvers<object>();
    listener.answer = ({ Records }) => (Records[0]!.body.startsWith('slow') ? go : {});
    for (let n = 0; n < 8; n++) {
      const Entries = Array.from({ length: 10 }, (_, index) => ({ Id: String(index), MessageBody: `slow ${n} ${index}` }));
      await client.send(new SendMessageBatchCommand({ QueueUrl: urlOf('wakes'), Entries }));
    }
    await send('wakes', 'quick');
    await expect.poll(() => bodies()).toContain('quick');
    expect(listener.heard).toHaveLength(81);
    resolve({});
  });

  it('gathers a batch until it is full', async () => {
    const batches: number[] = [];
    listener.answer = ({ Records }) => void batches.push(Records.length);
    for (let n = 0; n < 3; n++) {
      const Entries = Array.from({ length: 10 }, (_, index) => ({ Id: String(index), MessageBody: `${n} ${index}` }));
      await client.send(new SendMessageBatchCommand({ QueueUrl: urlOf('gathered'), Entries }));
    }
    await expect.poll(() => batches).toEqual([30]);
  });

  it('brings back what the function names as failed, and gives it up in the end', async () => {
    listener.answer = ({ Records }) => ({
      batchItemFailures: Records.filter(({ body }) => body === 'bad').map(({ messageId }) => ({ itemIdentifier: messageId })),
    });
    const Entries = ['good', 'bad', 'fine'].map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    await client.send(new SendMessageBatchCommand({ QueueUrl: urlOf('retried'), Entries }));
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: urlOf('dead'), WaitTimeSeconds: 20 }));
    expect(Messages.map(({ Body }) => Body)).toEqual(['bad']);
    expect(bodies().sort()).toEqual(['bad', 'bad', 'fine', 'good']);
  });
});

describe('a FIFO queue that is the source of a function', () => {
  it('hands over the messages of a group in order, one batch at a time, and other groups meanwhile', async () => {
    const { promise: go, resolve } = Promise.withResolvers<object>();
    const busy = new Set<string>();
    const overlaps: string[] = [];
    listener.answer = async ({ Records }) => {
      const groups = [...new Set(Records.map(({ attributes }) => attributes.MessageGroupId!))];
      overlaps.push(...groups.filter((group) => busy.has(group)));
      for (const group of groups) busy.add(group);
      if (groups.includes('slow')) await go;
      for (const group of groups) busy.delete(group);
    };
    await send('arrivals.fifo', 'slow 0', { MessageGroupId: 'slow' });
    await expect.poll(() => listener.heard).toHaveLength(1);
    for (let n = 1; n < 12; n++)
      for (const MessageGroupId of ['slow', 'a', 'b']) await send('arrivals.fifo', `${MessageGroupId} ${n}`, { MessageGroupId });
    await expect.poll(() => listener.heard).toHaveLength(1 + 2 * 11);
    resolve({});
    await expect.poll(() => listener.heard).toHaveLength(1 + 3 * 11);
    for (const [group, first] of [
      ['slow', 0],
      ['a', 1],
      ['b', 1],
    ] as const)
      expect(bodies().filter((body) => body.startsWith(group))).toEqual(
        Array.from({ length: 12 - first }, (_, index) => `${group} ${index + first}`),
      );
    expect(overlaps).toEqual([]);
    expect(listener.heard[0]!.attributes).toMatchObject({
      SequenceNumber: expect.stringMatching(/^\d{20}$/),
      MessageGroupId: 'slow',
    });
  });
});

describe('the runtime', () => {
  it('hands over again after its next start what was under way when it stopped', async () => {
    listener.answer = () => new Promise(() => {});
    await send('wakes', 'interrupted');
    await expect.poll(() => bodies()).toEqual(['interrupted']);
    await system.end({ keep: true });
    listener.heard.length = 0;
    listener.answer = () => ({});
    system = await start(system.dataDir);
    connect();
    await expect.poll(() => bodies()).toEqual(['interrupted']);
    expect(listener.heard[0]!.attributes.ApproximateReceiveCount).toBe('2');
  });

  const startWith = (resources: Resources, grants: readonly unknown[] = GRANTS) =>
    startSmallSystem({
      sources: { web: source(1) },
      resources: { ...RESOURCES, ...resources },
      grants,
      consumerGrants: GRANTS,
    }).then(
      (started) => started.end(),
      (error: Error) => error.message,
    );

  it.each<[string, Resources, RegExp]>([
    [
      'a property of streams',
      { FromWakes: mapping('Wakes', { BisectBatchOnFunctionError: true }) },
      /BisectBatchOnFunctionError/,
    ],
    ['a filter', { FromWakes: mapping('Wakes', { FilterCriteria: { Filters: [{ Pattern: '{}' }] } }) }, /FilterCriteria/],
    ['a batch that needs a window', { FromWakes: mapping('Wakes', { BatchSize: 11 }) }, /BatchSize: must be from 1 to 10/],
    ['a window of a FIFO queue', { FromArrivals: mapping('Arrivals', { MaximumBatchingWindowInSeconds: 1 }) }, /Window/],
    ['one invocation at a time', { FromWakes: mapping('Wakes', { ScalingConfig: { MaximumConcurrency: 1 } }) }, /from 2 to 1000/],
    ['an impatient queue', { Wakes: queue('wakes', { VisibilityTimeout: 1 }) }, /visibility timeout of wakes is less/],
  ])('does not start with %s', async (_, resources, message) => {
    expect(await startWith(resources)).toMatch(message);
  });

  it('does not start when the function may not receive', async () => {
    const grants = [{ Effect: 'Allow', Action: RECEIVE.slice(0, 2), Resource: '*' }];
    expect(await startWith({}, grants)).toMatch(/may not sqs:GetQueueAttributes on arn:aws:sqs:eu-west-2:000000000000:wakes/);
  });
});
