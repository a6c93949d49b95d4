import {
  type CancellationReason,
  ConditionalCheckFailedException,
  PutItemCommand,
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { Contribution } from '../../record/contribution.ts';
import { type Item, itemBytes, itemsOf } from './items.ts';
import type { Table } from './reading.ts';

/**
 * `lost`: somebody else wrote a contribution of that number first, nothing was written.
 * `refused`: a condition of what was to be written alongside does not hold, nothing was written.
 */
export type Written = 'written' | 'lost' | 'refused' | 'too-large';

/** Limits of `TransactWriteItems` (Amazon DynamoDB, "Service, account, and table quotas"). */
const MAX_ITEMS = 100;
const MAX_BYTES = 4 * 1024 * 1024;

/** Nobody has written a contribution of this number. */
const FREE = { ConditionExpression: 'attribute_not_exists(#item)', ExpressionAttributeNames: { '#item': 'item' } };

/** Writes contributions, and what goes alongside, all or none: one item is one put, more are one transaction. */
export async function write(
  { client, table }: Table,
  contributions: readonly Contribution[],
  alongside: readonly TransactWriteItem[] = [],
): Promise<Written> {
  const heads: Item[] = [];
  const rest: Item[] = [];
  for (const contribution of contributions) {
    const encoded = itemsOf(contribution);
    if (encoded === undefined) return 'too-large';
    const [head, ...parts] = encoded.items;
    heads.push(head);
    rest.push(...parts);
  }
  if (heads.length === 1 && rest.length === 0 && alongside.length === 0) return put({ client, table }, heads[0]!);
  const puts: TransactWriteItem[] = [
    ...heads.map((Item) => ({ Put: { TableName: table, Item, ...FREE } })),
    ...rest.map((Item) => ({ Put: { TableName: table, Item } })),
    ...alongside,
  ];
  const bytes = puts.reduce((sum, { Put }) => sum + (Put?.Item === undefined ? 0 : itemBytes(Put.Item)), 0);
  if (puts.length > MAX_ITEMS || bytes > MAX_BYTES) return 'too-large';
  return transact({ client, table }, puts, heads.length);
}

async function put({ client, table }: Table, item: Item): Promise<Written> {
  try {
    await client.send(
      new PutItemCommand({ TableName: table, Item: item, ...FREE, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
    );
    return 'written';
  } catch (error) {
    // The client sends again when an answer is lost; what then stands in the way is our own first attempt.
    if (error instanceof ConditionalCheckFailedException) return isSame(error.Item, item) ? 'written' : 'lost';
    if (error instanceof TransactionConflictException) return 'lost';
    throw error;
  }
}

const isSame = (found: Item | undefined, item: Item): boolean =>
  found !== undefined && sameBytes(found.manifest?.B, item.manifest?.B) && sameBytes(found.body?.B, item.body?.B);

function sameBytes(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one === undefined || other === undefined ? one === other : Buffer.compare(one, other) === 0;
}

/** The token that the SDK adds makes a transaction that is sent twice happen once. @param own how many of the first items are contributions. */
async function transact({ client }: Table, TransactItems: TransactWriteItem[], own: number): Promise<Written> {
  try {
    await client.send(new TransactWriteItemsCommand({ TransactItems }));
    return 'written';
  } catch (error) {
    if (error instanceof TransactionInProgressException) return 'lost';
    if (!(error instanceof TransactionCanceledException)) throw error;
    const reasons = error.CancellationReasons ?? [];
    if (!reasons.every(isContention)) throw error;
    const failed = (reason: CancellationReason) => reason.Code === 'ConditionalCheckFailed';
    return !reasons.slice(0, own).some(failed) && reasons.some(failed) ? 'refused' : 'lost';
  }
}

const CONTENTION: ReadonlySet<string | undefined> = new Set([
  undefined,
  'None',
  'ConditionalCheckFailed',
  'TransactionConflict',
  'ThrottlingError',
]);

const isContention = ({ Code }: CancellationReason): boolean => CONTENTION.has(Code);
