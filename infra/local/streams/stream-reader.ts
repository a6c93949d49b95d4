import { type EngineCalls, EngineRefusal } from '../engine/call.ts';
import type { Entry, StreamRecord } from './record.ts';

/** Reads the stream of one table. */
export interface StreamReader {
  /** Records after a sequence number, oldest first; none when there are none yet. */
  read(after: bigint): Promise<readonly Entry[]>;
  /** The newest sequence number that the engine admits to. */
  newest(): Promise<bigint | undefined>;
}

interface Shard {
  readonly ShardId: string;
  readonly SequenceNumberRange: { readonly StartingSequenceNumber?: string; readonly EndingSequenceNumber?: string };
}

interface Page {
  readonly Records?: readonly Omit<StreamRecord, 'eventSourceARN'>[];
  readonly NextShardIterator?: string;
}

interface ReaderOptions {
  readonly calls: EngineCalls;
  readonly table: string;
  /** As functions know the stream. */
  readonly streamArn: string;
  readonly region: string;
}

/** Records asked for at a time: the most that DynamoDB Streams gives. */
const PAGE = 1000;

/** What several readers of the same stream share, so that the newest records are fetched once. */
const WINDOW_BYTES = 16 * 1024 * 1024;

export function createStreamReader({ calls, table, streamArn, region }: ReaderOptions): StreamReader {
  let window: Entry[] = [];
  let windowBytes = 0;
  /** The window holds every record after this one and up to its end. */
  let windowAfter: bigint | undefined;
  let fetching: { readonly after: bigint; readonly page: Promise<readonly Entry[]> } | undefined;
  let engineArn: string | undefined;
  /** Where the page after the last one begins: whoever has read all asks for no more than that. */
  let next: { readonly after: bigint; readonly shardIterator: string } | undefined;

  const shards = async (): Promise<readonly Shard[]> => {
    engineArn ??= await findStream(calls, table);
    const { StreamDescription } = await calls.call<{ StreamDescription: { Shards?: readonly Shard[] } }>(
      'DynamoDBStreams.DescribeStream',
      { StreamArn: engineArn },
    );
    return StreamDescription.Shards ?? [];
  };

  const fetch = async (after: bigint): Promise<readonly Entry[]> => {
    if (next?.after === after) {
      const { shardIterator } = next;
      next = undefined;
      const page = await readPage(shardIterator, after).catch(unlessGone);
      // An iterator that is too old, or a shard that was closed: then all shards are looked at.
      if (page !== undefined && (page.length > 0 || next !== undefined)) return page;
    }
    const all = await shards();
    for (const [index, shard] of all.entries()) {
      if (index < all.length - 1 && isBehind(shard, after)) continue;
      const records = await fetchShard(shard.ShardId, after);
      // A closed shard that has nothing more to say is followed by the next one.
      if (records.length > 0 || index === all.length - 1) return records;
    }
    return [];
  };

  const fetchShard = async (ShardId: string, after: bigint): Promise<readonly Entry[]> => {
    return readPage(await iterator(ShardId, after), after);
  };

  const readPage = async (ShardIterator: string, after: bigint): Promise<readonly Entry[]> => {
    const page = await calls.call<Page>('DynamoDBStreams.GetRecords', { ShardIterator, Limit: PAGE });
    const entries = (page.Records ?? [])
      .map((record) => toEntry({ ...record, awsRegion: region, eventSourceARN: streamArn }))
      .filter(({ sequence }) => sequence > after);
    const shardIterator = page.NextShardIterator;
    next = shardIterator === undefined ? undefined : { after: entries.at(-1)?.sequence ?? after, shardIterator };
    return entries;
  };

  const iterator = async (ShardId: string, after: bigint): Promise<string> => {
    const ask = async (position: object) =>
      (
        await calls.call<{ ShardIterator: string }>('DynamoDBStreams.GetShardIterator', {
          StreamArn: engineArn,
          ShardId,
          ...position,
        })
      ).ShardIterator;
    if (after === 0n) return ask({ ShardIteratorType: 'TRIM_HORIZON' });
    try {
      return await ask({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: String(after) });
    } catch (error) {
      // It belongs to a shard before this one, or is no longer there.
      if (error instanceof EngineRefusal && /^(TrimmedDataAccess|Validation)Exception$/.test(error.code))
        return ask({ ShardIteratorType: 'TRIM_HORIZON' });
      throw error;
    }
  };

  const endOfWindow = (): bigint | undefined => window.at(-1)?.sequence ?? windowAfter;

  const extend = async (after: bigint): Promise<readonly Entry[]> => {
    const page = await fetch(after);
    // Another reader, at another place in the stream, may have been quicker: a window with a gap would hide records from whoever comes there.
    if ((endOfWindow() ?? after) !== after) return page;
    windowAfter ??= after;
    window.push(...page);
    for (const { bytes } of page) windowBytes += bytes;
    let dropped = 0;
    while (windowBytes > WINDOW_BYTES && dropped < window.length) windowBytes -= window[dropped++]!.bytes;
    if (dropped > 0) {
      windowAfter = window[dropped - 1]!.sequence;
      window = window.slice(dropped);
    }
    return page;
  };

  return {
    async read(after) {
      const end = endOfWindow();
      if (windowAfter !== undefined && end !== undefined && after >= windowAfter && after < end)
        return window.slice(firstAfter(window, after));
      if (end !== undefined && after !== end) return fetch(after);
      if (fetching?.after !== after) {
        const page = extend(after).finally(() => {
          fetching = undefined;
        });
        fetching = { after, page };
      }
      return fetching.page;
    },
    async newest() {
      const newest = (await shards()).at(-1)?.SequenceNumberRange.EndingSequenceNumber;
      return newest === undefined ? undefined : BigInt(newest);
    },
  };
}

function unlessGone(error: unknown): undefined {
  if (!(error instanceof EngineRefusal)) throw error;
}

async function findStream(calls: EngineCalls, TableName: string): Promise<string> {
  const { Table } = await calls.call<{ Table: { LatestStreamArn?: string } }>('DynamoDB.DescribeTable', { TableName });
  if (Table.LatestStreamArn === undefined) throw new Error(`the engine keeps no stream of the table ${TableName}`);
  return Table.LatestStreamArn;
}

const isBehind = ({ SequenceNumberRange }: Shard, after: bigint): boolean =>
  SequenceNumberRange.EndingSequenceNumber !== undefined && BigInt(SequenceNumberRange.EndingSequenceNumber) <= after;

/** Images are base64 in JSON: about half as large again as the engine counts. */
const toEntry = (record: StreamRecord): Entry => ({
  sequence: BigInt(record.dynamodb.SequenceNumber),
  bytes: Math.ceil(record.dynamodb.SizeBytes * 1.5) + 500,
  record,
});

function firstAfter(entries: readonly Entry[], after: bigint): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle]!.sequence <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}
