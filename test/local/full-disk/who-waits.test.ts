import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Room, watchRoom } from '../../../infra/local/room/room.ts';
import { type SmallSystem, startSmallSystem } from '../small-system.ts';

const SDK = JSON.stringify(require.resolve('@aws-sdk/client-dynamodb'));

/** Behind the API: makes the calls that it is sent, and tells the error of each, if any. */
const WEB = `
  const sdk = require(${SDK});
  const client = new sdk.DynamoDBClient({ maxAttempts: 1 });
  exports.handler = async (event) => {
    const { command, input } = JSON.parse(Buffer.from(event.body, 'base64'));
    const error = await client.send(new sdk[command](input)).then(() => null, ({ name }) => name);
    return { statusCode: 200, body: JSON.stringify({ error }) };
  }`;

/** Not behind the API: follows the stream, and notes what it was handed. */
const CONSUMER = `
  const sdk = require(${SDK});
  const client = new sdk.DynamoDBClient({ maxAttempts: 1 });
  exports.handler = async ({ Records }) => {
    for (const { dynamodb: { Keys: { owner, item } } } of Records)
      if (owner.S === 'followed')
        await client.send(new sdk.PutItemCommand({ TableName: process.env.TABLE, Item: { owner: { S: 'note' }, item } }));
  }`;

const table = (more: object) => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    KeySchema: [
      { AttributeName: 'owner', KeyType: 'HASH' },
      { AttributeName: 'item', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: ['owner', 'item'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    BillingMode: 'PAY_PER_REQUEST',
    ...more,
  },
});
const NEVER = { Effect: 'Deny', Principal: '*', Action: ['dynamodb:DeleteItem', 'dynamodb:UpdateItem'], Resource: '*' };
const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const PUTS = { Effect: 'Allow', Action: ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'] };

const MB = 1024 * 1024;
let folder: string;
let freeBytes = 64 * MB;
let room: Room;
let system: SmallSystem;
let operator: DynamoDBClient;
let [records, audit] = ['', ''];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chesil-waits-'));
  const measure = async () => ({ totalBytes: 64 * MB, freeBytes });
  room = await watchRoom({ folder, measure, report: console.error, everyMs: 10 });
  system = await startSmallSystem({
    sources: { web: WEB, consumer: CONSUMER },
    grants: [
      { ...PUTS, Resource: arn('Table') },
      { ...PUTS, Resource: arn('Audit') },
    ],
    consumerGrants: [{ ...PUTS, Resource: arn('Table') }],
    resources: { Audit: table({ ResourcePolicy: { PolicyDocument: { Version: '2012-10-17', Statement: NEVER } } }) },
    room,
  });
  [records, audit] = ['Table', 'Audit'].map((id) => system.tables.find(({ name }) => name.includes(id))!.name) as [
    string,
    string,
  ];
  operator = new DynamoDBClient({ endpoint: system.endpoints.dynamodb, region: 'eu-west-2', credentials: system.operator });
});
afterAll(async () => {
  operator.destroy();
  await system.end();
  await room.close();
  await rm(folder, { recursive: true });
});

/** What a call of the function behind the API failed with; `null` when it did not. */
async function call(command: string, input: object): Promise<string | null> {
  const answer = await fetch(`${system.stageUrl}/open/x`, { method: 'POST', body: JSON.stringify({ command, input }) });
  return ((await answer.json()) as { error: string | null }).error;
}

const Item = { owner: { S: 'somebody' }, item: { S: 'thing' } };
const Put = (TableName: string) => ({ Put: { TableName, Item } });

describe('while the disk is short of room', () => {
  beforeEach(async () => {
    freeBytes = 0;
    await expect.poll(() => room.state).toBe('short');
  });

  it('what comes through the API is not written, alone or with anything else', async () => {
    await expect.poll(() => call('PutItemCommand', { TableName: records, Item })).toBe('ServiceUnavailable');
    for (const [command, input] of [
      ['DeleteItemCommand', { TableName: records, Key: Item }],
      ['TransactWriteItemsCommand', { TransactItems: [Put(records)] }],
      ['TransactWriteItemsCommand', { TransactItems: [Put(audit), Put(records)] }],
    ] as const)
      expect(await call(command, input), command).toBe('ServiceUnavailable');
  });

  it('reads go on, and what nobody may change afterwards is written: the audit', async () => {
    expect(await call('GetItemCommand', { TableName: records, Key: Item })).toBe(null);
    expect(await call('PutItemCommand', { TableName: audit, Item })).toBe(null);
    expect(await call('TransactWriteItemsCommand', { TransactItems: [Put(audit)] })).toBe(null);
  });

  it('whoever runs the machine may write, and what follows from a write is brought to its end', async () => {
    await operator.send(new PutItemCommand({ TableName: records, Item: { owner: { S: 'followed' }, item: { S: 'one' } } }));
    const note = new GetItemCommand({ TableName: records, Key: { owner: { S: 'note' }, item: { S: 'one' } } });
    await expect.poll(async () => (await operator.send(note)).Item, { timeout: 30_000 }).toBeDefined();
  });

  it('a call that is refused by its role is told so, and not to come back', async () => {
    expect(await call('BatchWriteItemCommand', { RequestItems: { [records]: [{ PutRequest: { Item } }] } })).toBe(
      'AccessDeniedException',
    );
  });

  it('and everything is written as soon as there is room', async () => {
    freeBytes = 64 * MB;
    await expect.poll(() => call('PutItemCommand', { TableName: records, Item })).toBe(null);
  });
});
