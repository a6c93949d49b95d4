import { PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEngineCalls, type EngineCalls } from '../../../infra/local/engine/call.ts';
import { describeTable, ensureTable } from '../../../infra/local/engine/tables.ts';
import { type Engine, startEngine } from '../../engine.ts';

let engine: Engine;
let calls: EngineCalls;
beforeAll(async () => {
  engine = await startEngine();
  calls = createEngineCalls(engine.endpoint);
});
afterAll(async () => {
  calls.close();
  await engine.stop();
});

const keys = (hash: string) => [
  { AttributeName: hash, KeyType: 'HASH' },
  { AttributeName: 'sort', KeyType: 'RANGE' },
];

const index = (IndexName: string, attribute: string, ProjectionType = 'KEYS_ONLY') => ({
  IndexName,
  KeySchema: keys(attribute),
  Projection: { ProjectionType },
});

/** A table as a template has it, with these indexes. */
const tableWith = (name: string, ...indexes: readonly ReturnType<typeof index>[]) =>
  describeTable({
    ref: name,
    attributes: {},
    properties: {
      KeySchema: keys('owner'),
      AttributeDefinitions: ['owner', 'sort', 'author', 'place'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      ...(indexes.length === 0 ? {} : { GlobalSecondaryIndexes: indexes }),
    },
  } as never);

describe('a table with indexes', () => {
  const described = tableWith('indexed', index('byAuthor', 'author'), index('byPlace', 'place'));

  test('is made once, and found again whichever order its indexes are told in', async () => {
    await ensureTable(calls, described);
    await ensureTable(calls, described);
    await ensureTable(calls, tableWith('indexed', index('byPlace', 'place'), index('byAuthor', 'author')));
  });

  test('finds by an index what has the attribute, and hands out keys', async () => {
    const put = (item: object) => engine.client.send(new PutItemCommand({ TableName: 'indexed', Item: item as never }));
    await put({ owner: { S: 'a' }, sort: { S: '1' }, author: { S: 'x' }, body: { S: 'long' } });
    await put({ owner: { S: 'b' }, sort: { S: '2' } });
    const { Items } = await engine.client.send(
      new QueryCommand({
        TableName: 'indexed',
        IndexName: 'byAuthor',
        KeyConditionExpression: 'author = :x',
        ExpressionAttributeValues: { ':x': { S: 'x' } },
      }),
    );
    expect(Items).toEqual([{ owner: { S: 'a' }, sort: { S: '1' }, author: { S: 'x' } }]);
  });

  test.each([
    ['without one of them', tableWith('indexed', index('byAuthor', 'author'))],
    ['with none', tableWith('indexed')],
    ['by another attribute', tableWith('indexed', index('byAuthor', 'place'), index('byPlace', 'place'))],
    ['that holds more than keys', tableWith('indexed', index('byAuthor', 'author', 'ALL'), index('byPlace', 'place'))],
  ])('is not taken for one %s: the start stops', async (_, other) => {
    await expect(ensureTable(calls, other)).rejects.toThrow('other indexes');
  });
});
