import type { Contribution, PersonLink, Submission } from './contribution.ts';
import { draftContribution } from './draft.ts';
import type { Fold } from './fold.ts';

/** That two persons are one, or are not after all. */
export interface Linking {
  readonly kind: PersonLink['kind'];
  readonly persons: readonly [string, string];
  /** Which of the two is shown while they are linked. */
  readonly survivor: string;
  /** See `PersonLink`. */
  readonly replacesNumber?: boolean;
}

/**
 * The contributions that link or unlink two persons, one in the partition of each, to be written together; none where it is so already.
 * @param folds of both persons.
 */
export function linkContributions(
  folds: ReadonlyMap<string, Fold>,
  submission: Submission,
  { kind, persons, survivor, replacesNumber }: Linking,
  now: string,
): readonly Contribution[] {
  const [one, other] = persons;
  if (one === other) throw new Error('a person cannot be linked with itself');
  return [
    [one, other],
    [other, one],
  ].flatMap(([subject, person]) => {
    const replaces = replacesNumber ? { replacesNumber } : {};
    const link = { kind, person: person!, survivor, ...replaces };
    const draft = draftContribution(folds.get(subject!)!, submission, [], now, link);
    return 'contribution' in draft && draft.contribution !== undefined ? [draft.contribution] : [];
  });
}

/** A fold, and those of some others that are read together with it: to which its links lead, and theirs. */
export function readTogether(fold: Fold, others: readonly Fold[]): readonly Fold[] {
  const left = new Map(others.map((other) => [other.subject, other]));
  const found = [fold];
  for (const { links } of found)
    for (const person of links.keys()) {
      const other = left.get(person);
      if (other === undefined || person === fold.subject) continue;
      left.delete(person);
      found.push(other);
    }
  return found;
}

/** The person to show of a linked set: the one that no link in force gives up for another. Of several, or in a circle, the first by id. */
export function survivorOf(folds: readonly Fold[]): string {
  const persons = folds.map(({ subject }) => subject).sort();
  const givenUp = new Set(
    folds.flatMap((fold) =>
      [...fold.links.values()].flatMap((link) => [fold.subject, link.person].filter((person) => person !== link.survivor)),
    ),
  );
  return persons.find((person) => !givenUp.has(person)) ?? persons[0]!;
}
