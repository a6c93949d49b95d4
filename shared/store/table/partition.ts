import type { Steps } from '../../concurrency/steps.ts';
import { createWork } from '../../concurrency/work.ts';
import { bodiesOf } from '../../record/bodies.ts';
import type { Contribution } from '../../record/contribution.ts';
import { emptyFold, type Fold, foldContributions } from '../../record/fold.ts';
import type { Subject } from '../../record/identity.ts';
import {
  type ContributionItems,
  contributionOf,
  type Item,
  itemBytes,
  MARKER,
  parseContributionKey,
  partsOf,
  type Slot,
  slotOf,
} from './items.ts';
import { foldOfSnapshot, type Marker, markerOf, type SnapshotPart, snapshotPartOf } from './snapshots.ts';

/**
 * What one Query of a subject's live partition saw. A Query is no transaction: what was written while it ran may be half seen, which the
 * functions below tell (`'torn'`) so that the reader reads again.
 */
export interface Partition {
  readonly subject: Subject;
  /** In order of sequence. Contributions of which a part is missing are left out. */
  readonly contributions: readonly ContributionItems[];
  /** Numbers that stay taken though their contribution has moved to history. */
  readonly slots: readonly Slot[];
  /** Parts whose first item has moved. */
  readonly strays: readonly Item[];
  readonly marker?: Marker;
  readonly markerItem?: Item;
  /** Of every generation that there is. */
  readonly snapshotParts: readonly SnapshotPart[];
  /** Size of all items as stored. */
  readonly bytes: number;
}

/** Sorts the items of a partition, which come in order of their sort key. */
export function partitionOf(subject: Subject, items: readonly Item[]): Partition {
  const contributions: { sequence: number; items: [Item, ...Item[]] }[] = [];
  const slots: Slot[] = [];
  const strays: Item[] = [];
  const snapshotParts: SnapshotPart[] = [];
  let markerItem: Item | undefined;
  for (const item of items) {
    const key = item.item!.S!;
    const contribution = parseContributionKey(key);
    const slot = slotOf(item);
    const snapshotPart = snapshotPartOf(item);
    if (slot !== undefined) slots.push(slot);
    else if (contribution?.part === 0) contributions.push({ sequence: contribution.sequence, items: [item] });
    else if (contribution !== undefined)
      (contributions.findLast(({ sequence }) => sequence === contribution.sequence)?.items ?? strays).push(item);
    else if (snapshotPart !== undefined) snapshotParts.push(snapshotPart);
    else if (key === MARKER) markerItem = item;
  }
  return {
    subject,
    contributions: contributions.filter((each) => each.items.length === partsOf(each.items[0])),
    slots,
    strays,
    ...(markerItem === undefined ? {} : { markerItem, marker: markerOf(markerItem) }),
    snapshotParts,
    bytes: items.reduce((sum, item) => sum + itemBytes(item), 0),
  };
}

/** The fold of the snapshot in force, or the empty one. */
export function* baseOf(partition: Partition): Steps<Fold | 'torn'> {
  if (partition.markerItem === undefined) return emptyFold(partition.subject);
  return (yield* foldOfSnapshot(partition.subject, partition.markerItem, partition.snapshotParts)) ?? 'torn';
}

/** The contributions that follow `sequence`, decoded; `'torn'` when one is missing between. */
export function* contributionsAfter(partition: Partition, sequence: number): Steps<Contribution[] | 'torn'> {
  const following = partition.contributions.filter((each) => each.sequence > sequence);
  if (following.some((each, index) => each.sequence !== sequence + 1 + index)) return 'torn';
  const contributions: Contribution[] = [];
  for (const items of following) {
    yield 1;
    contributions.push(yield* contributionOf(partition.subject, items));
  }
  return contributions;
}

/**
 * The record as it stands: snapshot, then tail; decoded with turns for other requests, and with large bodies open.
 * @param known a remembered fold, to be brought up to date by a Query of what came after it and of the marker
 * @returns `'torn'` when something is missing. Of a remembered fold: compaction has passed it, and what it lacks may be gone
 *   from the live partition.
 */
export async function foldOf(partition: Partition, known?: Fold): Promise<Fold | 'torn'> {
  const work = createWork();
  const base = known ?? (await work.run(baseOf(partition)));
  if (base === 'torn') return base;
  const tail = await work.run(contributionsAfter(partition, base.sequence));
  if (tail === 'torn') return tail;
  if (base.sequence + tail.length < (partition.marker?.sequence ?? 0)) return 'torn';
  await Promise.all([...(known === undefined ? [base] : []), ...tail].map((each) => bodiesOf(each)?.open()));
  return tail.length === 0 ? base : foldContributions(base, tail);
}
