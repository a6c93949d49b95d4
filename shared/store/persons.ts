import type { Fold, PersonRecord } from '../record/fold.ts';
import { survivorOf } from '../record/linking.ts';
import type { Moment, PersonMoment } from './moments.ts';

/** Ways to read one partition. */
interface Reads {
  now(subject: string): Promise<Fold>;
  at(subject: string, moment: Moment): Promise<Fold>;
}

/** Follows the links of a person, all of a distance at once; a circle ends where everybody is known. */
export async function personRecord(personId: string, moment: PersonMoment | undefined, reads: Reads): Promise<PersonRecord> {
  if (moment !== undefined && 'sequences' in moment) {
    const { sequences } = moment;
    const folds = await Promise.all(Object.entries(sequences).map(([subject, sequence]) => reads.at(subject, { sequence })));
    return recordOf(personId, folds);
  }
  const read = (subject: string) => (moment === undefined ? reads.now(subject) : reads.at(subject, moment));
  const known = new Map<string, Fold>();
  for (let next = [personId]; next.length > 0; ) {
    const folds = await Promise.all(next.map(read));
    for (const fold of folds) known.set(fold.subject, fold);
    next = [...new Set(folds.flatMap(({ links }) => [...links.keys()]))].filter((person) => !known.has(person));
  }
  return recordOf(personId, [...known.values()]);
}

function recordOf(asked: string, folds: readonly Fold[]): PersonRecord {
  const personId = folds.length === 0 ? asked : survivorOf(folds);
  const rank = ({ subject }: Fold) => (subject === personId ? '' : subject);
  return { personId, folds: folds.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1)) };
}
