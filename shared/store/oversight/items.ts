import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';

/** The Oversight table, and a client that may use it. */
export interface OversightTable {
  readonly client: DynamoDBClient;
  /** Partition key `subject`, sort key `item`. Its users put what was not there and nothing else. */
  readonly table: string;
}

export type Item = Record<string, AttributeValue>;

/** What an item says, as JSON. `kind` stands beside it, so that a filter of the stream can tell items apart. */
export interface Kept {
  readonly subject: string;
  readonly item: string;
  readonly kind: string;
  readonly content: unknown;
}

const keyOf = ({ subject, item }: Pick<Kept, 'subject' | 'item'>): Item => ({ subject: { S: subject }, item: { S: item } });

/** Puts an item that was not there: nothing is ever overwritten. */
const putNew = (table: string, kept: Kept) => ({
  TableName: table,
  Item: { ...keyOf(kept), kind: { S: kept.kind }, content: { S: JSON.stringify(kept.content) } },
  ConditionExpression: 'attribute_not_exists(subject)',
});

/** The same request that is sent many times at once: all but one wait for each other. */
const MAX_ATTEMPTS = 10;
/** About as long as a transaction takes. */
const BACK_OFF_MS = 20;

/**
 * Puts items that were not there, all or none.
 * @returns false when one of them was there: then none is written.
 */
export async function putAll({ client, table }: OversightTable, items: readonly Kept[]): Promise<boolean> {
  const TransactItems = items.map((kept) => ({ Put: putNew(table, kept) }));
  for (let attempt = 1; ; attempt++) {
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems }));
      return true;
    } catch (error) {
      if (isCancelled(error, 'ConditionalCheckFailed')) return false;
      if (attempt === MAX_ATTEMPTS || !isCancelled(error, 'TransactionConflict')) throw error;
      await sleep(Math.random() * BACK_OFF_MS * attempt);
    }
  }
}

const isCancelled = (error: unknown, code: 'ConditionalCheckFailed' | 'TransactionConflict'): boolean =>
  error instanceof TransactionCanceledException && (error.CancellationReasons ?? []).some(({ Code }) => Code === code);

/** Names an item in a read. */
export const getOne = (table: string, key: Pick<Kept, 'subject' | 'item'>) => ({
  TableName: table,
  Key: keyOf(key),
  ConsistentRead: true,
});

/** What an item says. @throws SyntaxError when it is none of ours. */
export const contentOf = <T>(item: Item): T => JSON.parse(item.content?.S ?? '') as T;

/** What is read of one partition. */
export interface Range {
  readonly subject: string;
  /** What the sort keys begin with. */
  readonly prefix?: string;
  /** Sort keys from here on, this one included. */
  readonly from?: string;
  /** Newest first. */
  readonly newestFirst?: boolean;
  /** Goes on after this sort key. */
  readonly after?: string;
  /** Items a page. */
  readonly limit?: number;
}

/** Items of a partition, strongly consistent, a page at a time. */
export async function* readRange({ client, table }: OversightTable, range: Range): AsyncGenerator<readonly Item[]> {
  const { subject, prefix, from, newestFirst = false, after, limit } = range;
  const [condition, values] =
    prefix === undefined
      ? from === undefined
        ? ['', {}]
        : [' AND #item >= :from', { ':from': { S: from } }]
      : [' AND begins_with(#item, :prefix)', { ':prefix': { S: prefix } }];
  const input: QueryCommandInput = {
    TableName: table,
    ConsistentRead: true,
    KeyConditionExpression: `subject = :subject${condition}`,
    ...(condition === '' ? {} : { ExpressionAttributeNames: { '#item': 'item' } }),
    ExpressionAttributeValues: { ':subject': { S: subject }, ...values },
    ScanIndexForward: !newestFirst,
    ...(limit === undefined ? {} : { Limit: limit }),
  };
  let start = after === undefined ? undefined : keyOf({ subject, item: after });
  do {
    const page = await client.send(new QueryCommand({ ...input, ExclusiveStartKey: start }));
    yield page.Items ?? [];
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}
