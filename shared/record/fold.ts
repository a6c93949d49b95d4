import type { FragmentVersion, PersonLink } from './contribution.ts';
import type { Subject } from './identity.ts';

/** The current version of a fragment (retracted ones included), with where it came from. */
export interface Fragment extends FragmentVersion {
  readonly subject: Subject;
  /** Organisation that contributed it, and that alone may change it. */
  readonly owner: string;
  /** Sequence number and instant of the contribution that brought this version. */
  readonly sequence: number;
  readonly recordedAt: string;
  /** FHIR JSON, one line; `undefined` when retracted. */
  readonly body: string | undefined;
}

/** The record of one subject, up to and with contribution `sequence`. */
export interface Fold {
  readonly subject: Subject;
  /** 0: nothing is known of this subject. */
  readonly sequence: number;
  /** Instant of the last contribution folded in. */
  readonly recordedAt?: string;
  /** By fragmentId, in order of first contribution. */
  readonly fragments: ReadonlyMap<string, Fragment>;
  /** Highest version number ever given per fragment: differs from the current version after a late arrival. */
  readonly lastVersions: ReadonlyMap<string, number>;
  /** Every organisation that ever contributed. */
  readonly contributors: ReadonlySet<string>;
  /** Persons that this one is linked with now, by personId. */
  readonly links: ReadonlyMap<string, PersonLink>;
}

/** One person's record: the folds of all linked partitions. */
export interface PersonRecord {
  /** The person shown: the survivor of the links. */
  readonly personId: string;
  /** The survivor's fold first; then the others by personId. */
  readonly folds: readonly Fold[];
}
