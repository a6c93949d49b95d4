import type { Subject } from '../../../../shared/record/identity.ts';
import type { Linking } from '../../../../shared/record/linking.ts';
import { groupOf, type World } from '../fragments/record-lookup.ts';

/** Who is read together with whom while a request is decided: as the record says, and as the request itself says. */
export interface PersonGroups {
  /** A person with everybody linked to it, the one that is asked for first. */
  of(subject: Subject): readonly Subject[];
  /** Counts persons as linked from now on. */
  join(persons: readonly Subject[]): void;
  /** Persons whose folds are missing: links lead to them. */
  readonly needs: ReadonlySet<Subject>;
}

/** @param ended links that the request itself ends: they count no more. */
export function createPersonGroups(world: World, ended: readonly Linking[] = []): PersonGroups {
  const isEnded = (one: Subject, other: Subject) => ended.some(({ persons }) => persons.includes(one) && persons.includes(other));
  const groups = new Map<Subject, readonly Subject[]>();
  const needs = new Set<Subject>();
  const of = (subject: Subject): readonly Subject[] => {
    const known = groups.get(subject);
    if (known !== undefined) return known;
    const found = groupOf(world, subject, isEnded);
    if ('needs' in found) for (const one of found.needs) needs.add(one);
    groups.set(subject, [subject]);
    // A link stands in both partitions, but these were not read at the same moment: one of them is enough.
    if ('group' in found) join(found.group);
    return groups.get(subject)!;
  };
  const join = (persons: readonly Subject[]): void => {
    const all = new Set(persons.flatMap((person) => [person, ...(groups.get(person) ?? [])]));
    for (const person of all) groups.set(person, [person, ...[...all].filter((other) => other !== person)]);
  };
  return { of, join: (persons) => join(persons.flatMap((person) => of(person))), needs };
}
