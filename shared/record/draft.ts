import { createHash } from 'node:crypto';
import type { Contribution, FragmentVersion, Ground, PersonLink, Question, Submission } from './contribution.ts';
import type { Fold, Fragment } from './fold.ts';
import { stampOf } from './packed.ts';

/** What a source says, apart from what is stamped on it. */
export interface Content {
  /** `meta` of the resource without `versionId` and `lastUpdated`, which are ours. */
  readonly meta: Readonly<Record<string, unknown>>;
  /** JSON object text of the resource without `resourceType`, `id` and `meta`: at least `{}`. */
  readonly rest: string;
}

/** What somebody wants a fragment to be. */
export interface FragmentDraft {
  readonly fragmentId: string;
  readonly type: string;
  /** Absent: the fragment is retracted. */
  readonly content?: Content;
  readonly section: string;
  readonly date?: string;
  readonly codes: readonly string[];
  readonly labels: readonly string[];
  readonly grounds?: readonly Ground[];
  /** See `FragmentVersion`. */
  readonly namedBy?: string;
  readonly sourceTime?: string;
  readonly sourceVersion?: string;
  /** The version that the fragment must have now. */
  readonly ifMatch?: number;
}

/** What became of a draft. */
export type DraftStatus = 'created' | 'updated' | 'unchanged' | 'late' | 'retracted';

/** What the caller answers with. */
export interface DraftOutcome {
  readonly fragmentId: string;
  readonly status: DraftStatus;
  /** The version that the draft became, or that stood already. */
  readonly version: number;
  /** When that version was recorded. */
  readonly recordedAt: string;
}

/** Why a draft cannot be accepted. `index` is its place among the drafts. */
export interface DraftProblem {
  readonly index: number;
  readonly problem: 'version-conflict' | 'same-version-other-body' | 'not-owner' | 'not-found';
}

/** A contribution that can be written (absent when nothing changes), or every problem of its drafts. */
export type Draft =
  | { readonly contribution?: Contribution; readonly outcomes: readonly DraftOutcome[] }
  | { readonly problems: readonly DraftProblem[] };

/** The hash of a version without content. */
export const NO_CONTENT = 'A'.repeat(16);

/** What is known of a fragment before a draft is judged. */
interface Before {
  readonly fold: Fold;
  readonly submission: Submission;
  readonly recordedAt: string;
  readonly standing: Fragment | undefined;
  readonly lastVersion: number;
}

type Step =
  | { readonly problem: DraftProblem['problem'] }
  | {
      readonly outcome: DraftOutcome;
      readonly written?: { readonly version: FragmentVersion; readonly body: string | undefined };
    };

/**
 * Decides what a submission changes, and writes the next contribution of the fold. Two drafts of one fragment follow one another. A retraction
 * needs only the id: section, codes and labels stay those of what it retracts, so that whoever saw that hears of its retraction.
 * @param now ISO 8601 instant; a contribution is always recorded after the one that it follows, by a millisecond at least: by when it was recorded, it has its
 *   place among those of the person.
 * @param link written too, unless it stands already.
 * @param questions kept with what is written; where nothing changes, they were asked before.
 */
export function draftContribution(
  fold: Fold,
  submission: Submission,
  drafts: readonly FragmentDraft[],
  now: string,
  link?: PersonLink,
  questions: readonly Question[] = [],
): Draft {
  const recordedAt = laterThan(fold.recordedAt, now);
  const standing = new Map<string, Fragment>();
  const lastVersions = new Map<string, number>();
  const outcomes: DraftOutcome[] = [];
  const problems: DraftProblem[] = [];
  const fragments: FragmentVersion[] = [];
  const bodies: (string | undefined)[] = [];
  drafts.forEach((draft, index) => {
    const id = draft.fragmentId;
    const step = decide(draft, {
      fold,
      submission,
      recordedAt,
      standing: standing.get(id) ?? fold.fragments.get(id),
      lastVersion: lastVersions.get(id) ?? fold.lastVersions.get(id) ?? 0,
    });
    if ('problem' in step) {
      problems.push({ index, problem: step.problem });
      return;
    }
    outcomes.push(step.outcome);
    if (step.written === undefined) return;
    const { version, body } = step.written;
    fragments.push(version);
    bodies.push(body);
    lastVersions.set(id, version.version);
    if (version.action !== 'late') standing.set(id, { ...version, ...originOf(fold, submission, recordedAt), body });
  });
  if (problems.length > 0) return { problems };
  const news = link !== undefined && isNews(fold, link) ? { link } : undefined;
  if (fragments.length === 0 && news === undefined) return { outcomes };
  const contribution = {
    subject: fold.subject,
    sequence: fold.sequence + 1,
    recordedAt,
    ...submissionOf(submission),
    ...news,
    ...(questions.length === 0 ? {} : { questions }),
    fragments,
    bodies,
  };
  return { contribution, outcomes };
}

const laterThan = (before: string | undefined, now: string): string =>
  before === undefined || before < now ? now : new Date(Date.parse(before) + 1).toISOString();

const submissionOf = ({ contributor, client, source, requestId }: Submission): Submission => ({
  contributor,
  client,
  source,
  requestId,
});

const originOf = (fold: Fold, { contributor, source }: Submission, recordedAt: string) => ({
  subject: fold.subject,
  owner: contributor,
  source,
  sequence: fold.sequence + 1,
  recordedAt,
});

function decide(draft: FragmentDraft, before: Before): Step {
  const { fold, recordedAt, standing, lastVersion } = before;
  const hash = contentHash(draft);
  const verdict = judge(draft, hash, before);
  if (typeof verdict === 'object') return verdict;
  const { fragmentId } = draft;
  if (verdict === 'unchanged') {
    return { outcome: { fragmentId, status: verdict, version: standing!.version, recordedAt: standing!.recordedAt } };
  }
  const version = versionOf(draft, { action: verdict, hash, version: lastVersion + 1 }, standing, recordedAt);
  const body = draft.content && bodyOf(fold.subject, version, recordedAt, draft.content);
  return { outcome: { fragmentId, status: verdict, version: version.version, recordedAt }, written: { version, body } };
}

function judge(
  draft: FragmentDraft,
  hash: string,
  { standing, submission }: Before,
): DraftStatus | Pick<DraftProblem, 'problem'> {
  const retracts = draft.content === undefined;
  if (standing === undefined) {
    if (retracts) return { problem: 'not-found' };
    return draft.ifMatch === undefined ? 'created' : { problem: 'version-conflict' };
  }
  if (standing.owner !== submission.contributor) return { problem: 'not-owner' };
  if (draft.ifMatch !== undefined && draft.ifMatch !== standing.version) return { problem: 'version-conflict' };
  const isRetracted = standing.action === 'retracted';
  if (retracts ? isRetracted : !isRetracted && hash === standing.hash && !isNewerVersion(draft, standing)) return 'unchanged';
  const sameVersion = draft.sourceVersion !== undefined && draft.sourceVersion === standing.sourceVersion;
  if (sameVersion && !retracts && !isRetracted) return { problem: 'same-version-other-body' };
  if (isLate(draft, retracts, standing)) return 'late';
  return retracts ? 'retracted' : 'updated';
}

/** What of a version orders it among those that its source has sent. */
type SourceOrder = Pick<FragmentVersion, 'sourceTime' | 'sourceVersion'>;

/** Whether a version arrives after one that its source counts as newer, or as taken back. */
export const isLate = (arriving: SourceOrder, retracts: boolean, standing: FragmentVersion): boolean =>
  isOlder(arriving, standing) || (standing.action === 'retracted' && !retracts && isSameOfSource(arriving, standing));

/** What a source sends again, after its retraction, under the very time and version that were retracted comes by a detour, and is not taken back. */
function isSameOfSource(draft: SourceOrder, { sourceTime, sourceVersion }: SourceOrder): boolean {
  const isTold = sourceTime !== undefined || sourceVersion !== undefined;
  return isTold && draft.sourceTime === sourceTime && draft.sourceVersion === sourceVersion;
}

/**
 * Whether the source counts the same content as a later version. That is kept: of A, B and A again, with B arriving last, A is what stands.
 */
const isNewerVersion = (draft: FragmentDraft, standing: Fragment): boolean =>
  numberOf(draft.sourceVersion) > numberOf(standing.sourceVersion);

/** By the source's own clock; where that is silent or stands still, by the number of its version. */
function isOlder(draft: SourceOrder, standing: SourceOrder): boolean {
  const times = [Date.parse(draft.sourceTime ?? ''), Date.parse(standing.sourceTime ?? '')] as const;
  if (times[0] < times[1]) return true;
  if (times[0] > times[1]) return false;
  const versions = [numberOf(draft.sourceVersion), numberOf(standing.sourceVersion)] as const;
  return versions[0] < versions[1];
}

/** Only version ids that count up can be compared; NaN is neither more nor less than anything. */
const numberOf = (version: string | undefined): number =>
  version !== undefined && /^\d{1,15}$/.test(version) ? Number(version) : Number.NaN;

function versionOf(
  draft: FragmentDraft,
  given: Pick<FragmentVersion, 'action' | 'hash' | 'version'>,
  standing: Fragment | undefined,
  recordedAt: string,
): FragmentVersion {
  const retracted = draft.content === undefined ? standing : undefined;
  const { section, date, codes, labels } = retracted ?? draft;
  // What bears no time of its own (a correction by our id, a patch, a retraction) stands on what the source said last: nothing older overtakes it. A retraction
  // keeps the source's version too; after a correction, the source may send its own version again.
  const sourceTime = draft.sourceTime ?? standing?.sourceTime;
  const sourceVersion = draft.sourceVersion ?? retracted?.sourceVersion;
  return {
    fragmentId: draft.fragmentId,
    type: retracted?.type ?? draft.type,
    ...given,
    section,
    ...(date === undefined ? {} : { date }),
    codes,
    labels,
    ...(draft.namedBy === undefined ? {} : { namedBy: draft.namedBy }),
    ...(sourceTime === undefined ? {} : { sourceTime }),
    ...(sourceVersion === undefined ? {} : { sourceVersion }),
    ...groundsOf(draft, standing, recordedAt),
  };
}

/**
 * The grounds of a version. What a registration does not say of its own days is told by when it was recorded: it began with the first version that
 * told of it, and ended with the first that no longer did. What has ended stays, for a practice may look back for a while. When it was first told of
 * is kept beside what it says, for a source can say that it began long ago.
 */
function groundsOf(
  { content, grounds = [] }: FragmentDraft,
  standing: Fragment | undefined,
  recordedAt: string,
): Pick<FragmentVersion, 'grounds'> {
  const before = (standing?.grounds ?? []).filter(({ kind }) => kind === 'registered-practice');
  const told = content === undefined ? [] : grounds.map((ground) => begun(ground, before, recordedAt));
  const names = new Set(told.filter(({ kind }) => kind === 'registered-practice').flatMap((ground) => ground.names));
  const ended = before
    .filter(({ names: [name = ''] }) => !names.has(name))
    .map((ground) => ({ ...ground, to: ground.to ?? recordedAt }))
    .slice(-MOST_ENDED);
  const all = [...told, ...ended];
  return all.length === 0 ? {} : { grounds: all };
}

/** Former registrations that are remembered with a Patient. */
const MOST_ENDED = 5;

function begun(ground: Ground, before: readonly Ground[], recordedAt: string): Ground {
  if (ground.kind !== 'registered-practice') return ground;
  const known = before.find(({ names, to }) => to === undefined && names[0] === ground.names[0]);
  return { ...ground, from: ground.from ?? known?.from ?? recordedAt, since: known?.since ?? recordedAt };
}

function bodyOf(subject: string, version: FragmentVersion, recordedAt: string, { meta, rest }: Content): string {
  return stampOf(subject, version, recordedAt) + membersOf(JSON.stringify(meta)) + membersOf(rest);
}

/** What follows the opening brace of an object when members stand before it already. */
const membersOf = (json: string): string => (json === '{}' ? '}' : `,${json.slice(1)}`);

/** The content hash of a draft: 16 characters of base64url, see `FragmentVersion.hash`. */
export function contentHash({ type, content }: Pick<FragmentDraft, 'type' | 'content'>): string {
  if (content === undefined) return NO_CONTENT;
  return createHash('sha256')
    .update(JSON.stringify([type, content.meta, content.rest]))
    .digest('base64url')
    .slice(0, 16);
}

function isNews(fold: Fold, link: PersonLink): boolean {
  const standing = fold.links.get(link.person);
  return link.kind === 'unlink' ? standing !== undefined : standing?.survivor !== link.survivor;
}
