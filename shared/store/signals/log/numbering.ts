import { createHash } from 'node:crypto';
import {
  type AttributeValue,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { NumberedSignal, Signal } from '../../../signals/signal.ts';
import type { Subscription } from '../../../signals/subscription.ts';
import {
  endOf,
  expiryAt,
  type Item,
  isKept,
  keyed,
  keyOf,
  MOST_BYTES,
  MOST_NUMBERED,
  numberOfKey,
  pack,
  type SignalsTable,
  STATE,
  waitingOf,
} from './items.ts';
import { readPlaces } from './reading.ts';
import { type LogState, readState } from './state.ts';
import { trying } from './trying.ts';

/**
 * Decides now, by the records as they stand, which signals an organisation may hear.
 * @returns an answer for each, in their order
 * @throws Error when it cannot be known: then nothing is told
 */
export type MayHear = (organisation: string, signals: readonly Signal[]) => Promise<readonly boolean[]>;

/** What has got its number. */
export interface Numbered {
  readonly signals: readonly NumberedSignal[];
  /** How many were dropped: they may not be heard, or were numbered before. */
  readonly dropped: number;
  /** What the state said of arrivals before it was looked for what waits. */
  readonly arrivals: number;
  /** Whether there may be more. */
  readonly more: boolean;
  /** The number after which they were given. */
  readonly after: number;
}

/** How many ids are remembered, of how many bytes each: what the bus tells twice, it tells soon after. */
const LATELY = 48;
const SHORT_BYTES = 8;

/**
 * Gives the next numbers to what waits and may be heard: what was read, what is told, and the last number change together, so that numbers
 * have no gap and no signal has two, whoever else does the same at the same time.
 * @param known where it was just read: others who number meanwhile are noticed all the same
 */
export function number(
  signals: SignalsTable,
  { id, organisation }: Pick<Subscription, 'id' | 'organisation'>,
  mayHear: MayHear,
  known?: Known,
): Promise<Numbered> {
  let first = known;
  return trying(async () => {
    const { state, waiting } = first ?? (await readAgain(signals, id));
    first = undefined;
    return numberOnce(signals, { id, organisation }, mayHear, state, waiting);
  }, isRace);
}

/** Where a log stands, and the items that wait, in their order. */
export interface Known {
  readonly state: LogState;
  readonly waiting: Iterable<Item> | AsyncIterable<Item>;
}

async function readAgain(signals: SignalsTable, id: string): Promise<Known> {
  const state = await readState(signals, id);
  const range = { from: keyed('pending', state.takenTo + 1), to: endOf('pending'), limit: MOST_NUMBERED };
  return { state, waiting: readPlaces(signals, id, range) };
}

const isRace = (error: unknown): boolean =>
  error instanceof TransactionCanceledException &&
  (error.CancellationReasons ?? []).some(({ Code }) => Code === 'ConditionalCheckFailed' || Code === 'TransactionConflict');

async function numberOnce(
  signals: SignalsTable,
  { id, organisation }: Pick<Subscription, 'id' | 'organisation'>,
  mayHear: MayHear,
  state: LogState,
  items: Known['waiting'],
): Promise<Numbered> {
  const { waiting, takenTo, more } = await take(items, state.takenTo, signals.now());
  const { arrivals, lastNumber: after } = state;
  if (takenTo === state.takenTo) return { signals: [], dropped: 0, arrivals, more, after };
  const news = unheard(waiting, state.lately);
  const may = news.length === 0 ? [] : await mayHear(organisation, news);
  if (may.length !== news.length) throw new Error('who may hear was not decided for every signal');
  const told = news.filter((_, index) => may[index] === true);
  await write(signals, id, state, takenTo, told);
  return { signals: numberedAfter(state, told), dropped: waiting.length - told.length, arrivals, more, after };
}

/** The signals that have waited longest, by whole items; those that are no longer kept are passed over. */
async function take(items: Known['waiting'], after: number, nowMs: number) {
  const waiting: Signal[] = [];
  let looked = 0;
  let [takenTo, bytes, more] = [after, 0, false];
  for await (const item of items) {
    looked++;
    const group = isKept(nowMs)(item) ? waitingOf(item) : [];
    bytes += Buffer.byteLength(JSON.stringify(group));
    more = takenTo > after && (waiting.length + group.length > MOST_NUMBERED || bytes > MOST_BYTES);
    if (more) break;
    waiting.push(...group);
    takenTo = numberOfKey(item);
  }
  return { waiting, takenTo, more: more || waiting.length >= MOST_NUMBERED || looked >= MOST_NUMBERED };
}

/** What is told again from the archive is told again; everything else once. */
export function unheard(waiting: readonly Signal[], lately: Uint8Array): readonly Signal[] {
  const heard = new Set(shortIds(lately));
  return waiting.filter((signal) => {
    const name = shortId(signal);
    if (heard.has(name)) return false;
    heard.add(name);
    return true;
  });
}

/** A replay is known by its own name, so that it too is told once. */
const shortId = ({ event, replay = '' }: Signal): string =>
  createHash('sha256')
    .update(`${event.id}#${replay}`)
    .digest('hex')
    .slice(0, 2 * SHORT_BYTES);

const shortIds = (lately: Uint8Array): string[] =>
  Array.from({ length: lately.byteLength / SHORT_BYTES }, (_, index) =>
    Buffer.from(lately.subarray(index * SHORT_BYTES, (index + 1) * SHORT_BYTES)).toString('hex'),
  );

/** Signals with the numbers that follow the last. */
export const numberedAfter = ({ lastNumber }: LogState, told: readonly Signal[]): readonly NumberedSignal[] =>
  told.map((signal, index) => ({ ...signal, number: lastNumber + 1 + index }));

/** The item that holds them. */
export const toldItem = (id: string, { lastNumber }: LogState, told: readonly Signal[], nowMs: number): Item => ({
  ...keyOf(id, keyed('told', lastNumber + 1)),
  signals: pack(told),
  expiresAt: expiryAt(nowMs),
});

/** What is remembered of what was numbered, once they are. */
export const latelyAfter = ({ lately }: LogState, told: readonly Signal[]): Uint8Array =>
  Buffer.from([...shortIds(lately), ...told.map(shortId)].slice(-LATELY).join(''), 'hex');

async function write(
  { client, table, now }: SignalsTable,
  id: string,
  state: LogState,
  takenTo: number,
  told: readonly Signal[],
): Promise<void> {
  const puts: TransactWriteItem[] =
    told.length === 0 ? [] : [{ Put: { TableName: table, Item: toldItem(id, state, told, now()) } }];
  const values: Record<string, AttributeValue> = {
    ':before': { N: String(state.takenTo) },
    ':given': { N: String(state.lastNumber) },
    ':none': { N: '0' },
    ':taken': { N: String(takenTo) },
    ':last': { N: String(state.lastNumber + told.length) },
    ':lately': { B: latelyAfter(state, told) },
  };
  const Update = {
    TableName: table,
    Key: keyOf(id, STATE),
    UpdateExpression: 'SET takenTo = :taken, lastNumber = :last, lately = :lately REMOVE idleAt',
    // What is told at once gets numbers too, and takes nothing that waited.
    ConditionExpression:
      '(takenTo = :before OR (attribute_not_exists(takenTo) AND :before = :none)) AND (lastNumber = :given OR (attribute_not_exists(lastNumber) AND :given = :none))',
    ExpressionAttributeValues: values,
  };
  await client.send(new TransactWriteItemsCommand({ TransactItems: [...puts, { Update }] }));
}
