import type { View } from '../../../shared/access/access.ts';
import type { Contribution } from '../../../shared/record/contribution.ts';
import { emptyFold, type Fold, foldContributions, fragmentOf, type PersonRecord } from '../../../shared/record/fold.ts';
import { survivorOf } from '../../../shared/record/linking.ts';
import { currentIfSeen, type Sight } from '../../../shared/record/seen-versions.ts';
import type { PersonMoment, RecordStore } from '../../../shared/store/record.ts';
import type { ServeDependencies, ServeRequest } from '../context.ts';

/**
 * The state after a contribution of a partition, which its contributor may ask for by number. Only contributions that bring
 * something the caller may see are counted, so that the numbers tell nothing of the others.
 */
export interface NumberedMoment {
  readonly subject: string;
  readonly number: number;
}

/** Whether the number of a contribution is taken from the caller. @param contributor whose contribution it is */
export type TakesNumberOf = (contributor: string) => boolean;

/** Numbers are taken from contributors for what they sent, and from those who see whatever a record may hold. */
export function numbersTaken(
  { directory }: Pick<ServeDependencies, 'directory'>,
  { caller, at }: Pick<ServeRequest, 'caller' | 'at'>,
  view: View,
): TakesNumberOf {
  const own = directory.current(caller.organisation, at)?.id;
  const isOwn = (contributor: string) => own !== undefined && directory.current(contributor, at)?.id === own;
  return (contributor) => isOwn(contributor) || view.seesEverything();
}

/** What a state of a record is read with. */
interface Reading {
  readonly store: Pick<RecordStore, 'person' | 'contributions'>;
  /** The id that was asked for: before two persons were linked, each was read by their own. */
  readonly personId: string;
  /** The record as it is now. */
  readonly current: PersonRecord;
  readonly sight: Sight;
  readonly takes: TakesNumberOf;
}

/**
 * The record at a moment, of the persons who are linked now.
 * @returns `undefined` for a number that is not taken
 */
export async function recordAt(reading: Reading, moment: PersonMoment | NumberedMoment): Promise<PersonRecord | undefined> {
  const { store, personId, current, sight } = reading;
  if ('number' in moment) return recordAtNumber(reading, moment);
  if ('instant' in moment) return ofThoseLinkedNow(await store.person(personId, moment, sight), current);
  if (current.folds.every(({ subject, sequence }) => moment.sequences[subject] === sequence)) return current;
  // By number is read what is the person's now: no number opens the record of somebody else.
  const known = current.folds.flatMap(({ subject }) =>
    subject in moment.sequences ? [[subject, moment.sequences[subject]!] as const] : [],
  );
  if (known.length === 0) return nobody(current);
  return store.person(personId, { sequences: Object.fromEntries(known) }, sight);
}

/** Where the person has several partitions, the others are read as of the instant at which the contribution was recorded. */
async function recordAtNumber(reading: Reading, moment: NumberedMoment): Promise<PersonRecord | undefined> {
  const { store, current, sight } = reading;
  const fold = await foldAtNumber(reading, moment);
  if (fold === undefined) return undefined;
  if (current.folds.length === 1) return { personId: current.personId, folds: [fold] };
  return ofThoseLinkedNow(await store.person(moment.subject, { instant: fold.recordedAt! }, sight), current);
}

async function foldAtNumber({ store, sight, takes }: Reading, { subject, number }: NumberedMoment): Promise<Fold | undefined> {
  const contributions: Contribution[] = [];
  let counted = 0;
  for await (const contribution of store.contributions(subject)) {
    contributions.push(contribution);
    if (!contribution.fragments.some((_, index) => sight.sees(fragmentOf(contribution, index)))) continue;
    counted++;
    if (counted < number) continue;
    const isTaken = counted === number && takes(contribution.contributor);
    return isTaken ? foldContributions(emptyFold(subject), contributions, currentIfSeen(sight)) : undefined;
  }
  return undefined;
}

const nobody = ({ personId }: PersonRecord): PersonRecord => ({ personId, folds: [] });

/** A person who was linked once, and is somebody else by now, is not part of the record, nor does their id stand for it. */
function ofThoseLinkedNow(then: PersonRecord, current: PersonRecord): PersonRecord {
  const subjects = new Set(current.folds.map(({ subject }) => subject));
  const folds = then.folds.filter(({ subject }) => subjects.has(subject));
  if (folds.length === then.folds.length) return then;
  if (folds.length === 0) return nobody(current);
  const personId = survivorOf(folds);
  const others = folds.filter(({ subject }) => subject !== personId);
  return { personId, folds: [...folds.filter(({ subject }) => subject === personId), ...others] };
}
