import type { Fragment } from '../../record/fold.ts';

/** What contributors' Patients stood at one moment. */
export interface PersonMoment {
  /** The current version of each that had been contributed by then, retracted ones included. */
  readonly fragments: readonly Fragment[];
  readonly recordedAt: string;
}

/**
 * The moments at which the person changed, newest first: each is a version of `Patient/<personId>`.
 * @param versions every version of every contributor's Patient that was current at some time: not those that arrived late
 */
export function personTimeline(versions: readonly Fragment[]): readonly PersonMoment[] {
  const inOrder = versions.toSorted(
    (one, other) =>
      compare(one.recordedAt, other.recordedAt) || compare(one.subject, other.subject) || one.sequence - other.sequence,
  );
  const current = new Map<string, Fragment>();
  const moments: PersonMoment[] = [];
  for (const [index, version] of inOrder.entries()) {
    current.set(`${version.subject}.${version.fragmentId}`, version);
    const next = inOrder[index + 1];
    // What one contribution changed is one moment.
    if (next?.subject === version.subject && next.sequence === version.sequence) continue;
    moments.push({ fragments: [...current.values()], recordedAt: version.recordedAt });
  }
  return moments.reverse();
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
