import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { NumberedSignal, Signal } from '../../../signals/signal.ts';

/** The Signals table, a client that may use it, and what time it is. */
export interface SignalsTable {
  readonly client: DynamoDBClient;
  /** Partition key `of` (the subscription), sort key `item`. */
  readonly table: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export type Item = Record<string, AttributeValue>;

/** Days for which signals are kept: that long a subscriber can catch up by their numbers. */
export const SIGNAL_DAYS = 30;
/** Signals of one item that waits: as many as SQS hands over at once. */
export const MOST_APPENDED = 10;
/** Signals that get their numbers at once. */
export const MOST_NUMBERED = 100;
/** Of the JSON of one item, which shrinks to a tenth before it is written: an item holds 400 kB. */
export const MOST_BYTES = 300_000;

export const STATE = 'state';
const DAY_MS = 86_400_000;

/** Sort keys hold numbers as 12 digits, so that their order is that of the numbers. */
export const keyed = (kind: 'pending' | 'told' | 'retry' | 'dead', number: number): string =>
  `${kind}#${String(number).padStart(12, '0')}`;

/** After every sort key of a kind. */
export const endOf = (kind: string): string => `${kind}#~`;

export const numberOfKey = (item: Item): number => Number(item.item?.S?.split('#')[1]);

export const keyOf = (of: string, item: string): Item => ({ of: { S: of }, item: { S: item } });

/** Seconds since the epoch at which something of now is no longer kept. */
export const expiryAt = (nowMs: number): AttributeValue => ({ N: String(Math.ceil((nowMs + SIGNAL_DAYS * DAY_MS) / 1000)) });

/** The table's time to live removes items some time after they expire: until then nobody reads them either. */
export const isKept =
  (nowMs: number) =>
  ({ expiresAt }: Item): boolean =>
    expiresAt?.N === undefined || Number(expiresAt.N) * 1000 > nowMs;

/** The form of what follows it. */
const ZSTD_JSON = 1;
const COMPRESSION = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

/** JSON in a zstd frame, behind one byte that says so. Signals repeat each other: ten take little more than one. */
export const pack = (value: unknown): AttributeValue.BMember => ({
  B: Buffer.concat([Buffer.of(ZSTD_JSON), zstdCompressSync(Buffer.from(JSON.stringify(value)), COMPRESSION)]),
});

/** @throws Error on a form that this code does not know: newer code wrote it, and it must not be guessed at */
export function unpack<T>(packed: AttributeValue | undefined): T {
  const bytes = packed?.B;
  if (bytes?.[0] !== ZSTD_JSON) throw new Error('signals were written in a form that is not known here');
  return JSON.parse(zstdDecompressSync(bytes.subarray(1)).toString()) as T;
}

/** Signals that wait, of one item. */
export const waitingOf = (item: Item): readonly Signal[] => unpack<readonly Signal[]>(item.signals);

/** Signals that have their numbers, of one item: the first stands in its key, the others follow it. */
export function toldOf(item: Item): readonly NumberedSignal[] {
  const first = numberOfKey(item);
  return unpack<readonly Signal[]>(item.signals).map((signal, index) => ({ ...signal, number: first + index }));
}

/** Cuts signals, in their order, into groups that an item holds. */
export function cut(signals: readonly Signal[], most: number): readonly (readonly Signal[])[] {
  const groups: Signal[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const signal of signals) {
    const size = Buffer.byteLength(JSON.stringify(signal));
    const last = groups.at(-1);
    if (last === undefined || last.length === most || bytes + size > MOST_BYTES) {
      groups.push([signal]);
      bytes = size;
    } else {
      last.push(signal);
      bytes += size;
    }
  }
  return groups;
}
