import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, test } from 'vitest';
import { type SmallSystem, startSmallSystem } from './small-system.ts';

/** Says in its log what it was handed; an item named poison fails, alone or with its batch. */
const CONSUMER = `
  exports.handler = async ({ Records }) => {
    const items = Records.map(({ dynamodb }) => dynamodb.Keys.item.S);
    process.stdout.write(JSON.stringify({ items, first: Records[0] }) + '\\n');
    if (process.env.REPORT) return { batchItemFailures: Records.filter(({ dynamodb }) => dynamodb.Keys.item.S.startsWith('poison')).map(({ dynamodb }) => ({ itemIdentifier: dynamodb.SequenceNumber })) };
    if (items.some((item) => item.startsWith('poison'))) throw new Error('poisoned');
  };`;

let system: SmallSystem;
afterEach(() => system.end());

interface Batch {
  readonly items: readonly string[];
  readonly first: Readonly<Record<string, unknown>>;
}

/** Batches that the consumer was handed, oldest first. */
const batches = (): Batch[] =>
  readFileSync(join(system.dataDir, 'logs', 'consumer.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"items"'))
    .map((line) => JSON.parse(line) as Batch);
const items = () => batches().flatMap((batch) => batch.items);

const clientFor = ({ endpoints, operator }: SmallSystem) =>
  new DynamoDBClient({ endpoint: endpoints.dynamodb, region: 'eu-west-2', credentials: operator });

async function put(...names: readonly string[]): Promise<void> {
  const client = clientFor(system);
  for (const name of names) {
    const [owner, item] = name.includes('/') ? (name.split('/') as [string, string]) : ['somebody', name];
    const Item = { owner: { S: owner }, item: { S: item }, bytes: { B: Buffer.from([1, 2, 3]) } };
    await client.send(new PutItemCommand({ TableName: system.tables[0]!.name, Item }));
  }
  client.destroy();
}

async function until(holds: () => boolean | Promise<boolean>, withinMs = 15_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it did not come to pass');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function deadLetters(): Promise<{ readonly Body: string }[]> {
  const client = new SQSClient({ endpoint: system.endpoints.services, region: 'eu-west-2', credentials: system.operator });
  const QueueUrl = system.queues.find(({ name }) => name === 'dead-letters')!.url;
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
  );
  client.destroy();
  return Messages as { Body: string }[];
}

const names = (count: number, prefix = 'n') =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(3, '0')}`);
const FAILURES = { DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] } } } };
const start = (mapping: Record<string, unknown> = {}, more: Partial<Parameters<typeof startSmallSystem>[0]> = {}) =>
  startSmallSystem({
    sources: { web: 'exports.handler = async () => ({ statusCode: 200 })', consumer: CONSUMER },
    mapping,
    ...more,
  });

describe('a stream', () => {
  test('is handed over in order, in the shape that Lambda gives it', async () => {
    system = await start({ BatchSize: 7 });
    const wanted = names(40);
    await put(...wanted);
    await until(() => items().length === 40);
    expect(items()).toEqual(wanted);
    expect(batches().every((batch) => batch.items.length <= 7)).toBe(true);
    expect(batches()[0]!.first).toMatchObject({
      eventName: 'INSERT',
      eventSource: 'aws:dynamodb',
      awsRegion: 'eu-west-2',
      eventSourceARN: system.tables[0]!.streamArn,
      dynamodb: {
        Keys: { owner: { S: 'somebody' }, item: { S: 'n000' } },
        NewImage: { bytes: { B: 'AQID' } },
        ApproximateCreationDateTime: expect.any(Number),
        SequenceNumber: expect.stringMatching(/^\d+$/),
      },
    });
  });

  test('reaches only who asked for it', async () => {
    system = await start({
      FilterCriteria: { Filters: [{ Pattern: JSON.stringify({ dynamodb: { Keys: { item: { S: [{ prefix: 'wanted' }] } } } }) }] },
    });
    await put('other', 'wanted-1', 'another', 'wanted-2');
    await until(() => items().length === 2);
    expect(items()).toEqual(['wanted-1', 'wanted-2']);
  });

  test('is gathered for as long as the mapping says', async () => {
    system = await start({ MaximumBatchingWindowInSeconds: 1 });
    await put(...names(10));
    await until(() => items().length === 10);
    expect(batches()).toHaveLength(1);
  });

  test('stays in order for each partition key when several lanes are worked down at once', async () => {
    system = await start({ ParallelizationFactor: 4, BatchSize: 3, MaximumRetryAttempts: 1, ...FAILURES });
    await put('a/poison', ...names(12).flatMap((item) => ['b', 'c', 'd', 'e'].map((owner) => `${owner}/${owner}-${item}`)));
    await until(() => new Set(items()).size === 49);
    for (const owner of ['b', 'c', 'd', 'e'])
      expect([...new Set(items())].filter((item) => item.startsWith(owner))).toEqual(names(12, `${owner}-n`));
  });
});

describe('a record that cannot be handled', () => {
  test('is found by halving, goes to the dead letters with its place in the stream, and the rest goes on', async () => {
    system = await start({ BisectBatchOnFunctionError: true, MaximumRetryAttempts: 1, ...FAILURES });
    await put('a', 'b', 'poison', 'c');
    await until(
      () =>
        items().includes('c') &&
        batches()
          .at(-1)!
          .items.every((item) => item !== 'poison'),
    );
    const [letter, ...others] = await deadLetters();
    expect(others).toEqual([]);
    expect(JSON.parse(letter!.Body)).toMatchObject({
      requestContext: {
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 2,
        functionArn: expect.stringContaining(':function:consumer'),
      },
      responseContext: { functionError: 'Unhandled' },
      DDBStreamBatchInfo: {
        batchSize: 1,
        startSequenceNumber: '3',
        endSequenceNumber: '3',
        streamArn: system.tables[0]!.streamArn,
      },
    });
    expect(letter!.Body).not.toContain('poison');
  });

  test('is named by the function, and tried again from there', async () => {
    const variables = { Environment: { Variables: { TABLE: 't', REPORT: 'yes' } } };
    const consumer = {
      Type: 'AWS::Lambda::Function',
      Properties: {
        ...{ FunctionName: 'consumer', Code: {}, Handler: 'index.handler', Runtime: 'nodejs24.x', ...variables },
        Role: { 'Fn::GetAtt': ['consumerRole', 'Arn'] },
      },
      Metadata: { 'aws:asset:path': 'consumer' },
    };
    const mapping = {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: 1,
      MaximumBatchingWindowInSeconds: 1,
    };
    system = await start({ ...mapping, BisectBatchOnFunctionError: true, ...FAILURES }, { resources: { consumer } });
    await put('a', 'poison', 'b');
    await until(() => items().filter((item) => item === 'b').length > 0 && batches().at(-1)!.items.join() === 'b');
    expect(batches().map((batch) => batch.items)).toEqual([['a', 'poison', 'b'], ['poison', 'b'], ['poison'], ['poison'], ['b']]);
    expect(await deadLetters()).toHaveLength(1);
  });
});

describe('after a stop', () => {
  test('that was dealt with is not handed over again, however many digits its numbers have', async () => {
    system = await start({ BatchSize: 100 });
    const { dataDir } = system;
    const before = names(105);
    await put(...before);
    await until(() => items().length >= before.length);
    await system.end({ keep: true });
    system = await start({ BatchSize: 100 }, { dataDir });
    await put('after');
    await until(() => items().includes('after'));
    expect(items()).toEqual([...before, 'after']);
  });

  test('consumers go on where they were, with what was written in between', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'chesil-again-'));
    try {
      system = await start({}, { dataDir });
      await put('one', 'two');
      await until(() => items().length === 2);
      await system.end({ keep: true });
      system = await start({ Enabled: false }, { dataDir });
      await put('three');
      await system.end({ keep: true });
      system = await start({}, { dataDir });
      await put('four');
      await until(() => items().includes('four'));
      expect(items()).toEqual(['one', 'two', 'three', 'four']);
    } finally {
      await system.end({ keep: true });
      rmSync(dataDir, { recursive: true, force: true });
      system = await start();
    }
  });
});

describe('the engine’s stream records', () => {
  test('are trimmed once they are dealt with, but for the newest and those that were given up', async () => {
    system = await start({ BisectBatchOnFunctionError: true, MaximumRetryAttempts: 0, ...FAILURES });
    await put('a', 'poison', 'b', 'c', 'd');
    const left = () => {
      const database = new DatabaseSync(join(system.dataDir, 'engine.db'), { readOnly: true });
      const rows = database.prepare('SELECT sequence_number FROM _stream_records ORDER BY id').all();
      database.close();
      return rows.map(({ sequence_number }) => String(sequence_number));
    };
    await until(() => left().length === 2);
    expect(left()).toEqual(['2', '5']);
    await put('e');
    await until(() => items().includes('e'));
  });
});

describe('the start refuses a mapping that would not work on AWS', () => {
  test.each<[string, Record<string, unknown>, object, string]>([
    ['its role may not read the stream', {}, { consumerRole: emptyRole() }, 'may not dynamodb:DescribeStream'],
    [
      'its role may not send to the dead letters',
      FAILURES,
      { consumerRole: emptyRole({ Effect: 'Allow', Action: ['dynamodb:*', 'kms:*'], Resource: '*' }) },
      'may not sqs:SendMessage',
    ],
    [
      'it reads what is no stream of a table',
      { EventSourceArn: 'arn:aws:kinesis:eu-west-2:000000000000:stream/x' },
      {},
      'only streams of tables',
    ],
  ])('%s', async (_what, mapping, resources, told) => {
    await expect(start(mapping, { resources: resources as never })).rejects.toThrow(told);
    system = await start();
  });
});

function emptyRole(...Statement: readonly unknown[]) {
  const statements = Statement.length === 0 ? [{ Effect: 'Allow', Action: 'logs:PutLogEvents', Resource: '*' }] : Statement;
  return {
    Type: 'AWS::IAM::Role',
    Properties: { AssumeRolePolicyDocument: {}, Policies: [{ PolicyName: 'p', PolicyDocument: { Statement: statements } }] },
  };
}
