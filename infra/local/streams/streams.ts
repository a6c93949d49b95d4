import type { EngineCalls } from '../engine/call.ts';
import { type EngineFile, MOST_AT_ONCE } from '../engine/engine-file.ts';
import type { TableDescription } from '../engine/tables.ts';
import { authorise, type Demand } from '../iam/authorise.ts';
import type { Principal } from '../iam/model.ts';
import type { Policies } from '../iam/policies.ts';
import type { Queues } from '../queues/queues.ts';
import { type Place, type ResolvedResource, resourcesOf, UnsupportedTemplate } from '../resource.ts';
import type { Room } from '../room/room.ts';
import { isOfQueue } from '../sources/mapping.ts';
import type { Checkpoints } from './checkpoints.ts';
import { type Consumer, type ConsumerParts, startConsumer } from './consumer.ts';
import { failureRecord } from './failure-record.ts';
import { type Mapping, readMapping } from './mapping.ts';
import { createStreamReader, type StreamReader } from './stream-reader.ts';

/** Everything that consumes streams of tables. */
export interface Streams {
  /** Tells that a table was written to. */
  wake(table: string): void;
  stop(): Promise<void>;
}

interface StreamsParts {
  readonly resources: readonly ResolvedResource[];
  readonly tables: readonly TableDescription[];
  readonly calls: EngineCalls;
  /** Absent where the engine's file is not known: its stream records are then its own affair. */
  readonly engineFile: EngineFile | undefined;
  readonly checkpoints: Checkpoints;
  readonly queues: Queues;
  readonly policies: Policies;
  readonly place: Place;
  /** Who a function is when it calls. */
  readonly principalOf: (functionArn: string) => Principal;
  readonly invoke: (functionArn: string, event: unknown) => Promise<unknown>;
  readonly room: Room;
  readonly report: (error: unknown) => void;
  readonly now?: () => number;
  readonly backOffMs?: (attempt: number) => number;
}

/** DynamoDB keeps what is in a stream for a day. */
const KEPT_MS = 24 * 60 * 60 * 1000;
const TRIM_EVERY_MS = 5_000;
const LAMBDA = 'lambda.amazonaws.com';

/** Doubled with every attempt, and never longer than half a minute. */
const defaultBackOff = (attempt: number): number => Math.min(30_000, 200 * 2 ** (attempt - 1));

/**
 * Starts every event source mapping of the template.
 *
 * @throws UnsupportedTemplate when a mapping has something that is not played, or its function may not do what Lambda does in its name
 */
export async function startStreams(parts: StreamsParts): Promise<Streams> {
  const { resources, tables, checkpoints, report } = parts;
  const functions = new Map(
    resourcesOf(resources, 'AWS::Lambda::Function').map(({ ref, attributes }) => [ref, attributes.Arn ?? '']),
  );
  const mappings = resourcesOf(resources, 'AWS::Lambda::EventSourceMapping')
    .filter((resource) => !isOfQueue(resource))
    .flatMap((resource) => readMapping(resource, functions) ?? []);
  const streams = new Map(
    tables.flatMap((table) => (table.streamArn === undefined ? [] : [[table.streamArn, openStream(table, parts)] as const])),
  );
  for (const mapping of mappings) {
    const stream = streams.get(mapping.sourceArn);
    if (stream === undefined)
      throw new UnsupportedTemplate(`${mapping.logicalId}.EventSourceArn`, 'no table of the template has this stream');
    assertAllowed(mapping, stream.table, parts);
    const start = await startOf(mapping, stream.reader, checkpoints);
    stream.consumers.set(mapping, startConsumer(start, consumerParts(mapping, stream, parts)));
  }
  const trimming = setInterval(() => {
    try {
      for (const stream of streams.values()) trim(stream, parts);
    } catch (error) {
      report(error);
    }
  }, TRIM_EVERY_MS).unref();
  const byTable = new Map([...streams.values()].map((stream) => [stream.table.name, [...stream.consumers.values()]]));
  const consumers = [...byTable.values()].flat();
  return {
    wake(table) {
      for (const consumer of byTable.get(table) ?? []) consumer.wake();
    },
    async stop() {
      clearInterval(trimming);
      await Promise.all(consumers.map((consumer) => consumer.stop()));
    },
  };
}

interface Stream {
  readonly table: TableDescription;
  readonly arn: string;
  readonly reader: StreamReader;
  readonly consumers: Map<Mapping, Consumer>;
}

function openStream(table: TableDescription, { calls, place }: StreamsParts): Stream {
  const arn = table.streamArn!;
  const reader = createStreamReader({ calls, table: table.name, streamArn: arn, region: place.region });
  return { table, arn, reader, consumers: new Map() };
}

/** Where a mapping goes on. An engine whose newest record is older than that has begun anew: so does the mapping. */
async function startOf({ id, startsAt }: Mapping, reader: StreamReader, checkpoints: Checkpoints): Promise<bigint> {
  const position = checkpoints.position(id);
  const newest = await reader.newest();
  if (position !== undefined) {
    if (newest === undefined || newest >= position) return position;
    // The engine compares sequence numbers as text: of 1 to 100 it says that 99 is the newest. What was dealt with last tells for certain.
    return (await reader.read(position - 1n)).length > 0 ? position : 0n;
  }
  const start = startsAt === 'LATEST' ? (newest ?? 0n) : 0n;
  checkpoints.keep(id, start);
  return start;
}

function consumerParts(mapping: Mapping, stream: Stream, parts: StreamsParts): ConsumerParts {
  const { checkpoints, queues, room, invoke, report, now = Date.now, backOffMs = defaultBackOff } = parts;
  return {
    mapping,
    reader: stream.reader,
    checkpoints,
    partitionKey: stream.table.keys.find(({ KeyType }) => KeyType === 'HASH')!.AttributeName,
    async invoke(entries, signal) {
      await room.writable(signal);
      signal.throwIfAborted();
      return invoke(mapping.functionArn, { Records: entries.map(({ record }) => record) });
    },
    async giveUp(entries, condition, attempts, failure) {
      // What fails for lack of room is begun again until there is some: nothing is wrong with the records.
      if (room.state !== 'enough') throw new ShortOfRoom();
      checkpoints.giveUp(stream.arn, { from: entries[0]!.sequence, to: entries.at(-1)!.sequence }, now());
      if (mapping.onFailureArn === undefined) return;
      const { functionArn } = mapping;
      const shardId = `shardId-00000001-${stream.table.name}`;
      const facts = { functionArn, streamArn: stream.arn, shardId, entries, condition, attempts, failure, now: new Date(now()) };
      await queues.send(mapping.onFailureArn, { body: JSON.stringify(failureRecord(facts)), sender: LAMBDA });
    },
    now,
    backOffMs,
    report,
  };
}

class ShortOfRoom extends Error {
  override readonly name = 'ShortOfRoom';
}

/** Lambda reads streams, and sends what failed, in the name of the function: without the grants the mapping cannot be made. */
function assertAllowed(mapping: Mapping, table: TableDescription, { queues, policies, principalOf, place }: StreamsParts): void {
  const onStream = ['DescribeStream', 'GetRecords', 'GetShardIterator'].map((action) => ({
    action: `dynamodb:${action}`,
    resource: mapping.sourceArn,
  }));
  const throughDynamoDb = { 'kms:ViaService': `dynamodb.${place.region}.amazonaws.com`, 'kms:CallerAccount': place.account };
  const decrypt = table.encryptionKey && { action: 'kms:Decrypt', resource: table.encryptionKey, context: throughDynamoDb };
  const send = mapping.onFailureArn === undefined ? [] : queues.sendDemands(queues.queue(mapping.onFailureArn));
  const demands: readonly Demand[] = [...onStream, ...(decrypt ? [decrypt] : []), ...send];
  const principal = principalOf(mapping.functionArn);
  for (const demand of demands)
    if (authorise(principal, demand, policies) !== 'allowed')
      throw new UnsupportedTemplate(
        mapping.logicalId,
        `${principal.arn} may not ${demand.action} on ${demand.resource}, which the mapping needs`,
      );
}

/** Stream records that every mapping has dealt with are deleted, a few at a time; those that were given up stay for a day. */
function trim({ table, arn, consumers }: Stream, { engineFile, checkpoints, now = Date.now }: StreamsParts): void {
  if (engineFile === undefined) return;
  const positions = [...consumers.values()].map(({ position }) => position);
  const upTo =
    positions.length === 0 ? MOST_SEQUENCE : positions.reduce((least, position) => (position < least ? position : least));
  const kept = checkpoints.givenUp(arn, now() - KEPT_MS);
  for (let round = 0; round < MOST_ROUNDS; round++) if (engineFile.trim(table.name, upTo, kept) < MOST_AT_ONCE) return;
}

/** SQLite's largest integer. */
const MOST_SEQUENCE = 2n ** 63n - 1n;
/** Each round locks the engine's file anew: writers get in between. */
const MOST_ROUNDS = 4;
