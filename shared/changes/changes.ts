import type { Contribution, FragmentVersion, PersonLink } from '../record/contribution.ts';
import { isPersonId } from '../record/identity.ts';
import { CATALOGUE, CHANGE_NAMES, type ChangeName } from './catalogue.ts';

interface Happening {
  readonly name: ChangeName;
  /** The person. */
  readonly subject: string;
  readonly sequence: number;
  /** ISO 8601 instant, UTC. */
  readonly recordedAt: string;
  readonly contributor: string;
}

/** A change to one fragment. */
export interface FragmentChange extends Happening {
  readonly fragment: FragmentVersion;
}

/** A change to which records are read together. */
export interface LinkChange extends Happening {
  readonly link: PersonLink;
}

/** What a contribution did, in the words of the catalogue. */
export type Change = FragmentChange | LinkChange;

/**
 * What a contribution did: one change for each fragment version that is current now, in its order, then that of a link.
 * A contribution about an organisation itself (its practitioners, its places) changes nobody's record and announces nothing.
 */
export function changesOf(contribution: Contribution): readonly Change[] {
  const { subject, sequence, recordedAt, contributor, fragments, link } = contribution;
  if (!isPersonId(subject)) return [];
  const happened = { subject, sequence, recordedAt, contributor };
  const changes: Change[] = fragments.flatMap((fragment) =>
    namesWhere('action', fragment.action).map((name) => ({ ...happened, name, fragment })),
  );
  return link === undefined
    ? changes
    : [...changes, ...namesWhere('link', link.kind).map((name) => ({ ...happened, name, link }))];
}

const named = new Map<string, readonly ChangeName[]>();

/** Names of the rows that a value of one kind of trigger sets off. */
function namesWhere(kind: 'action' | 'link', value: string): readonly ChangeName[] {
  const key = `${kind} ${value}`;
  let names = named.get(key);
  if (names === undefined) {
    names = CHANGE_NAMES.filter((name) => (CATALOGUE[name].trigger as Readonly<Record<string, string>>)[kind] === value);
    named.set(key, names);
  }
  return names;
}
