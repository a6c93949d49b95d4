import { randomBytes } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { runAtOnce } from '../concurrency/steps.ts';
import { type Fold, foldContributions } from '../record/fold.ts';
import type { Subject } from '../record/identity.ts';
import { LEASE_MS } from './folds.ts';
import { type Item, itemBytes, parseContributionKey, slotItem, toHistory } from './table/items.ts';
import { baseOf, contributionsAfter, type Partition } from './table/partition.ts';
import { readPartition, type Table } from './table/reading.ts';
import { generationOf, itemsOfSnapshot, sequenceOfGeneration } from './table/snapshots.ts';

/** When a tail is worth a snapshot. */
export interface CompactionBounds {
  /** A shorter tail is cheap to fold. */
  readonly contributions: number;
  /** A snapshot is not written again before the tail has this share of its bytes: so what is written for snapshots stays in proportion. */
  readonly shareOfSnapshot: number;
  /** Past this many contributions the tail is folded whatever its bytes: decompressing each takes time. */
  readonly mostContributions: number;
  /** A tail of so many bytes is looked at however few its contributions … */
  readonly largeTailBytes: number;
  /** … and folded when this share of its versions is no longer current (whole extracts that keep changing). */
  readonly superseded: number;
}

export const BOUNDS: CompactionBounds = {
  contributions: 32,
  shareOfSnapshot: 0.25,
  mostContributions: 128,
  largeTailBytes: 256 * 1024,
  superseded: 0.5,
};

/** What a compaction did: the sequence number of the snapshot that it put in force, how many contributions it moved. */
export interface Compacted {
  readonly snapshot?: number;
  readonly moved: number;
}

export interface CompactorOptions {
  readonly client: DynamoDBClient;
  /** Name of the Record table. */
  readonly table: string;
  readonly now?: () => Date;
  readonly bounds?: CompactionBounds;
  readonly leaseMs?: number;
}

/**
 * Makes a subject's record short to read again. May be stopped anywhere, and run by several at once: whatever one leaves, the next completes
 * (docs/decisions/0004-slots-and-marker.md).
 */
export type Compact = (subject: Subject) => Promise<Compacted>;

export function createCompactor(options: CompactorOptions): Compact {
  const { client, table: name, now = () => new Date(), bounds = BOUNDS, leaseMs = LEASE_MS } = options;
  const table: Table = { client, table: name };
  return async (subject) => {
    const partition = await readPartition(table, subject);
    const base = runAtOnce(baseOf(partition));
    if (base === 'torn') return { moved: 0 }; // Another one has just finished.
    const tail = runAtOnce(contributionsAfter(partition, base.sequence));
    if (tail === 'torn') return { moved: 0 };
    const fold = foldContributions(base, tail);
    const isDue = isWorthASnapshot(measure(partition, base, fold, tail.flatMap(({ fragments }) => fragments).length), bounds);
    const snapshot = isDue && (await publish(table, fold)) ? fold.sequence : undefined;
    const covered = snapshot ?? base.sequence;
    await removeStaleParts(table, partition, covered, snapshot === undefined ? partition.marker?.generation : undefined);
    const seconds = Math.ceil(now().getTime() / 1000);
    const moved = await move(table, partition, covered, seconds + leaseMs / 1000);
    await removeLeftovers(table, partition, covered, seconds);
    return { ...(snapshot === undefined ? {} : { snapshot }), moved };
  };
}

/** What decides whether a tail is worth a snapshot. */
interface Measure {
  readonly contributions: number;
  readonly tailBytes: number;
  readonly snapshotBytes: number;
  /** Share of the tail's versions that are not current. */
  readonly superseded: number;
}

function measure(partition: Partition, base: Fold, fold: Fold, versions: number): Measure {
  const tail = partition.contributions.filter(({ sequence }) => sequence > base.sequence);
  const current = [...fold.fragments.values()].filter(({ sequence }) => sequence > base.sequence).length;
  return {
    contributions: tail.length,
    tailBytes: bytesOf(tail.flatMap(({ items }) => items)),
    snapshotBytes: bytesOf(partition.snapshotParts.map(({ item }) => item)),
    superseded: versions === 0 ? 0 : 1 - current / versions,
  };
}

const bytesOf = (items: readonly Item[]): number => items.reduce((sum, item) => sum + itemBytes(item), 0);

/** A single contribution never is, however large: its snapshot would be no shorter. */
export function isWorthASnapshot(measured: Measure, bounds: CompactionBounds): boolean {
  const { contributions, tailBytes, snapshotBytes, superseded } = measured;
  if (tailBytes >= bounds.largeTailBytes && superseded >= bounds.superseded) return true;
  if (contributions < bounds.contributions) return false;
  return contributions >= bounds.mostContributions || tailBytes >= snapshotBytes * bounds.shareOfSnapshot;
}

/** Writes a snapshot under a name of its own, then puts it in force unless a later one is. */
async function publish({ client, table }: Table, fold: Fold): Promise<boolean> {
  const { parts, marker } = itemsOfSnapshot(fold, generationOf(fold.sequence, randomBytes(5).toString('hex')));
  await inGroups(parts, (Item) => client.send(new PutItemCommand({ TableName: table, Item })));
  const isNewer = {
    ConditionExpression: 'attribute_not_exists(#item) OR #sequence < :sequence',
    ExpressionAttributeNames: { '#item': 'item', '#sequence': 'sequence' },
    ExpressionAttributeValues: { ':sequence': { N: String(fold.sequence) } },
  };
  try {
    await client.send(
      new PutItemCommand({ TableName: table, Item: marker, ...isNewer, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
    );
    return true;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    // The client sends again when an answer is lost; what then stands in the way is our own marker, and its parts must stay.
    if (error.Item?.generation?.S === marker.generation!.S) return true;
    await inGroups(parts, (item) => remove({ client, table }, item));
    return false;
  }
}

/**
 * Deletes what earlier snapshots, and compactors that were stopped, have left. A generation that is newer than what is in force may be on its way.
 * @param inForce generation to keep, where it was there before.
 */
async function removeStaleParts(table: Table, partition: Partition, covered: number, inForce: string | undefined): Promise<void> {
  const stale = partition.snapshotParts.filter(
    ({ generation }) => generation !== inForce && sequenceOfGeneration(generation) <= covered,
  );
  await inGroups(stale, ({ item }) => remove(table, item));
}

/**
 * Moves what a snapshot covers to the history partition: everything is copied before anything is removed, so each is always in one of the two.
 * An empty slot stays in its place for as long as somebody who does not know of it may want to write under its number.
 */
async function move({ client, table }: Table, partition: Partition, covered: number, expiresAt: number): Promise<number> {
  const { subject } = partition;
  const due = partition.contributions.filter(({ sequence }) => sequence <= covered);
  const put = (Item: Item) => client.send(new PutItemCommand({ TableName: table, Item }));
  await inGroups(
    due.flatMap(({ items }) => items.map((item) => toHistory(subject, item))),
    put,
  );
  await inGroups(
    due.map(({ sequence }) => slotItem(subject, sequence, expiresAt)),
    put,
  );
  await inGroups(
    due.flatMap(({ items }) => items.slice(1)),
    (item) => remove({ client, table }, item),
  );
  return due.length;
}

/** Deletes slots that nobody can want any more, and what a compactor that was stopped left of contributions with several items. */
async function removeLeftovers(table: Table, { slots, strays }: Partition, covered: number, now: number): Promise<void> {
  const isCovered = (item: Item) => parseContributionKey(item.item!.S!)!.sequence <= covered;
  const expired = slots.filter(({ expiresAt }) => expiresAt <= now).map(({ item }) => item);
  await inGroups([...expired, ...strays.filter(isCovered)], (item) => remove(table, item));
}

const remove = ({ client, table }: Table, { subject, item }: Item) =>
  client.send(new DeleteItemCommand({ TableName: table, Key: { subject: subject!, item: item! } }));

/** Requests that run side by side. */
const GROUP = 8;

async function inGroups<T>(values: readonly T[], send: (value: T) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < values.length; at += GROUP) await Promise.all(values.slice(at, at + GROUP).map(send));
}
