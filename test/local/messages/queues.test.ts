import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { queue, queueArn, queueUrl, type RunningServices, resource, role, startServices } from '../running-services.ts';

const PARTNER = '111111111111';
const key = 'arn:aws:kms:eu-west-2:000000000000:key/k1';

const RESOURCES = [
  queue('plain', { VisibilityTimeout: 30 }),
  queue('short', { MessageRetentionPeriod: 60, DelaySeconds: 5, MaximumMessageSize: 1024 }),
  queue('retried', { RedrivePolicy: { deadLetterTargetArn: queueArn('dead'), maxReceiveCount: 2 }, VisibilityTimeout: 0 }),
  queue('dead'),
  queue('ordered.fifo', { FifoQueue: true, ContentBasedDeduplication: true }),
  queue('named.fifo', { FifoQueue: true }),
  queue('secret', { KmsMasterKeyId: key }),
  queue('signals'),
  resource(
    'key',
    'AWS::KMS::Key',
    {
      KeyPolicy: {
        Statement: { Effect: 'Allow', Action: 'kms:*', Principal: { AWS: 'arn:aws:iam::000000000000:root' }, Resource: '*' },
      },
    },
    { ref: 'k1', arn: key },
  ),
  resource('signalsPolicy', 'AWS::SQS::QueuePolicy', {
    Queues: [queueUrl('signals')],
    PolicyDocument: {
      Statement: [
        {
          Effect: 'Allow',
          Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage'],
          Principal: { AWS: `arn:aws:iam::${PARTNER}:root` },
          Resource: queueArn('signals'),
        },
        {
          Effect: 'Deny',
          Action: 'sqs:*',
          Principal: { AWS: '*' },
          Resource: queueArn('signals'),
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    },
  }),
  role('everything', [{ Effect: 'Allow', Action: 'sqs:*', Resource: '*' }]),
  role('sender', [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: [queueArn('plain'), queueArn('secret')] }]),
];

let now = Date.now();
let services: RunningServices;
let client: SQSClient;

beforeAll(async () => {
  services = await startServices(RESOURCES, { now: () => now });
  client = new SQSClient(services.clientOf('everything'));
});
afterAll(() => services.stop());
beforeEach(async () => {
  now += 3_600_000;
  await services.messages.write(() => services.queues.settings.forEach((each) => void services.queues.store.purge(each)));
});

const send = (name: string, MessageBody: string, more = {}) =>
  client.send(new SendMessageCommand({ QueueUrl: queueUrl(name), MessageBody, ...more }));
const receive = async (name: string, more = {}) =>
  (await client.send(new ReceiveMessageCommand({ QueueUrl: queueUrl(name), MaxNumberOfMessages: 10, ...more }))).Messages ?? [];
const bodies = async (name: string, more = {}) => (await receive(name, more)).map(({ Body }) => Body);
const remove = (name: string, ReceiptHandle?: string) =>
  client.send(new DeleteMessageCommand({ QueueUrl: queueUrl(name), ReceiptHandle }));
const failure = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: Error) => error.name,
  );

describe('a standard queue', () => {
  it('hands a message out, hides it, and forgets it once it is deleted', async () => {
    const sent = await send('plain', 'hello', { MessageAttributes: { kind: { DataType: 'String', StringValue: 'greeting' } } });
    const [message] = await receive('plain', { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] });
    expect(message).toMatchObject({
      Body: 'hello',
      MessageId: sent.MessageId,
      MessageAttributes: { kind: { StringValue: 'greeting' } },
    });
    expect(message!.Attributes).toMatchObject({ ApproximateReceiveCount: '1', SentTimestamp: String(now) });
    expect(await receive('plain')).toEqual([]);
    await remove('plain', message!.ReceiptHandle);
    now += 60_000;
    expect(await receive('plain')).toEqual([]);
  });

  it('shows a message again when its visibility ends, and takes no old receipt for it', async () => {
    await send('plain', 'again');
    const [first] = await receive('plain');
    now += 31_000;
    const [second] = await receive('plain', { MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    expect(second!.Attributes).toEqual({ ApproximateReceiveCount: '2' });
    await remove('plain', first!.ReceiptHandle);
    now += 31_000;
    expect(await bodies('plain')).toEqual(['again']);
  });

  it('changes the visibility of what is in flight, and of nothing else', async () => {
    await send('plain', 'visible');
    const [message] = await receive('plain');
    const change = (VisibilityTimeout: number) =>
      client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queueUrl('plain'),
          ReceiptHandle: message!.ReceiptHandle,
          VisibilityTimeout,
        }),
      );
    await change(0);
    expect(await failure(change(10))).toBe('MessageNotInflight');
    expect(await bodies('plain')).toEqual(['visible']);
  });

  it('waits for a message that comes while it is asked', async () => {
    const waiting = receive('plain', { WaitTimeSeconds: 20 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await send('plain', 'at last');
    expect((await waiting).map(({ Body }) => Body)).toEqual(['at last']);
  });

  it('takes nothing for a caller who hung up', async () => {
    const gone = new AbortController();
    const waiting = client.send(new ReceiveMessageCommand({ QueueUrl: queueUrl('plain'), WaitTimeSeconds: 20 }), {
      abortSignal: gone.signal,
    });
    setTimeout(() => gone.abort(), 50);
    await expect(waiting).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await send('plain', 'for somebody else');
    expect(await bodies('plain')).toEqual(['for somebody else']);
  });

  it('delays, drops what is too old and refuses what is too large', async () => {
    await send('short', 'later');
    expect(await receive('short')).toEqual([]);
    now += 5_000;
    expect(await bodies('short', { VisibilityTimeout: 0 })).toEqual(['later']);
    now += 60_000;
    expect(await receive('short')).toEqual([]);
    expect(await failure(send('short', 'x'.repeat(1025)))).toBe('InvalidParameterValue');
    expect(await failure(send('short', 'not \u0001 allowed'))).toBe('InvalidMessageContents');
  });

  it('gives up on a message after as many tries as the redrive policy says', async () => {
    const sent = await send('retried', 'poison');
    expect(await bodies('retried')).toEqual(['poison']);
    expect(await bodies('retried')).toEqual(['poison']);
    expect(await bodies('retried')).toEqual([]);
    const [buried] = await receive('dead', { MessageSystemAttributeNames: ['All'] });
    expect(buried).toMatchObject({
      Body: 'poison',
      MessageId: sent.MessageId,
      Attributes: { DeadLetterQueueSourceArn: queueArn('retried') },
    });
  });

  it('sends and deletes in batches, each entry by itself', async () => {
    const Entries = [
      { Id: 'a', MessageBody: 'one' },
      { Id: 'b', MessageBody: '\u0001' },
      { Id: 'c', MessageBody: 'three' },
    ];
    const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl('plain'), Entries }));
    expect(answer.Successful!.map(({ Id }) => Id)).toEqual(['a', 'c']);
    expect(answer.Failed).toMatchObject([{ Id: 'b', Code: 'InvalidMessageContents', SenderFault: true }]);
    const received = await receive('plain');
    const deleted = await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: queueUrl('plain'),
        Entries: [
          ...received.map(({ ReceiptHandle }, index) => ({ Id: `d${index}`, ReceiptHandle })),
          { Id: 'bad', ReceiptHandle: 'nonsense' },
        ],
      }),
    );
    expect([deleted.Successful!.length, deleted.Failed!.map(({ Code }) => Code)]).toEqual([2, ['ReceiptHandleIsInvalid']]);
    const same = [
      { Id: 'a', MessageBody: 'one' },
      { Id: 'a', MessageBody: 'two' },
    ];
    expect(await failure(client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl('plain'), Entries: same })))).toBe(
      'BatchEntryIdsNotDistinct',
    );
    expect(await failure(client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl('plain'), Entries: [] })))).toBe(
      'EmptyBatchRequest',
    );
  });

  it('says what it is and how much it holds', async () => {
    await send('plain', 'one');
    await send('plain', 'two');
    await receive('plain', { MaxNumberOfMessages: 1 });
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl('plain'), AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({
      QueueArn: queueArn('plain'),
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: '1',
      VisibilityTimeout: '30',
    });
    expect((await client.send(new GetQueueUrlCommand({ QueueName: 'plain' }))).QueueUrl).toBe(queueUrl('plain'));
    expect(await failure(client.send(new GetQueueUrlCommand({ QueueName: 'nowhere' })))).toBe('QueueDoesNotExist');
    expect((await client.send(new ListQueuesCommand({ QueueNamePrefix: 's' }))).QueueUrls).toHaveLength(3);
    await client.send(new PurgeQueueCommand({ QueueUrl: queueUrl('plain') }));
    now += 31_000;
    expect(await receive('plain')).toEqual([]);
    expect(await failure(client.send(new PurgeQueueCommand({ QueueUrl: queueUrl('plain') })))).toBe('PurgeQueueInProgress');
  });
});

describe('a FIFO queue', () => {
  it('keeps the order of a group, and holds it back while one of its messages is worked on', async () => {
    for (const [group, body] of [
      ['a', 'a1'],
      ['a', 'a2'],
      ['b', 'b1'],
    ])
      await send('ordered.fifo', body!, { MessageGroupId: group });
    const [first] = await receive('ordered.fifo', { MaxNumberOfMessages: 1 });
    expect(first!.Body).toBe('a1');
    expect(await bodies('ordered.fifo')).toEqual(['b1']);
    await remove('ordered.fifo', first!.ReceiptHandle);
    expect(await bodies('ordered.fifo')).toEqual(['a2']);
  });

  it('recognises what was sent within five minutes', async () => {
    const one = await send('ordered.fifo', 'same', { MessageGroupId: 'a' });
    const two = await send('ordered.fifo', 'same', { MessageGroupId: 'a' });
    expect(two).toMatchObject({ MessageId: one.MessageId, SequenceNumber: one.SequenceNumber });
    now += 300_001;
    expect((await send('ordered.fifo', 'same', { MessageGroupId: 'a' })).MessageId).not.toBe(one.MessageId);
    expect(await bodies('ordered.fifo')).toEqual(['same', 'same']);
  });

  it('insists on a group, and on a deduplication id when the body is not one', async () => {
    expect(await failure(send('ordered.fifo', 'x'))).toBe('MissingParameter');
    expect(await failure(send('named.fifo', 'x', { MessageGroupId: 'a' }))).toBe('InvalidParameterValue');
    await send('named.fifo', 'x', { MessageGroupId: 'a', MessageDeduplicationId: '1' });
    await send('named.fifo', 'y', { MessageGroupId: 'a', MessageDeduplicationId: '1' });
    expect(await bodies('named.fifo')).toEqual(['x']);
  });

  it('does not take a receipt that has lapsed', async () => {
    await send('ordered.fifo', 'slow', { MessageGroupId: 'a' });
    const [message] = await receive('ordered.fifo');
    now += 31_000;
    expect(await failure(remove('ordered.fifo', message!.ReceiptHandle))).toBe('InvalidParameterValue');
  });
});

describe('dead letters', () => {
  it('are moved back to where they came from, as new messages', async () => {
    await send('retried', 'again');
    await send('dead', 'never elsewhere');
    for (let n = 0; n < 3; n++) await receive('retried');
    const SourceArn = queueArn('dead');
    await client.send(new StartMessageMoveTaskCommand({ SourceArn }));
    const task = async () => (await client.send(new ListMessageMoveTasksCommand({ SourceArn }))).Results![0]!;
    await expect.poll(task).toMatchObject({ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 1 });
    const [message] = await receive('retried', { MessageSystemAttributeNames: ['All'] });
    expect(message).toMatchObject({ Body: 'again', Attributes: { ApproximateReceiveCount: '1' } });
    expect((await receive('dead')).map(({ Body }) => Body)).toEqual(['never elsewhere']);
  });

  it('are moved from dead-letter queues only, by whoever may', async () => {
    const start = (name: string, by = client) => by.send(new StartMessageMoveTaskCommand({ SourceArn: queueArn(name) }));
    expect(await failure(start('plain'))).toBe('InvalidParameterValue');
    expect(await failure(start('nobody'))).toMatch(/ResourceNotFound/);
    expect(await failure(start('dead', new SQSClient(services.clientOf('sender'))))).toMatch(/AccessDenied/);
  });
});

describe('who may do what', () => {
  it('holds a function to its role', async () => {
    const sender = new SQSClient(services.clientOf('sender'));
    await sender.send(new SendMessageCommand({ QueueUrl: queueUrl('plain'), MessageBody: 'mine' }));
    const refused = sender.send(new ReceiveMessageCommand({ QueueUrl: queueUrl('plain') }));
    await expect(refused).rejects.toThrow(
      'User: arn:aws:sts::000000000000:assumed-role/sender/sender is not authorized to perform: sqs:ReceiveMessage on resource: ' +
        'arn:aws:sqs:eu-west-2:000000000000:plain because no identity-based policy allows the sqs:ReceiveMessage action',
    );
  });

  it('asks for the key of an encrypted queue as well', async () => {
    const sender = new SQSClient(services.clientOf('sender'));
    await expect(sender.send(new SendMessageCommand({ QueueUrl: queueUrl('secret'), MessageBody: 'x' }))).rejects.toThrow(
      /kms:GenerateDataKey/,
    );
  });

  it('lets a partner read its own queue and nothing else', async () => {
    await send('signals', 'changed');
    const partner = new SQSClient(services.partner(PARTNER));
    const { Messages } = await partner.send(new ReceiveMessageCommand({ QueueUrl: queueUrl('signals') }));
    await partner.send(new DeleteMessageCommand({ QueueUrl: queueUrl('signals'), ReceiptHandle: Messages![0]!.ReceiptHandle }));
    expect(await failure(partner.send(new ReceiveMessageCommand({ QueueUrl: queueUrl('plain') })))).toMatch(/AccessDenied/);
    expect(await failure(partner.send(new SendMessageCommand({ QueueUrl: queueUrl('signals'), MessageBody: 'x' })))).toMatch(
      /AccessDenied/,
    );
    const stranger = new SQSClient(services.partner('222222222222'));
    expect(await failure(stranger.send(new ReceiveMessageCommand({ QueueUrl: queueUrl('signals') })))).toMatch(/AccessDenied/);
  });

  it('lets a reader of one queue read that, and nothing else', async () => {
    await services.queues.send(queueArn('secret'), { body: 'for the reader', sender: 'a test' });
    const reader = new SQSClient(services.readerOf('secret'));
    const { Messages } = await reader.send(new ReceiveMessageCommand({ QueueUrl: queueUrl('secret') }));
    await reader.send(new DeleteMessageCommand({ QueueUrl: queueUrl('secret'), ReceiptHandle: Messages![0]!.ReceiptHandle }));
    expect(await failure(reader.send(new SendMessageCommand({ QueueUrl: queueUrl('secret'), MessageBody: 'x' })))).toMatch(
      /AccessDenied/,
    );
    expect(await failure(reader.send(new ReceiveMessageCommand({ QueueUrl: queueUrl('plain') })))).toMatch(/AccessDenied/);
  });

  it('refuses who does not sign, signs with another key, or asks for what is not there', async () => {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ListQueues' };
    const unsigned = await fetch(services.url, { method: 'POST', headers, body: '{}' });
    expect([unsigned.status, ((await unsigned.json()) as { __type: string }).__type]).toEqual([
      403,
      'MissingAuthenticationTokenException',
    ]);
    const settings = services.clientOf('everything');
    const forged = new SQSClient({ ...settings, credentials: { ...settings.credentials, secretAccessKey: 'another' } });
    expect(await failure(forged.send(new ListQueuesCommand({})))).toBe('InvalidSignatureException');
    const unknown = new SQSClient({ ...settings, credentials: { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA', secretAccessKey: 'x' } });
    expect(await failure(unknown.send(new ListQueuesCommand({})))).toBe('UnrecognizedClientException');
  });
});
