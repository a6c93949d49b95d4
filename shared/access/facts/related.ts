import type { Steps } from '../../concurrency/steps.ts';
import type { Directory } from '../../directory/directory.ts';
import type { PersonRecord } from '../../record/fold.ts';
import { RELATIONSHIPS, type Relationship } from '../relationships.ts';
import { type GivenGround, groundsOf, reasonSpan } from './grounds.ts';
import { organisationNamed } from './naming.ts';
import { registrationsOf } from './registrations.ts';
import { joinSpans, type Span, standsAt } from './spans.ts';

/** When each relationship of one organisation with a person stands. */
type Standing = ReadonlyMap<Relationship, readonly Span[]>;

/** Every organisation that has, had or will have to do with a person, as the organisations stand on one day. */
export type Related = ReadonlyMap<string, Standing>;

const ALWAYS: Span = { fromMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY };

/**
 * Derives the relationships of a person from their record: from what all linked folds say, since they are one person (see decision 41).
 * @param at the day on which mergers are followed
 */
export function* relate(record: PersonRecord, directory: Directory, at: string): Steps<Related> {
  const found = new Map<string, Map<Relationship, Span[]>>();
  const add = (organisation: string | undefined, relationship: Relationship, span: Span | undefined) => {
    if (organisation === undefined || span === undefined) return;
    const standing = found.get(organisation) ?? new Map<Relationship, Span[]>();
    found.set(organisation, standing);
    const spans = standing.get(relationship);
    if (spans === undefined) standing.set(relationship, [span]);
    else spans.push(span);
  };
  for (const { contributors } of record.folds)
    for (const contributor of contributors) add(directory.current(contributor, at)?.id, 'contributor', ALWAYS);
  for (const [practice, span] of registrationsOf(record, directory, at)) add(practice, 'registered-practice', span);
  for (const ground of groundsOf(record)) {
    yield 1;
    for (const organisation of organisationsOf(ground, directory, at)) {
      const relationship = relationshipOf(ground, directory, organisation);
      if (relationship !== undefined) add(organisation, relationship, reasonSpan(ground, RELATIONSHIPS[relationship]));
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
  return kind === 'encounter' || kind === 'caseload' || kind === 'referral' || kind === 'appointment' ? kind : undefined;
}

const joined = (standing: Map<Relationship, Span[]>): Standing =>
  new Map([...standing].map(([relationship, spans]) => [relationship, joinSpans(spans)]));

/** The relationships of an organisation that stand at an instant, sorted. */
export function standingOf(related: Related, organisation: string, atMs: number): readonly Relationship[] {
  const standing = related.get(organisation);
  if (standing === undefined) return [];
  return [...standing].flatMap(([relationship, spans]) => (standsAt(spans, atMs) ? [relationship] : [])).sort();
}
