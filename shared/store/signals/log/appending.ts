import { ConditionalCheckFailedException, PutItemCommand, TransactionConflictException } from '@aws-sdk/client-dynamodb';
import type { Signal } from '../../../signals/signal.ts';
import { cut, endOf, expiryAt, keyed, keyOf, MOST_APPENDED, numberOfKey, pack, type SignalsTable } from './items.ts';
import { isHeld } from './leasing.ts';
import { readPlaces } from './reading.ts';
import { type LogState, readState, updateState } from './state.ts';
import { trying } from './trying.ts';

/** The last place that this process wrote, by subscription. */
export type Places = Map<string, { readonly ordinal: number; readonly at: number }>;

/** After that long it is read again: places that nobody remembers could have been removed meanwhile. */
const REMEMBERED_MS = 3_600_000;

/**
 * Appends signals, in their order, behind all that wait.
 * @param places kept up to date
 * @returns whether nobody is at work for the subscription, so that it must be woken
 */
export async function append(signals: SignalsTable, places: Places, id: string, arrived: readonly Signal[]): Promise<boolean> {
  if (arrived.length === 0) return false;
  for (const group of cut(arrived, MOST_APPENDED)) await put(signals, places, id, group);
  // After the items, so that whoever sees this count sees them too; it is only a count, so it need not be told of what a crash left uncounted.
  const state = await updateState(signals, id, {
    UpdateExpression: 'ADD arrivals :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
  });
  return state === undefined || isAsleep(state, signals.now());
}

/** Nobody sends, and nothing keeps from sending now. */
const isAsleep = (state: LogState, nowMs: number): boolean =>
  !isHeld(state, nowMs) && (state.nextAttemptAt === undefined || state.nextAttemptAt <= nowMs);

/**
 * Puts one item into the first free place. Places are never freed before they are as old as what is kept, so whatever is put now comes after
 * everything that was put before, and after everything that was taken.
 */
async function put(signals: SignalsTable, places: Places, id: string, group: readonly Signal[]): Promise<void> {
  const { client, table, now } = signals;
  const content = { signals: pack(group), expiresAt: expiryAt(now()) };
  const known = places.get(id);
  const isFresh = known !== undefined && now() - known.at < REMEMBERED_MS;
  let ordinal = (isFresh ? known.ordinal : await lastPlace(signals, id)) + 1;
  for (;;) {
    try {
      const write = new PutItemCommand({
        TableName: table,
        Item: { ...keyOf(id, keyed('pending', ordinal)), ...content },
        ConditionExpression: 'attribute_not_exists(#item)',
        ExpressionAttributeNames: { '#item': 'item' },
      });
      await trying(
        () => client.send(write),
        (error) => error instanceof TransactionConflictException,
      );
      places.set(id, { ordinal, at: now() });
      return;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      ordinal = Math.max(ordinal, await lastPlace(signals, id)) + 1;
    }
  }
}

/** Items that waited vanish in the end: how far they were taken outlasts them. */
async function lastPlace(signals: SignalsTable, id: string): Promise<number> {
  const { takenTo } = await readState(signals, id);
  const range = { from: keyed('pending', 0), to: endOf('pending'), newestFirst: true, limit: 1 };
  for await (const item of readPlaces(signals, id, range)) return Math.max(takenTo, numberOfKey(item));
  return takenTo;
}
