import { QueryCommand } from '@aws-sdk/client-dynamodb';
import type { NumberedSignal } from '../../../signals/signal.ts';
import { endOf, type Item, isKept, keyed, type SignalsTable, toldOf } from './items.ts';

/** What is read of a subscription's items. */
export interface Range {
  /** First and last sort key. */
  readonly from: string;
  readonly to: string;
  readonly newestFirst?: boolean;
  /** Most items; all by default. */
  readonly limit?: number | undefined;
}

/** Items in order of their sort keys, strongly consistent, a page at a time; without those that have expired. */
export async function* readItems(signals: SignalsTable, id: string, range: Range): AsyncGenerator<Item> {
  for await (const item of readPlaces(signals, id, range)) if (isKept(signals.now())(item)) yield item;
}

/** The same, with those that have expired and were not removed yet. */
export async function* readPlaces({ client, table }: SignalsTable, id: string, range: Range): AsyncGenerator<Item> {
  const { from, to, newestFirst = false, limit = Number.POSITIVE_INFINITY } = range;
  let left = limit;
  let start: Item | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: '#of = :of AND #item BETWEEN :from AND :to',
        ExpressionAttributeNames: { '#of': 'of', '#item': 'item' },
        ExpressionAttributeValues: { ':of': { S: id }, ':from': { S: from }, ':to': { S: to } },
        ScanIndexForward: !newestFirst,
        ...(Number.isFinite(left) ? { Limit: left } : {}),
        ExclusiveStartKey: start,
      }),
    );
    const items = page.Items ?? [];
    left -= items.length;
    yield* items;
    start = page.LastEvaluatedKey;
  } while (start !== undefined && left > 0);
}

/**
 * Signals by their numbers: the item in which the first stands is found by its key, whatever lies before it.
 * @param from the first number wanted; @param count how many at most
 */
export async function readTold(
  signals: SignalsTable,
  id: string,
  from: number,
  count: number,
): Promise<readonly NumberedSignal[]> {
  const found: NumberedSignal[] = [];
  const wanted = (item: Item) => toldOf(item).filter(({ number }) => number >= from);
  const at = { from: keyed('told', 1), to: keyed('told', from), newestFirst: true, limit: 1 };
  for await (const item of readItems(signals, id, at)) found.push(...wanted(item));
  if (found.length >= count) return found.slice(0, count);
  const after = { from: keyed('told', from + 1), to: endOf('told') };
  for await (const item of readItems(signals, id, after)) {
    found.push(...wanted(item));
    if (found.length >= count) break;
  }
  return found.slice(0, count);
}
