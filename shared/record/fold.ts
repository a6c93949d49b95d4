import { bodiesOf } from './bodies.ts';
import type { Contribution, FragmentVersion, PersonLink } from './contribution.ts';
import type { Subject } from './identity.ts';
import { foldRulings, type RecordedRuling } from './rulings.ts';

/** The current version of a fragment (retracted ones included), with where it came from. */
export interface Fragment extends FragmentVersion {
  readonly subject: Subject;
  /** Organisation that contributed it, and that alone may change it. */
  readonly owner: string;
  /** Which system of the owner brought this version. */
  readonly source: string;
  /** Sequence number and instant of the contribution that brought this version. */
  readonly sequence: number;
  readonly recordedAt: string;
  /** FHIR JSON, one line; `undefined` when retracted. */
  readonly body: string | undefined;
  /** Opaque name of the version, in a copy for readers who must not know its number (`withOpaqueVersion`). */
  readonly versionId?: string;
}

/** The record of one subject, up to and with contribution `sequence`. */
export interface Fold {
  readonly subject: Subject;
  /** 0: nothing is known of this subject. */
  readonly sequence: number;
  /** Instant of the last contribution folded in. */
  readonly recordedAt?: string;
  /**
   * By fragmentId, in the order in which the current versions came: the order of first contribution would tell readers of
   * earlier versions that are withheld from them.
   */
  readonly fragments: ReadonlyMap<string, Fragment>;
  /** Highest version number ever given per fragment: differs from the current version after a late arrival. */
  readonly lastVersions: ReadonlyMap<string, number>;
  /** Every organisation that ever contributed. */
  readonly contributors: ReadonlySet<string>;
  /** Persons that this one is linked with now, by personId. */
  readonly links: ReadonlyMap<string, FoldedLink>;
  /** What was said of statements in it: the latest of each ruler. */
  readonly rulings: readonly RecordedRuling[];
}

/** A link in force, with the organisation that says so: it alone can take it back. */
export interface FoldedLink extends PersonLink {
  readonly author: string;
}

/** One person's record: the folds of all linked partitions. */
export interface PersonRecord {
  /** The person shown: the survivor of the links. */
  readonly personId: string;
  /** The survivor's fold first; then the others by personId. */
  readonly folds: readonly Fold[];
}

/** Whether a version has no body: told without making text of it. */
export const isRetracted = ({ action }: Pick<Fragment, 'action'>): boolean => action === 'retracted';

/** Nothing is known of this subject yet. */
export const emptyFold = (subject: Subject): Fold => ({
  subject,
  sequence: 0,
  fragments: new Map(),
  lastVersions: new Map(),
  contributors: new Set(),
  links: new Map(),
  rulings: [],
});

/** Whether a version becomes the current one of its fragment. @param standing the one that is current until then */
export type BecomesCurrent = (version: Fragment, standing: Fragment | undefined) => boolean;

const unlessLate: BecomesCurrent = ({ action }) => action !== 'late';

/** @throws Error when the contribution is not the next one of the fold's subject. */
export const foldContribution = (fold: Fold, contribution: Contribution): Fold => foldContributions(fold, [contribution]);

/**
 * The record after `contributions`, which follow the fold in order and without a gap. The fold that is given stays as it is.
 * @throws Error when a contribution is missing, or is of another subject: a wrong record must never be shown.
 */
export function foldContributions(
  fold: Fold,
  contributions: Iterable<Contribution>,
  becomesCurrent: BecomesCurrent = unlessLate,
): Fold {
  const next = {
    subject: fold.subject,
    sequence: fold.sequence,
    recordedAt: fold.recordedAt,
    fragments: new Map(fold.fragments),
    lastVersions: new Map(fold.lastVersions),
    contributors: new Set(fold.contributors),
    links: new Map(fold.links),
    rulings: fold.rulings,
  };
  for (const contribution of contributions) {
    if (contribution.subject !== next.subject) throw new Error('the contribution is of another subject');
    if (contribution.sequence !== next.sequence + 1) throw new Error('a contribution is missing before this one');
    next.sequence = contribution.sequence;
    next.recordedAt = contribution.recordedAt;
    contribution.fragments.forEach((version, index) => {
      next.lastVersions.set(version.fragmentId, version.version);
      const fragment = fragmentOf(contribution, index);
      if (!becomesCurrent(fragment, next.fragments.get(version.fragmentId))) return;
      next.fragments.delete(version.fragmentId);
      next.fragments.set(version.fragmentId, fragment);
    });
    // Who only linked two persons has told nothing about them.
    if (contribution.fragments.length > 0) next.contributors.add(contribution.contributor);
    foldLink(next.links, contribution);
    next.rulings = foldRulings(next.rulings, contribution);
  }
  return next;
}

/** One version of a contribution with where it came from. Its body is read when it is asked for. */
export function fragmentOf(contribution: Contribution, index: number): Fragment {
  const { subject, sequence, recordedAt, contributor, source } = contribution;
  const stored = bodiesOf(contribution);
  return {
    ...contribution.fragments[index]!,
    subject,
    owner: contributor,
    source,
    sequence,
    recordedAt,
    get body() {
      return stored === undefined ? contribution.bodies[index] : stored.at(index);
    },
  };
}

function foldLink(links: Map<string, FoldedLink>, { link, contributor }: Contribution): void {
  if (link?.kind === 'link') links.set(link.person, { ...link, author: contributor });
  if (link?.kind === 'unlink') links.delete(link.person);
}
