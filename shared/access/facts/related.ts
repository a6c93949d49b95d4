import type { Steps } from '../../concurrency/steps.ts';
import type { Directory } from '../../directory/directory.ts';
import type { GroundKind } from '../../record/contribution.ts';
import type { PersonRecord } from '../../record/fold.ts';
import { RELATIONSHIPS, type Relationship } from '../relationships.ts';
import { type GivenGround, groundsOf, reasonSpan } from './grounds.ts';
import { organisationNamed } from './naming.ts';
import type { Registration } from './registrations.ts';
import { joinSpans, type Span, standsAt } from './spans.ts';

/** When a relationship stands, and when it stands by the statement of another organisation. */
interface RelationshipTimes {
  readonly spans: readonly Span[];
  readonly told: readonly Span[];
}

/** When each relationship of one organisation with a person stands. */
type Standing = ReadonlyMap<Relationship, RelationshipTimes>;

/** Every organisation that has, had or will have to do with a person, as the organisations stand on one day. */
export type Related = ReadonlyMap<string, Standing>;

const ALWAYS: Span = { fromMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY };

/**
 * Derives the relationships of a person from their record: from what all linked folds say, since they are one person (see decision 41).
 * @param registrations with practices, which are weighed against each other
 * @param at the day on which mergers are followed
 */
export function* relate(
  record: PersonRecord,
  registrations: readonly Registration[],
  directory: Directory,
  at: string,
): Steps<Related> {
  const found = new Map<string, Map<Relationship, { readonly spans: Span[]; readonly told: Span[] }>>();
  const add = (organisation: string | undefined, relationship: Relationship, span: Span | undefined, isTold: boolean) => {
    if (organisation === undefined || span === undefined) return;
    const standing = found.get(organisation) ?? new Map();
    found.set(organisation, standing);
    const times = standing.get(relationship) ?? { spans: [], told: [] };
    standing.set(relationship, times);
    times.spans.push(span);
    if (isTold) times.told.push(span);
  };
  for (const { contributors } of record.folds)
    for (const contributor of contributors) add(directory.current(contributor, at)?.id, 'contributor', ALWAYS, false);
  for (const { practice, takesPart, claimed, established, confirmed } of registrations) {
    if (!takesPart) continue;
    for (const span of [...claimed, ...established]) add(practice, 'registered-practice', span, false);
    for (const span of established) add(practice, 'established-practice', span, false);
    for (const span of confirmed) add(practice, 'confirmed-practice', span, true);
  }
  for (const ground of groundsOf(record)) {
    yield 1;
    const author = directory.current(ground.fragment.owner, at)?.id;
    for (const organisation of organisationsOf(ground, directory, at)) {
      const relationship = relationshipOf(ground, directory, organisation);
      if (relationship === undefined) continue;
      add(organisation, relationship, reasonSpan(ground, RELATIONSHIPS[relationship]), author !== organisation);
    }
  }
  return new Map([...found].map(([organisation, standing]) => [organisation, joined(standing)]));
}

const organisationsOf = ({ names, fragment }: GivenGround, directory: Directory, at: string): readonly string[] => {
  const organisations =
    names.length === 0
      ? [directory.current(fragment.owner, at)?.id]
      : names.map((name) => organisationNamed(name, directory, at));
  return organisations.filter((organisation) => organisation !== undefined);
};

/** Registrations are weighed against each other, and so are not among these. */
function relationshipOf({ kind }: GivenGround, directory: Directory, organisation: string): Relationship | undefined {
  if (kind === 'encounter' && directory.byId(organisation)?.kind === 'ambulance') return 'emergency-call';
  return REASONS.has(kind) ? (kind as Relationship) : undefined;
}

const REASONS: ReadonlySet<GroundKind> = new Set(['encounter', 'stay', 'caseload', 'referral', 'appointment']);

const joined = (standing: Standing): Standing =>
  new Map(
    [...standing].map(([relationship, { spans, told }]) => [relationship, { spans: joinSpans(spans), told: joinSpans(told) }]),
  );

/** The relationships of an organisation that stand at an instant, sorted. */
export function standingOf(related: Related, organisation: string, atMs: number): readonly Relationship[] {
  return relationshipsIn(related, organisation, ({ spans }) => standsAt(spans, atMs));
}

/** Those of them that another organisation told of, sorted. */
export const toldOf = (related: Related, organisation: string, atMs: number): readonly Relationship[] =>
  relationshipsIn(related, organisation, ({ told }) => standsAt(told, atMs));

function relationshipsIn(related: Related, organisation: string, stands: (times: RelationshipTimes) => boolean) {
  const standing = related.get(organisation) ?? new Map<Relationship, RelationshipTimes>();
  return [...standing].flatMap(([relationship, times]) => (stands(times) ? [relationship] : [])).sort();
}
