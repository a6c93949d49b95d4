import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BatchGetItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEngineCalls } from '../../../infra/local/engine/call.ts';
import { sweepExpired } from '../../../infra/local/engine/expiry.ts';
import { listeningPort } from '../../../infra/local/engine/listening-port.ts';
import { needsOf } from '../../../infra/local/engine/request.ts';
import { type SmallSystem, startSmallSystem } from '../small-system.ts';

/** Calls the table with the SDK, in the name of its own role, and tells how it went. */
const WEB = `
  const sdk = require(${JSON.stringify(require.resolve('@aws-sdk/client-dynamodb'))});
  const client = new sdk.DynamoDBClient({});
  exports.handler = async (event) => {
    const { command, input } = JSON.parse(Buffer.from(event.body, 'base64'));
    try {
      const { $metadata, ...answer } = await client.send(new sdk[command]({ TableName: process.env.TABLE, ...input }));
      return { statusCode: 200, body: JSON.stringify(answer) };
    } catch (error) {
      return { statusCode: 500, body: JSON.stringify({ name: error.name, message: error.message }) };
    }
  }`;

let system: SmallSystem;
let operator: DynamoDBClient;
let table: string;

beforeAll(async () => {
  system = await startSmallSystem({ sources: { web: WEB } });
  table = system.tables[0]!.name;
  operator = clientWith(system.operator);
});
afterAll(async () => {
  operator.destroy();
  await system.end();
});

const clientWith = (credentials: { accessKeyId: string; secretAccessKey: string }) =>
  new DynamoDBClient({ endpoint: system.endpoints.dynamodb, region: 'eu-west-2', credentials, maxAttempts: 1 });

const key = (item: string) => ({ owner: { S: 'somebody' }, item: { S: item } });
/** What the function was told when it made a call. */
const asFunction = async (command: string, input: object) => {
  const answer = await fetch(`${system.stageUrl}/open/x`, { method: 'POST', body: JSON.stringify({ command, input }) });
  return (await answer.json()) as { readonly name?: string; readonly message?: string };
};

describe('the engine’s door', () => {
  test('lets the operator write and read, large and small, one after the other and at once', async () => {
    const large = Buffer.alloc(350_000, 7);
    await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        operator.send(
          new PutItemCommand({
            TableName: table,
            Item: { ...key(`item-${index}`), body: { B: index === 10 ? large : Buffer.from('small') } },
          }),
        ),
      ),
    );
    const { Item } = await operator.send(new GetItemCommand({ TableName: table, Key: key('item-10') }));
    expect(Buffer.from(Item!.body!.B!)).toEqual(large);
    const { Count } = await operator.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: '#o = :o',
        ExpressionAttributeNames: { '#o': 'owner' },
        ExpressionAttributeValues: { ':o': { S: 'somebody' } },
        Select: 'COUNT',
      }),
    );
    expect(Count).toBe(30);
    expect((await operator.send(new ListTablesCommand({}))).TableNames).toContain(table);
    expect((await operator.send(new DescribeTableCommand({ TableName: table }))).Table?.TableStatus).toBe('ACTIVE');
  });

  test('lets a function do what its role allows', async () => {
    expect(await asFunction('GetItemCommand', { Key: key('item-1') })).toHaveProperty('Item');
  });

  test.each<[string, object, string]>([
    ['PutItemCommand', { Item: key('forbidden') }, 'dynamodb:PutItem'],
    ['DeleteItemCommand', { Key: key('item-1') }, 'dynamodb:DeleteItem'],
    ['ScanCommand', {}, 'dynamodb:Scan'],
  ])('refuses %s, which its role does not allow, as AWS words it', async (command, input, action) => {
    const { name, message } = await asFunction(command, input);
    expect(name).toBe('AccessDeniedException');
    expect(message).toBe(
      `User: arn:aws:sts::000000000000:assumed-role/small-webRole/web is not authorized to perform: ${action} on resource: arn:aws:dynamodb:eu-west-2:000000000000:table/${table} because no identity-based policy allows the ${action} action`,
    );
    expect((await operator.send(new GetItemCommand({ TableName: table, Key: key('forbidden') }))).Item).toBeUndefined();
  });

  test('refuses another table, an index that was not granted, and one forbidden part of a transaction or a batch', async () => {
    const refused = async (command: string, input: object) =>
      expect((await asFunction(command, input)).name).toBe('AccessDeniedException');
    await refused('GetItemCommand', { TableName: 'another', Key: key('x') });
    await refused('QueryCommand', {
      IndexName: 'by-date',
      KeyConditionExpression: 'a = :a',
      ExpressionAttributeValues: { ':a': { S: 'x' } },
    });
    await refused('TransactWriteItemsCommand', { TransactItems: [{ Put: { TableName: table, Item: key('x') } }] });
    await refused('BatchGetItemCommand', { RequestItems: { [table]: { Keys: [key('item-1')] } } });
  });

  test('refuses the operator too what the table itself denies', async () => {
    const update = new UpdateItemCommand({ TableName: table, Key: key('item-1'), UpdateExpression: 'REMOVE body' });
    await expect(operator.send(update)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('with an explicit deny in a policy'),
    });
  });

  test('knows transactions and batches', async () => {
    await operator.send(
      new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: table, Item: key('in-transaction') } }] }),
    );
    const { Responses } = await operator.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: [key('in-transaction')] } } }),
    );
    expect(Responses?.[table]).toHaveLength(1);
  });

  test('refuses who is not known, and what it cannot judge', async () => {
    const stranger = clientWith({ accessKeyId: 'AKIA0000000000000000', secretAccessKey: 'none' });
    await expect(stranger.send(new GetItemCommand({ TableName: table, Key: key('x') }))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
    stranger.destroy();
    await expect(operator.send(new ExecuteStatementCommand({ Statement: `SELECT * FROM "${table}"` }))).rejects.toMatchObject({
      name: 'UnknownOperationException',
    });
  });
});

describe('a function whose role may not use the key of the table', () => {
  test('is refused by the key', async () => {
    const webRole = {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {},
        Policies: [
          { PolicyName: 'p', PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: '*' }] } },
        ],
      },
    };
    const other = await startSmallSystem({ sources: { web: WEB }, resources: { webRole } });
    try {
      const body = JSON.stringify({ command: 'GetItemCommand', input: { Key: key('x') } });
      const answer = await fetch(`${other.stageUrl}/open/x`, { method: 'POST', body });
      expect(await answer.json()).toMatchObject({
        name: 'AccessDeniedException',
        message: expect.stringMatching(/^KMS key access denied error: .*kms:Decrypt/),
      });
    } finally {
      await other.end();
    }
  });
});

describe('what a call needs', () => {
  const needs = (operation: string, body: unknown) =>
    needsOf(operation, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));

  test('is found wherever the table is named, and not in what is stored', () => {
    const text = '"TableName":"another"';
    expect(needs('PutItem', { Item: { a: { S: text }, TableName: { S: 'another' } }, TableName: 'mine' })).toEqual([
      { action: 'dynamodb:PutItem', table: 'mine' },
    ]);
    expect(needs('GetItem', '{ "Key": {}, "TableName" : "mine" }')).toEqual([{ action: 'dynamodb:GetItem', table: 'mine' }]);
  });

  test('is all that is named when several are', () => {
    expect(needs('GetItem', '{"a":{"TableName":"other"},"TableName":"mine"}')).toEqual([
      { action: 'dynamodb:GetItem', table: 'other' },
      { action: 'dynamodb:GetItem', table: 'mine' },
    ]);
  });

  test('is nothing that can be told of a body that is none, or of an operation that is not known', () => {
    expect(needs('GetItem', 'no json')).toBeUndefined();
    expect(needs('GetItem', '{}')).toBeUndefined();
    expect(needs('ExecuteStatement', { Statement: '' })).toBeUndefined();
    expect(needs('constructor', {})).toBeUndefined();
  });
});

describe('the engine', () => {
  test('is started again when it ends, with everything that it had acknowledged', async () => {
    await operator.send(new PutItemCommand({ TableName: table, Item: key('before') }));
    const pid = engineOf(process.pid, join(system.dataDir, 'engine.db'));
    process.kill(pid, 'SIGKILL');
    const patient = new DynamoDBClient({
      endpoint: system.endpoints.dynamodb,
      region: 'eu-west-2',
      credentials: system.operator,
      maxAttempts: 10,
    });
    expect((await patient.send(new GetItemCommand({ TableName: table, Key: key('before') }))).Item).toBeDefined();
    patient.destroy();
  });

  test('forgets what has expired, and only that', async () => {
    const inSeconds = (seconds: number) => ({ N: String(Math.floor(Date.now() / 1000) + seconds) });
    for (const [name, expiresAt] of [
      ['old', inSeconds(-60)],
      ['young', inSeconds(60)],
    ] as const)
      await operator.send(new PutItemCommand({ TableName: table, Item: { ...key(name), expiresAt } }));
    await operator.send(new PutItemCommand({ TableName: table, Item: { ...key('worded'), expiresAt: { S: 'never' } } }));
    const calls = createEngineCalls(engineUrl());
    expect(await sweepExpired(calls, system.tables[0]!, new Date())).toBe(1);
    calls.close();
    const there = async (name: string) =>
      (await operator.send(new GetItemCommand({ TableName: table, Key: key(name) }))).Item !== undefined;
    expect([await there('old'), await there('young'), await there('worded')]).toEqual([false, true, true]);
  });
});

/** The engine's process, below the shell that holds its leash. */
function engineOf(parent: number, file: string): number {
  const children = (pid: number) => {
    const path = `/proc/${pid}/task/${pid}/children`;
    return existsSync(path) ? readFileSync(path, 'utf8').split(' ').filter(Boolean).map(Number) : [];
  };
  const commandOf = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  for (const shell of children(parent))
    for (const child of children(shell)) {
      const command = commandOf(child);
      if (command[0]?.endsWith('dynoxide') && command.includes(file)) return child;
    }
  throw new Error('there is no engine');
}

const engineUrl = () => `http://127.0.0.1:${listeningPort(engineOf(process.pid, join(system.dataDir, 'engine.db')))}`;
