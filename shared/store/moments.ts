import type { Steps } from '../concurrency/steps.ts';
import { createWork } from '../concurrency/work.ts';
import type { Contribution } from '../record/contribution.ts';
import { emptyFold, type Fold, type Fragment, foldContributions, fragmentOf } from '../record/fold.ts';
import type { Subject } from '../record/identity.ts';
import { currentIfSeen, hidesVersions, type Sight } from '../record/seen-versions.ts';
import { type ContributionItems, contributionOf, hasAny } from './table/items.ts';
import { baseOf, type Partition } from './table/partition.ts';
import { readHistory, readPartition, type Table } from './table/reading.ts';

/** A state of one subject's record: up to and with a sequence number, or an instant (ISO 8601, any offset). */
export type Moment = { readonly sequence: number } | { readonly instant: string };

/** Which state of a person's record: the partitions and their sequence numbers that an access noted, or an instant. */
export type PersonMoment = { readonly sequences: Readonly<Record<Subject, number>> } | { readonly instant: string };

/**
 * The record as it was: from the snapshot when that is old enough, else from the beginning.
 * @param sight of those for whom it is read; without it, the record as it was for those who see all of it
 */
export async function foldAt(table: Table, subject: Subject, moment: Moment, sight?: Sight): Promise<Fold> {
  const isPast = pastOf(moment);
  const work = createWork();
  const partition = await readPartition(table, subject);
  const base = await work.run(baseOf(partition));
  const serves = base !== 'torn' && isPast(base) && !(sight && hidesVersions(base, sight));
  const from = serves ? base : emptyFold(subject);
  const contributions: Contribution[] = [];
  for await (const items of merged(table, partition, from.sequence)) {
    const contribution = await work.run(contributionOf(subject, items));
    if (!isPast(contribution)) break;
    contributions.push(contribution);
  }
  return foldContributions(from, contributions, sight && currentIfSeen(sight));
}

/** Whether a state of the record had come by then; the empty one always had. */
function pastOf(moment: Moment): (state: { readonly sequence: number; readonly recordedAt?: string }) => boolean {
  if ('sequence' in moment) return ({ sequence }) => sequence <= moment.sequence;
  const instant = new Date(moment.instant).toISOString();
  return ({ recordedAt }) => recordedAt === undefined || recordedAt <= instant;
}

/** Every version of these fragments, the newest first. Contributions that have none are not decoded. */
export async function versionsOf(table: Table, subject: Subject, fragmentIds: ReadonlySet<string>): Promise<readonly Fragment[]> {
  const versions: Fragment[] = [];
  const work = createWork();
  for await (const items of merged(table, await readPartition(table, subject), 0)) {
    if (!(await work.run(hasVersion(items, fragmentIds)))) continue;
    const contribution = await work.run(contributionOf(subject, items));
    contribution.fragments.forEach((version, index) => {
      if (fragmentIds.has(version.fragmentId)) versions.push(fragmentOf(contribution, index));
    });
  }
  return versions.reverse();
}

function* hasVersion(items: ContributionItems, fragmentIds: ReadonlySet<string>): Steps<boolean> {
  yield 1;
  return hasAny(items, fragmentIds);
}

/** The log of a subject after a sequence number, oldest first. */
export async function* contributionsOf(table: Table, subject: Subject, after: number): AsyncGenerator<Contribution> {
  const work = createWork();
  for await (const items of merged(table, await readPartition(table, subject), after))
    yield await work.run(contributionOf(subject, items));
}

/**
 * Contributions of both partitions. The live one was read before the history is: what compaction moves in between was seen in the one or is
 * found in the other, and what is in both is the same.
 * @throws Error when one is missing between.
 */
async function* merged(table: Table, partition: Partition, after: number): AsyncGenerator<ContributionItems> {
  const live = new Map(partition.contributions.map((each) => [each.sequence, each]));
  const covered = partition.marker?.sequence ?? 0;
  let sequence = after;
  const liveOnes = function* (before: number) {
    for (let items = live.get(sequence + 1); items !== undefined && sequence + 1 < before; items = live.get(sequence + 1)) {
      sequence++;
      yield items;
    }
  };
  for await (const contribution of readHistory(table, partition.subject, after + 1, covered)) {
    yield* liveOnes(contribution.sequence);
    if (contribution.sequence <= sequence) continue;
    if (contribution.sequence !== sequence + 1) throw missing();
    sequence = contribution.sequence;
    yield contribution;
  }
  yield* liveOnes(Number.POSITIVE_INFINITY);
  // What a racing writer added beyond a gap came after this read began; what is missing before the marker should be there.
  if (sequence < covered) throw missing();
}

const missing = () => new Error('a contribution is missing from the log of a subject');
