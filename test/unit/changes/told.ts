import type { ChangeName } from '../../../shared/changes/catalogue.ts';
import { type Change, changesOf } from '../../../shared/changes/changes.ts';
import { describe as describeResource } from '../../../shared/fhir/describe.ts';
import type { PersonLink } from '../../../shared/record/contribution.ts';
import { draftContribution, type FragmentDraft } from '../../../shared/record/draft.ts';
import { emptyFold, type Fold, foldContribution } from '../../../shared/record/fold.ts';

export const PERSON = 'a'.repeat(26);
export const OTHER = 'b'.repeat(26);

/** When what is told without another time is recorded. */
export const NOW = '2026-11-24T12:00:00.000Z';

const DAY_MS = 86_400_000;

/** An instant so many days before {@link NOW}. */
export const daysAgo = (days: number): string => new Date(Date.parse(NOW) - days * DAY_MS).toISOString();

/** A FHIR resource as a source sends it; `id` names it within its source and type, and an id alone retracts it. */
export type Sent = { readonly resourceType: string; readonly id: string } & Readonly<Record<string, unknown>>;

/** A fragment of which nothing is left to tell. */
export interface Retraction {
  readonly retract: string;
  readonly type: string;
}

/** What somebody tells in one contribution. */
export interface Told {
  /** Internal id of the organisation: `uhd` where nobody is named. */
  readonly by?: string;
  readonly at?: string;
  readonly send: readonly (Sent | Retraction)[];
  readonly link?: PersonLink;
}

/** What a contribution raised. */
export interface Heard {
  readonly names: readonly ChangeName[];
  readonly changes: readonly Change[];
}

/** A record that is told things, one contribution after another, by the very code that ingest and announce run. */
export function tellRecord(subject = PERSON) {
  let fold = emptyFold(subject);
  const tell = ({ by = 'uhd', at = NOW, send, link }: Told, linked: readonly Fold[] = []): Heard => {
    const submission = { contributor: by, client: by, source: 'main', requestId: 'request' };
    const drafted = draftContribution(
      fold,
      submission,
      send.map((sent) => draftOf(by, sent)),
      at,
      link,
    );
    if ('problems' in drafted) throw new Error(`the draft has problems: ${JSON.stringify(drafted.problems)}`);
    const { contribution } = drafted;
    if (contribution === undefined) return { names: [], changes: [] };
    const before = fold;
    fold = foldContribution(before, contribution);
    const changes = changesOf({ contribution, before, after: fold, linked });
    return { names: changes.map(({ name }) => name), changes };
  };
  return { tell, fold: () => fold };
}

/** The names that the last of some contributions raised. */
export function lastOf(...told: readonly Told[]): Heard {
  const { tell } = tellRecord();
  return told.map((each) => tell(each)).at(-1)!;
}

function draftOf(by: string, sent: Sent | Retraction): FragmentDraft {
  if (isRetraction(sent)) return { ...NOTHING, fragmentId: fragmentId(by, sent.type, sent.retract), type: sent.type };
  const { id, resourceType, meta = {}, ...rest } = sent as Sent & { readonly meta?: Readonly<Record<string, unknown>> };
  const { versionId, lastUpdated, ...kept } = meta;
  return {
    fragmentId: fragmentId(by, resourceType, id),
    type: resourceType,
    content: { meta: kept, rest: JSON.stringify(rest) },
    ...describeResource({ resourceType, ...rest, meta: kept }),
    ...(typeof lastUpdated === 'string' ? { sourceTime: lastUpdated } : {}),
    ...(typeof versionId === 'string' ? { sourceVersion: versionId } : {}),
  };
}

const isRetraction = (sent: Sent | Retraction): sent is Retraction => !('resourceType' in sent);

const NOTHING = { section: '', codes: [], labels: [] };

/** Sixteen letters that differ wherever the names do. */
export const fragmentId = (by: string, type: string, id: string): string => {
  let hash = 7n;
  for (const letter of `${by} ${type} ${id}`) hash = (hash * 31n + BigInt(letter.codePointAt(0)!)) % 32n ** 16n;
  return Array.from(
    { length: 16 },
    (_, index) => 'abcdefghijklmnopqrstuvwxyz234567'[Number((hash >> BigInt(index * 5)) & 31n)],
  ).join('');
};
