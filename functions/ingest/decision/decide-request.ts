import type { Issue } from '../../../shared/fhir/outcomes.ts';
import type { Contribution, Submission } from '../../../shared/record/contribution.ts';
import type { DraftOutcome } from '../../../shared/record/draft.ts';
import type { Subject } from '../../../shared/record/identity.ts';
import type { Linking } from '../../../shared/record/linking.ts';
import type { VersionNames } from '../../../shared/record/version-names.ts';
import { contribute } from './contribute.ts';
import { type DraftedWrite, draftWrites } from './draft-writes.ts';
import { foldOf, type Located, type World } from './fragments/record-lookup.ts';
import type { Operation } from './names/operation.ts';
import { type AssignedPatient, assignPersons, type PersonRequest } from './persons/assign-persons.ts';
import { findFragments } from './place-writes.ts';

/** Writes that are decided together. */
export interface WriteRequest extends PersonRequest {
  /** Whether one problem refuses them all. */
  readonly atomic: boolean;
  readonly submission: Submission;
  readonly versionNames: Pick<VersionNames, 'version'>;
  /** Patients of the same bundle that are written apart from these. */
  readonly patients?: ReadonlyMap<Operation, AssignedPatient>;
  /** Fragments of the same bundle that were written before these: of a batch, the directory. */
  readonly written?: ReadonlyMap<Operation, Located>;
}

/** What became of one operation. */
export type Settled =
  | {
      readonly outcome: DraftOutcome;
      readonly subject: Subject;
      /** JSON of the version answered; `undefined` when it is retracted. */
      readonly body: string | undefined;
      readonly located: Located;
      /** What the answer says beside what was done. */
      readonly notes: readonly Issue[];
    }
  | { readonly issues: readonly Issue[] };

export type Decided =
  /** Subjects whose folds are needed to decide, beside those that were given. */
  | { readonly needs: readonly Subject[] }
  /** A link that must be written before the rest is decided: a contribution carries one. Were it written after, a crash between would lose it. */
  | { readonly first: Linking }
  | {
      readonly settled: ReadonlyMap<Operation, Settled>;
      readonly contributions: readonly Contribution[];
      /** Who the Patients that were written are. */
      readonly patients: ReadonlyMap<Operation, AssignedPatient>;
    };

/**
 * Decides what a request writes, on the folds as they are, in steps: who the Patients are and about whom everything is, which fragment each
 * write is about, what its content comes to be, and one contribution for each subject. Pure but for the references inside the
 * resources, which are written anew each time.
 */
export function decideRequest(request: WriteRequest, world: World, now: string): Decided {
  const assignment = assignPersons(request, world, now, request.patients);
  if ('needs' in assignment) return assignment;
  const needs = missingSubjects(request, assignment, world);
  if (needs.length > 0) return { needs };
  const found = findFragments(request, assignment, world);
  const drafted = draftWrites(request, assignment, found, world, now);
  if ('needs' in drafted) return drafted;
  const issues = new Map([...found.issues, ...drafted.issues]);
  if (request.atomic && issues.size > 0) return refused(issues);
  const { links, first } = shareOutLinks(drafted.links);
  const written = contribute(request, world, now, drafted, links);
  for (const [operation, problems] of written.issues) issues.set(operation, problems);
  if (request.atomic && issues.size > 0) return refused(issues);
  if (first !== undefined) return { first };
  const settled = new Map<Operation, Settled>([...found.settled, ...written.settled]);
  for (const [operation, problems] of issues) settled.set(operation, { issues: problems });
  return { settled: withTwins(settled, drafted.twins), contributions: written.contributions, patients: assignment.patients };
}

/** Subjects in whose record something is to be written, or was, and that were not read. */
function missingSubjects(
  { operations, lookups }: WriteRequest,
  { placements, patients, groups }: Exclude<ReturnType<typeof assignPersons>, { needs: unknown }>,
  world: World,
): Subject[] {
  const subjects = operations.flatMap((operation) => {
    const placement = placements.get(operation)!;
    const identified = patients.get(operation)?.identified;
    const others = identified === undefined ? [] : [identified.about, identified.formerly?.person ?? identified.about];
    return 'subject' in placement ? [placement.subject, ...others] : others;
  });
  const known = [...lookups.references.values(), ...lookups.aliases.values()];
  const former = known.flatMap(({ formerly = [] }) => formerly);
  const missing = new Set([...subjects, ...former].filter((subject) => foldOf(world, subject) === undefined));
  if (missing.size > 0) return [...missing];
  for (const subject of subjects) groups.of(subject);
  return [...groups.needs];
}

function refused(issues: ReadonlyMap<Operation, readonly Issue[]>): Decided {
  const inOrder = [...issues].sort(([one], [other]) => one.index - other.index);
  const settled = new Map(inOrder.map(([operation, problems]): [Operation, Settled] => [operation, { issues: problems }]));
  return { settled, contributions: [], patients: new Map() };
}

/** One link for each subject, those that end first; another one must be written before. */
function shareOutLinks(all: readonly Linking[]): { links: Map<Subject, Linking>; first?: Linking } {
  const links = new Map<Subject, Linking>();
  const [first] = all;
  for (const link of all) {
    if (link.persons.some((subject) => links.has(subject))) return { links, first: first! };
    for (const subject of link.persons) links.set(subject, link);
  }
  return { links };
}

/** Entries that are the same thing with the same content are answered alike. */
function withTwins(
  settled: Map<Operation, Settled>,
  twins: ReadonlyMap<Operation, DraftedWrite['operation']>,
): ReadonlyMap<Operation, Settled> {
  for (const [twin, first] of twins) {
    const one = settled.get(first);
    if (one !== undefined) settled.set(twin, one);
  }
  return settled;
}
