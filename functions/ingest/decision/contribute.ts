import type { Issue } from '../../../shared/fhir/outcomes.ts';
import type { Contribution, Question } from '../../../shared/record/contribution.ts';
import { type DraftOutcome, draftContribution } from '../../../shared/record/draft.ts';
import { emptyFold } from '../../../shared/record/fold.ts';
import type { Subject } from '../../../shared/record/identity.ts';
import type { Linking } from '../../../shared/record/linking.ts';
import type { SideDraft } from './corrections.ts';
import type { Settled, WriteRequest } from './decide-request.ts';
import type { Drafted, DraftedWrite } from './draft-writes.ts';
import { foldOf, type World } from './fragments/record-lookup.ts';
import { sameButForReferences } from './fragments/same-content.ts';
import type { Operation } from './names/operation.ts';
import { linkAt } from './persons/person-links.ts';

/** What a request writes. */
export interface Written {
  readonly contributions: readonly Contribution[];
  readonly settled: ReadonlyMap<Operation, Settled>;
  readonly issues: ReadonlyMap<Operation, readonly Issue[]>;
}

/** One contribution for each subject: its writes, what follows from them, and one link. */
export function contribute(
  request: WriteRequest,
  world: World,
  now: string,
  drafted: Drafted,
  links: ReadonlyMap<Subject, Linking>,
): Written {
  const settled = new Map<Operation, Settled>();
  const issues = new Map<Operation, readonly Issue[]>();
  const contributions: Contribution[] = [];
  for (const [subject, { writes, side }] of bySubject(drafted, links)) {
    const questions = drafted.questions.filter((one) => one.subject === subject).map(({ question }) => question);
    const context = { request, world, now, subject, side, questions, link: links.get(subject) };
    const one = contributeTo(context, writes);
    for (const [operation, problems] of one.issues) issues.set(operation, problems);
    for (const [operation, each] of one.settled) settled.set(operation, each);
    if (one.contribution !== undefined) contributions.push(one.contribution);
  }
  return { contributions, settled, issues };
}

interface OfSubject {
  readonly writes: DraftedWrite[];
  readonly side: SideDraft[];
}

function bySubject({ writes, side }: Drafted, links: ReadonlyMap<Subject, Linking>): Map<Subject, OfSubject> {
  const subjects = new Map<Subject, OfSubject>();
  const of = (subject: Subject): OfSubject => {
    const known = subjects.get(subject) ?? { writes: [], side: [] };
    subjects.set(subject, known);
    return known;
  };
  for (const subject of links.keys()) of(subject);
  for (const one of writes) of(one.located.subject).writes.push(one);
  for (const one of side) of(one.subject).side.push(one);
  return subjects;
}

interface SubjectContext {
  readonly request: WriteRequest;
  readonly world: World;
  readonly now: string;
  readonly subject: Subject;
  readonly side: readonly SideDraft[];
  readonly questions: readonly Question[];
  readonly link: Linking | undefined;
}

interface SubjectWritten {
  readonly contribution?: Contribution;
  readonly settled: readonly (readonly [Operation, Settled])[];
  readonly issues: readonly (readonly [Operation, readonly Issue[]])[];
}

function contributeTo(context: SubjectContext, writes: readonly DraftedWrite[]): SubjectWritten {
  const { request, world, now, subject, side, questions, link } = context;
  const fold = foldOf(world, subject) ?? emptyFold(subject);
  const drafts = [...writes.map(({ draft }) => draft), ...side.map(({ draft }) => draft)];
  const result = draftContribution(fold, request.submission, drafts, now, link && linkAt(link, subject), questions);
  if (!('problems' in result)) {
    const settled = settleWrites(subject, writes, result.outcomes, result.contribution);
    return { settled, issues: [], ...(result.contribution === undefined ? {} : { contribution: result.contribution }) };
  }
  const issues: (readonly [Operation, readonly Issue[]])[] = [];
  const retried = [...writes];
  for (const { index, problem } of result.problems) {
    const one = retried[index];
    if (one === undefined) throw new Error('what follows from a request cannot be written');
    // The same version of the source with its references better resolved than before is no contradiction.
    if (problem === 'same-version-other-body' && sameButForReferences(one.draft, one.located.current)) {
      const { sourceVersion: _same, ...draft } = one.draft;
      retried[index] = { ...one, draft };
    } else issues.push([one.operation, [{ code: problem, expression: one.operation.at }]]);
  }
  const refused = new Set(issues.map(([operation]) => operation));
  const again = contributeTo(
    context,
    retried.filter(({ operation }) => !refused.has(operation)),
  );
  return { ...again, issues: [...issues, ...again.issues] };
}

function settleWrites(
  subject: Subject,
  writes: readonly DraftedWrite[],
  outcomes: readonly DraftOutcome[],
  contribution: Contribution | undefined,
): (readonly [Operation, Settled])[] {
  const bodies = new Map<string, string | undefined>();
  contribution?.fragments.forEach(({ fragmentId, version }, index) => {
    bodies.set(`${fragmentId} ${version}`, contribution.bodies[index]);
  });
  return writes.map(({ operation, located, notes }, index) => {
    const outcome = outcomes[index]!;
    const key = `${outcome.fragmentId} ${outcome.version}`;
    const body = bodies.has(key) ? bodies.get(key) : located.current?.body;
    return [operation, { outcome, subject, body, located, notes }] as const;
  });
}
