import type { Access } from '../../shared/access/access.ts';
import type { Grant } from '../../shared/access/grants.ts';
import type { Viewer } from '../../shared/access/viewer.ts';
import type { Budget, Work } from '../../shared/concurrency/work.ts';
import type { Directory } from '../../shared/directory/directory.ts';
import type { Sources } from '../../shared/directory/sources.ts';
import type { Wanted } from '../../shared/fhir/answers/media.ts';
import type { TokenAddresses } from '../../shared/fhir/conformance/smart.ts';
import type { Refusal } from '../../shared/fhir/outcomes.ts';
import type { HttpAnswer, HttpRequest } from '../../shared/lambda/http.ts';
import type { Log } from '../../shared/lambda/logger.ts';
import type { Identity } from '../../shared/record/identity.ts';
import type { VersionNames } from '../../shared/record/version-names.ts';
import type { Audit } from '../../shared/store/audit.ts';
import type { AuditReads } from '../../shared/store/audit-reads.ts';
import type { Tasks } from '../../shared/store/oversight/tasks.ts';
import type { RecordStore } from '../../shared/store/record.ts';
import type { Freshness, SourceFreshness } from './looking/freshness.ts';
import type { Look } from './looking/look.ts';
import type { Reach } from './looking/reach.ts';

/** What the doors of `serve` work with. */
export interface ServeDependencies {
  readonly store: RecordStore;
  readonly access: Access;
  readonly audit: Audit;
  readonly auditReads: AuditReads;
  /** What lets a member of staff look at these persons on their own word, at an instant. */
  readonly grants: (persons: readonly string[], viewer: Viewer, at: string) => Promise<readonly Grant[]>;
  /** What privacy officers are asked. */
  readonly tasks: Tasks;
  /** The organisation that oversees all others, by its id. */
  readonly lead: string;
  readonly directory: Directory;
  readonly sources: Sources;
  readonly freshness: Freshness;
  readonly identity: Identity;
  readonly versionNames: VersionNames;
  /** Seals page addresses: 32 bytes. */
  readonly cursorKey: Uint8Array;
  /** Names looks outside, and seals what was asked in them: 32 bytes. */
  readonly auditKey: Uint8Array;
  /** A part of an audit entry's key that no other entry has (`newAccessId`): callers repeat their request ids. */
  readonly entryId: () => string;
  /** What a search may cost that follows references or compares many values. No other request has a budget. */
  readonly searchBudget: Budget;
  /** Makes the `Work` of each request; a test counts with one of its own. */
  readonly createWork?: (caller: string) => Work;
  /** Where access tokens are given out. */
  readonly tokens: TokenAddresses;
  readonly now: () => Date;
  readonly log: Log;
}

/** A request by somebody who is known, with how the answer is wanted. */
export interface ServeRequest extends HttpRequest {
  readonly caller: NonNullable<HttpRequest['caller']>;
  readonly wanted: Wanted;
  /** ISO 8601 instant of the request. */
  readonly at: string;
  /** How far the caller's scopes reach. */
  readonly reach: Reach;
  /** Long computations of the request, in slices. */
  readonly work: Work;
  /** Directories that were consulted for the answer, each at the sequence number at which it was. */
  readonly consulted: Map<string, number>;
}

/** What is noted of one look. */
export interface Note {
  readonly interaction: 'read' | 'vread' | 'history' | 'everything' | 'search' | 'audit' | 'replay' | 'review-queue';
  /** The person looked at; for one who is not known, the id that was asked for; for a queue of tasks, its name. */
  readonly person: string;
  readonly type?: string;
  readonly outcome: 'shown' | 'refused';
  readonly shown?: Readonly<Record<string, number>>;
  readonly withheld?: Readonly<Record<string, number>>;
  /** Sources of which it was said that they are stale. */
  readonly stale?: readonly SourceFreshness[];
  /** The record that was opened, if it was. */
  readonly look?: Look;
}

/** What a door answers, and what has to be durable in the audit before that leaves: nothing where no person is looked at. */
export interface Told {
  readonly answer: HttpAnswer | Refusal;
  readonly note?: Note;
  /** The same look at others: an answer about several people is noted of each. */
  readonly others?: readonly Note[];
  /** With 304, which has no body: what was confirmed to be current. */
  readonly confirmed?: string;
  /** Bytes that were shown before go out as they were. */
  readonly isVerbatim?: boolean;
}

/** An answer that is about no person. */
export const unnoted = (answer: HttpAnswer | Refusal): Told => ({ answer });
