import type { Steps } from '../../concurrency/steps.ts';
import { type Fragment, isRetracted } from '../../record/fold.ts';
import { hashOfOther, hashOfVersion, versionOfSum } from './fold.ts';

/** A moment at which the person changed: a version of `Patient/<personId>`. */
export interface PersonMoment {
  readonly versionId: string;
  readonly recordedAt: string;
  /** Every Patient was retracted by then. */
  readonly isGone: boolean;
}

/** The moments at which the person changed, newest first. */
export interface PersonTimeline {
  readonly moments: readonly PersonMoment[];
  /**
   * The current version of each contributor's Patient at a moment, retracted ones included.
   * @param place among the moments; short for one next to the last that was asked for
   */
  fragmentsAt(place: number): readonly Fragment[];
}

/**
 * Lays out the history of a person. It takes time in proportion to the versions, however many Patients there are.
 * @param personId the person shown: others who have a Patient are linked with them
 * @param apart what of the statements about the person is shown otherwise than stated: part of each version
 * @param versions every version of every contributor's Patient; versions that arrived late never were current and are left out
 */
export function* personTimeline(
  personId: string,
  versions: readonly Fragment[],
  apart: readonly string[] = [],
): Steps<PersonTimeline> {
  const inOrder = versions.filter(({ action }) => action !== 'late').sort(byMoment);
  const state = createState(personId, inOrder, apart);
  const moments: PersonMoment[] = [];
  const ends: number[] = [];
  for (const [index, version] of inOrder.entries()) {
    yield 1;
    state.goTo(index);
    const next = inOrder[index + 1];
    // What one contribution changed is one moment.
    if (next?.subject === version.subject && next.sequence === version.sequence) continue;
    moments.push({ versionId: state.versionId(), recordedAt: version.recordedAt, isGone: state.isGone() });
    ends.push(index);
  }
  return {
    moments: moments.reverse(),
    fragmentsAt(place) {
      state.goTo(ends[ends.length - 1 - place]!);
      return state.fragments();
    },
  };
}

const byMoment = (one: Fragment, other: Fragment): number =>
  compare(one.recordedAt, other.recordedAt) || compare(one.subject, other.subject) || one.sequence - other.sequence;

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** What is current after each version of a log, gone to by steps forwards and backwards. */
function createState(personId: string, inOrder: readonly Fragment[], apart: readonly string[]) {
  const current = new Map<string, Fragment>();
  const replaced: (Fragment | undefined)[] = [];
  const patientsOf = new Map<string, number>();
  let at = -1;
  let sum = apart.map(hashOfOther).reduce((total, hash) => total + hash, 0n);
  let standing = 0;

  const count = (version: Fragment, sign: 1 | -1) => {
    sum += BigInt(sign) * hashOfVersion(version);
    if (!isRetracted(version)) standing += sign;
    const before = patientsOf.get(version.subject) ?? 0;
    patientsOf.set(version.subject, before + sign);
    const isChanged = version.subject !== personId && (before === 0 || before + sign === 0);
    if (isChanged) sum += BigInt(sign) * hashOfOther(version.subject);
  };
  const replace = (key: string, before: Fragment | undefined, after: Fragment | undefined) => {
    if (before !== undefined) count(before, -1);
    if (after === undefined) current.delete(key);
    else {
      count(after, 1);
      current.set(key, after);
    }
  };
  const keyOf = ({ subject, fragmentId }: Fragment) => `${subject}.${fragmentId}`;

  return {
    goTo(index: number): void {
      while (at < index) {
        const version = inOrder[++at]!;
        const key = keyOf(version);
        replaced[at] = current.get(key);
        replace(key, replaced[at], version);
      }
      while (at > index) {
        const version = inOrder[at]!;
        replace(keyOf(version), version, replaced[at--]);
      }
    },
    versionId: () => versionOfSum(sum),
    isGone: () => standing === 0,
    fragments: () => [...current.values()],
  };
}
