import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  PutItemCommand,
  QueryCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import type { NumberedSignal, Signal } from '../../../signals/signal.ts';
import { endOf, expiryAt, type Item, keyed, keyOf, numberOfKey, pack, type SignalsTable, unpack } from './items.ts';
import { readItems } from './reading.ts';
import { DISTURBED, updateState } from './state.ts';
import { trying } from './trying.ts';

/** A signal that was put aside while others went on: it is sent again by itself. */
export interface Retry {
  readonly signal: NumberedSignal;
  /** Attempts so far; 0 where it waits behind another signal of its person. */
  readonly attempts: number;
  /** Milliseconds since the epoch: of the first attempt, or of when it was put aside; and before which it is not tried again. */
  readonly since: number;
  readonly nextAt: number;
  /** Stable code of the last failure. */
  readonly code?: string;
}

/** A signal that was given up: it can be sent again by command. */
export type DeadLetter = Omit<Retry, 'nextAt'>;

const itemOf = (kind: 'retry' | 'dead', id: string, { signal, attempts, since, code }: DeadLetter, nowMs: number): Item => ({
  ...keyOf(id, keyed(kind, signal.number)),
  signal: pack(signal),
  attempts: { N: String(attempts) },
  since: { N: String(since) },
  ...(code === undefined ? {} : { code: { S: code } }),
  expiresAt: expiryAt(nowMs),
});

const retryItem = (id: string, retry: Retry, nowMs: number): Item => ({
  ...itemOf('retry', id, retry, nowMs),
  nextAt: { N: String(retry.nextAt) },
});

function deadOf(item: Item): DeadLetter {
  const code = item.code?.S;
  return {
    signal: { ...unpack<Signal>(item.signal), number: numberOfKey(item) },
    attempts: Number(item.attempts?.N),
    since: Number(item.since?.N),
    ...(code === undefined ? {} : { code }),
  };
}

export const retryOf = (item: Item): Retry => ({ ...deadOf(item), nextAt: Number(item.nextAt?.N) });

/** Limit of `BatchWriteItem` (Amazon DynamoDB, "Service, account, and table quotas"). */
const MAX_WRITES = 25;

/** Puts signals aside, or notes how their next attempt went. */
export async function toRetry(signals: SignalsTable, id: string, retries: readonly Retry[]): Promise<void> {
  await writeAll(
    signals,
    retries.map((retry) => ({ PutRequest: { Item: retryItem(id, retry, signals.now()) } })),
  );
}

/** Everything that was put aside, in order of its numbers. */
export async function readRetries(signals: SignalsTable, id: string): Promise<readonly Retry[]> {
  const found: Retry[] = [];
  for await (const item of readItems(signals, id, { from: keyed('retry', 0), to: endOf('retry') })) found.push(retryOf(item));
  return found;
}

/** Those that were put aside and have now been sent, or may not be told any more. */
export async function settle(signals: SignalsTable, id: string, numbers: readonly number[]): Promise<void> {
  await writeAll(
    signals,
    numbers.map((number) => ({ DeleteRequest: { Key: keyOf(id, keyed('retry', number)) } })),
  );
}

/** Gives a signal up: it is kept as a dead letter, and its person's later signals go on. The letter is there before the retry goes. */
export async function giveUp(signals: SignalsTable, id: string, letter: DeadLetter): Promise<void> {
  const { client, table, now } = signals;
  await client.send(new PutItemCommand({ TableName: table, Item: itemOf('dead', id, letter, now()) }));
  await client.send(new DeleteItemCommand({ TableName: table, Key: keyOf(id, keyed('retry', letter.signal.number)) }));
}

/** Signals that were given up, in order of their numbers. */
export async function readDead(signals: SignalsTable, id: string): Promise<readonly DeadLetter[]> {
  const found: DeadLetter[] = [];
  const range = { from: keyed('dead', 0), to: endOf('dead') };
  for await (const item of readItems(signals, id, range)) if (item.signal !== undefined) found.push(deadOf(item));
  return found;
}

/** Puts every dead letter among what is to be sent, at once. @returns how many; who calls wakes the subscription */
export async function redrive(signals: SignalsTable, id: string): Promise<number> {
  const nowMs = signals.now();
  const letters = await readDead(signals, id);
  const again = letters.map(({ signal }) => ({ signal, attempts: 0, since: nowMs, nextAt: nowMs }));
  await toRetry(signals, id, again);
  await writeAll(
    signals,
    letters.map(({ signal }) => ({ DeleteRequest: { Key: keyOf(id, keyed('dead', signal.number)) } })),
  );
  if (letters.length > 0) await updateState(signals, id, DISTURBED);
  return letters.length;
}

/** Keeps what cannot be read, so that nothing is lost: who mends the code can bring it in again. @param name of it, the same each time */
export async function keepUnreadable(signals: SignalsTable, id: string, name: string, body: string): Promise<void> {
  const { client, table, now } = signals;
  const Item = {
    ...keyOf(id, `dead#unreadable#${name}`),
    body: pack(body.slice(0, MOST_CHARACTERS)),
    expiresAt: expiryAt(now()),
  };
  await client.send(new PutItemCommand({ TableName: table, Item }));
}

/** More than a message of EventBridge has. */
const MOST_CHARACTERS = 1_000_000;

/** How many signals of each kind there are. */
export async function count({ client, table, now }: SignalsTable, id: string, kind: 'retry' | 'dead'): Promise<number> {
  let found = 0;
  let start: Item | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: '#of = :of AND begins_with(#item, :kind)',
        FilterExpression: 'expiresAt > :now',
        ExpressionAttributeNames: { '#of': 'of', '#item': 'item' },
        ExpressionAttributeValues: {
          ':of': { S: id },
          ':kind': { S: `${kind}#` },
          ':now': { N: String(Math.floor(now() / 1000)) },
        },
        Select: 'COUNT',
        ExclusiveStartKey: start,
      }),
    );
    found += page.Count ?? 0;
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return found;
}

async function writeAll({ client, table }: SignalsTable, writes: readonly WriteRequest[]): Promise<void> {
  for (let at = 0; at < writes.length; at += MAX_WRITES) {
    let left: WriteRequest[] = writes.slice(at, at + MAX_WRITES);
    await trying(
      async () => {
        const { UnprocessedItems } = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: left } }));
        left = UnprocessedItems?.[table] ?? [];
        if (left.length > 0) throw new Unprocessed();
      },
      (error) => error instanceof Unprocessed,
    );
  }
}

class Unprocessed extends Error {
  override readonly name = 'Unprocessed';
  readonly code = 'unprocessed';
}
