import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  QueryCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';

/** The Signals table, and a client that may use it. */
export interface SignalsStore {
  readonly client: DynamoDBClient;
  /** Partition key `of`, sort key `item`; indexes `byKind` and `byOrganisation` hold keys. */
  readonly table: string;
}

export type Item = Record<string, AttributeValue>;

/** Names an item. */
export interface Place {
  readonly of: string;
  readonly item: string;
}

export const keyOf = ({ of, item }: Place): Item => ({ of: { S: of }, item: { S: item } });

/** Sort key and kind of a subscription. */
export const SUBSCRIPTION = 'subscription';

/** What an item says, as JSON. @throws SyntaxError when it is none of ours */
export const contentOf = <T>(item: Item): T => JSON.parse(item.content?.S ?? '') as T;

/** An item must not be there. `of` and `item` are reserved words of DynamoDB. */
export const IS_NEW = { ConditionExpression: 'attribute_not_exists(#of)', ExpressionAttributeNames: { '#of': 'of' } };

/** Many at once who write the same items wait for each other. */
const MAX_ATTEMPTS = 10;
const BACK_OFF_MS = 20;

/**
 * Writes all or nothing.
 * @returns the index of the first item whose condition does not hold; `undefined` when all is written
 */
export async function transact({ client }: SignalsStore, items: readonly TransactWriteItem[]): Promise<number | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: [...items] }));
      return undefined;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
      const failed = codes.indexOf('ConditionalCheckFailed');
      if (failed >= 0) return failed;
      if (attempt === MAX_ATTEMPTS || !codes.includes('TransactionConflict')) throw error;
      await sleep(Math.random() * BACK_OFF_MS * attempt);
    }
  }
}

/** Everything of one kind: found by an index, which may lag a moment behind, and read as it is now. */
export async function readIndexed(
  store: SignalsStore,
  { index, value, item }: { readonly index: 'kind' | 'organisation'; readonly value: string; readonly item: string },
): Promise<readonly Item[]> {
  const found: Item[] = [];
  let start: Item | undefined;
  do {
    const page = await store.client.send(
      new QueryCommand({
        TableName: store.table,
        IndexName: index === 'kind' ? 'byKind' : 'byOrganisation',
        KeyConditionExpression: '#index = :value AND #item = :item',
        ExpressionAttributeNames: { '#index': index, '#item': 'item' },
        ExpressionAttributeValues: { ':value': { S: value }, ':item': { S: item } },
        ExclusiveStartKey: start,
      }),
    );
    found.push(...(await readAll(store, page.Items ?? [])));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return found;
}

/** BatchGetItem takes so many keys at once. */
const MOST_KEYS = 100;

async function readAll({ client, table }: SignalsStore, keys: readonly Item[]): Promise<readonly Item[]> {
  const found: Item[] = [];
  let left = keys.map(({ of, item }): Item => ({ of: of!, item: item! }));
  while (left.length > 0) {
    const Keys = left.slice(0, MOST_KEYS);
    const RequestItems = { [table]: { Keys, ConsistentRead: true } };
    const { Responses = {}, UnprocessedKeys = {} } = await client.send(new BatchGetItemCommand({ RequestItems }));
    found.push(...(Responses[table] ?? []));
    left = [...left.slice(MOST_KEYS), ...(UnprocessedKeys[table]?.Keys ?? [])];
  }
  return found;
}
