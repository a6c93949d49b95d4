import type { Subject } from './identity.ts';
import type { Ruling } from './rulings.ts';

/**
 * What a contribution did to a fragment. `late`: it arrived after a version with a newer source time or version; it is
 * kept in the history and is never the current one.
 */
export type Action = 'created' | 'updated' | 'retracted' | 'late';

/**
 * What a fragment says about who may see the record: a reason to (a registration, an admission, a caseload, a referral, an appointment, a proxy), or a
 * reason not to (an opt-out, something sealed, a person restricted). `shared/access` says what follows from it.
 */
export interface Ground {
  readonly kind: GroundKind;
  /** FHIR dateTimes as they were given, possibly partial: when it begins, and when it has ended. */
  readonly from?: string;
  readonly to?: string;
  /**
   * Whom it is about. Of a reason to see: organisations, as `system|value` of an identifier, none standing for the one that contributed the
   * fragment. Of a proxy: personIds. Of something sealed: ids of fragments.
   */
  readonly names: readonly string[];
  /** Of a registration: the instant at which this source's fragment first told of it. ISO 8601, UTC. */
  readonly since?: string;
}

export type GroundKind =
  | 'registered-practice'
  | 'encounter'
  /** An encounter that is an emergency or an inpatient stay, and open. */
  | 'stay'
  | 'caseload'
  | 'referral'
  | 'appointment'
  | 'proxy'
  | 'opt-out'
  | 'sealed'
  | 'restricted'
  | 'deceased';

/** One line of a manifest: one version of one fragment. */
export interface FragmentVersion {
  readonly fragmentId: string;
  /** FHIR resource type. */
  readonly type: string;
  /** 1, 2, … without gaps per fragment; the FHIR version id. */
  readonly version: number;
  readonly action: Action;
  /** 16 characters of base64url of the SHA-256 of the content as it was sent (before id, version and time are stamped on it). */
  readonly hash: string;
  /** Section of the record, one of `shared/fhir/sections.ts`. */
  readonly section: string;
  /** When what it tells happened: a FHIR dateTime as it was given, possibly partial. */
  readonly date?: string;
  /** `system|code` of what it is about, and of whatever sensitive it mentions. */
  readonly codes: readonly string[];
  /** `meta.security` as `system|code`. */
  readonly labels: readonly string[];
  /** What it means for who may see the record: absent for most. */
  readonly grounds?: readonly Ground[];
  /**
   * By which of an organisation's own names of the person it came into the record of an NHS number: the beginning of the name's alias key.
   * When that name turns out to be somebody else's, so does the fragment.
   */
  readonly namedBy?: string;
  /** The source's own `meta.lastUpdated`. */
  readonly sourceTime?: string;
  /** The source's own `meta.versionId`. */
  readonly sourceVersion?: string;
}

/** A link or an unlink of two persons, the same in the partitions of both. */
export interface PersonLink {
  readonly kind: 'link' | 'unlink';
  /** The person at the other end. */
  readonly person: string;
  /** Which of the two is shown: the one with the NHS number, or that the source named as the survivor of a merge. */
  readonly survivor: string;
  /** A source that traces NHS numbers says that the survivor's has replaced the other's. */
  readonly replacesNumber?: boolean;
}

/** What a records office is asked about. */
export type QuestionKind = 'possible-duplicate' | 'number-corrected' | 'link-without-effect' | 'unstable-ids';

/**
 * A doubt that a contribution leaves about whose record it is. It is stored with the contribution, so that none is lost in a crash:
 * `announce` raises the task from the stream of the table.
 */
export interface Question {
  readonly kind: QuestionKind;
  /** Internal id of the organisation whose records office is asked; absent: the contributor. */
  readonly asked?: string;
  /** The person whom the question is about, by personId; absent: the subject of the contribution. */
  readonly person?: string;
  /** The other person: who may be the same one, or whose record holds what is to be corrected. */
  readonly otherPerson?: string;
  /** Ids of fragments of the asked organisation within the other person, which are about somebody else. */
  readonly fragmentIds?: readonly string[];
  /** Short name of the asked organisation's source. */
  readonly source?: string;
  /** Id of the Patient of the contribution that raises the question. */
  readonly statement?: string;
}

/** One accepted submission about one subject: the unit of writing, immutable. */
export interface Contribution {
  readonly subject: Subject;
  /** 1, 2, … without gaps per subject. */
  readonly sequence: number;
  /** ISO 8601 instant, UTC, milliseconds; never before that of the contribution before it. */
  readonly recordedAt: string;
  /** Internal id of the organisation that sent it. */
  readonly contributor: string;
  /** The client (or the person) that sent it. */
  readonly client: string;
  /** Which system of the contributor that client is. */
  readonly source: string;
  readonly requestId: string;
  readonly link?: PersonLink;
  /** Absent where there is no doubt. */
  readonly questions?: readonly Question[];
  /** What is said of statements that others made: absent for most. */
  readonly rulings?: readonly Ruling[];
  readonly fragments: readonly FragmentVersion[];
  /** The stamped JSON of each fragment, beside `fragments`; `undefined` where it was retracted. */
  readonly bodies: readonly (string | undefined)[];
}

/** Who contributes, and in which request. */
export interface Submission {
  readonly contributor: string;
  readonly client: string;
  /** Which system of the contributor that client is. */
  readonly source: string;
  readonly requestId: string;
}
