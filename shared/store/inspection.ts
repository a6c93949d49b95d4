import { runAtOnce } from '../concurrency/steps.ts';
import type { Contribution } from '../record/contribution.ts';
import type { Fold } from '../record/fold.ts';
import type { Subject } from '../record/identity.ts';
import { type ContributionItems, contributionOf, historyOf, itemBytes, type Slot } from './table/items.ts';
import { foldOf, type Partition } from './table/partition.ts';
import { readPartition, type Table } from './table/reading.ts';

/** A contribution, and what keeping it takes. */
export interface KeptContribution {
  readonly contribution: Contribution;
  readonly items: number;
  /** Size of its items as DynamoDB counts it. */
  readonly bytes: number;
}

/** Everything that the table holds of one subject. */
export interface Inspection {
  readonly subject: Subject;
  readonly fold: Fold;
  /** In the live partition: the tail, and what compaction has covered but not moved. */
  readonly live: readonly KeptContribution[];
  /** Numbers kept taken after their contribution has moved. */
  readonly slots: readonly Slot[];
  /** The snapshot in force. */
  readonly snapshot?: { readonly sequence: number; readonly generation: string; readonly parts: number; readonly bytes: number };
  /** Parts of other snapshots: left by a compaction that was stopped, until the next one. */
  readonly staleParts: number;
  readonly history: readonly KeptContribution[];
  readonly liveBytes: number;
  readonly historyBytes: number;
}

/**
 * Reads both partitions of a subject as they are stored, for whoever operates the system.
 * @throws Error when the live partition does not fold, which is worth an incident.
 */
export async function inspect(table: Table, subject: Subject): Promise<Inspection> {
  const partition = await readPartition(table, subject);
  const history = await readPartition(table, historyOf(subject));
  const fold = await foldOf(partition);
  if (fold === 'torn') throw new Error('the live partition cannot be folded: look again, it may just be written');
  return {
    subject,
    fold,
    live: keptOf(subject, partition),
    slots: partition.slots,
    ...snapshotOf(partition),
    staleParts: partition.snapshotParts.filter(({ generation }) => generation !== partition.marker?.generation).length,
    history: keptOf(subject, history),
    liveBytes: partition.bytes,
    historyBytes: history.bytes,
  };
}

const keptOf = (subject: Subject, { contributions }: Partition): KeptContribution[] =>
  contributions.map((each: ContributionItems) => ({
    contribution: runAtOnce(contributionOf(subject, each)),
    items: each.items.length,
    bytes: each.items.reduce((sum, item) => sum + itemBytes(item), 0),
  }));

function snapshotOf({ marker, snapshotParts }: Partition): Pick<Inspection, 'snapshot'> {
  if (marker === undefined) return {};
  const own = snapshotParts.filter(({ generation }) => generation === marker.generation);
  return { snapshot: { ...marker, bytes: own.reduce((sum, { item }) => sum + itemBytes(item), 0) } };
}
