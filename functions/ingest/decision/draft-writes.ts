import type { Known } from '../../../shared/fhir/grounds/grounds.ts';
import type { Issue } from '../../../shared/fhir/outcomes.ts';
import type { Json } from '../../../shared/fhir/references.ts';
import type { Question } from '../../../shared/record/contribution.ts';
import { contentHash, type FragmentDraft } from '../../../shared/record/draft.ts';
import type { Fragment } from '../../../shared/record/fold.ts';
import type { Subject } from '../../../shared/record/identity.ts';
import type { Linking } from '../../../shared/record/linking.ts';
import { correctionOf, retractionOf, type SideDraft, supersededMarks } from './corrections.ts';
import type { WriteRequest } from './decide-request.ts';
import { draftOf } from './fragments/fragment-draft.ts';
import { patchedResource } from './fragments/patched-resource.ts';
import { locateContent, type World } from './fragments/record-lookup.ts';
import { referenceContext } from './fragments/reference-context.ts';
import { resolveReferences, type Targets } from './fragments/resolve-references.ts';
import { type ArrivingFragment, sealArrivals } from './fragments/seal-arrivals.ts';
import type { Operation } from './names/operation.ts';
import { withCurrentNumber } from './names/patient-names.ts';
import { readSourceOrder } from './names/source-order.ts';
import type { Assignment } from './persons/assign-persons.ts';
import { ownNameOfSubject } from './persons/assign-subject.ts';
import { ownNameTag, storedOwnName } from './persons/patient-lookup.ts';
import { endedLinks, mergeLinks, mergesOf, type RewrittenPatient } from './persons/person-links.ts';
import { isProtected } from './persons/protected-person.ts';
import type { FoundFragments, PlacedWrite } from './place-writes.ts';

/** A write that has passed everything but its place in the record. */
export interface DraftedWrite extends PlacedWrite {
  readonly draft: FragmentDraft;
}

/** What the writes of a request come to. */
export interface Drafted {
  readonly writes: readonly DraftedWrite[];
  /** Writes of the same thing with the same content, by the one that stands for them. */
  readonly twins: ReadonlyMap<Operation, Operation>;
  readonly side: readonly SideDraft[];
  readonly links: readonly Linking[];
  readonly questions: readonly SubjectQuestion[];
  readonly issues: ReadonlyMap<Operation, readonly Issue[]>;
}

/** Resolves references and drafts each write; for Patients, says which links begin and end. */
export function draftWrites(
  request: WriteRequest,
  assignment: Assignment,
  found: FoundFragments,
  world: World,
  now: string,
): Drafted | { readonly needs: readonly string[] } {
  const located = new Map([...(request.written ?? []), ...found.placed.map((one) => [one.operation, one.located] as const)]);
  const { entries, versionNames, atomic } = request;
  const targets: Targets = { world, people: assignment.people, entries, versionNames, located, partial: !atomic };
  const context: DraftContext = { request, assignment, targets, known: referenceContext(targets), now };
  const writes: DraftedWrite[] = [];
  const issues = new Map<Operation, readonly Issue[]>();
  for (const placed of found.placed) {
    const drafted = draftWrite(placed, context);
    if ('issues' in drafted) issues.set(placed.operation, drafted.issues);
    else writes.push(drafted);
  }
  const twins = splitTwins(found.twins, writes, issues);
  const kept = writes.filter(({ operation }) => !twins.has(operation) && !issues.has(operation));
  const patients = draftPatients(kept, context);
  if (assignment.groups.needs.size > 0) return { needs: [...assignment.groups.needs] };
  const unstable = unstableIds(kept, context);
  const notes = new Map<Operation, readonly Issue[]>([
    ...patients.notes,
    ...unstable.map(({ operation, note }) => [operation, [note]] as const),
  ]);
  return {
    writes: kept.map((one) => ({ ...one, notes: [...one.notes, ...(notes.get(one.operation) ?? [])] })),
    twins,
    side: [...patients.side, ...formerMarks(kept, context), ...arrivalSeals(kept, context)],
    links: patients.links,
    questions: [...patients.questions, ...firstOfEach(unstable)],
    issues,
  };
}

/** A question, with the subject in whose contribution it is kept. */
export interface SubjectQuestion {
  readonly subject: Subject;
  readonly question: Question;
}

interface DraftContext {
  readonly request: WriteRequest;
  readonly assignment: Assignment;
  readonly targets: Targets;
  readonly known: Known;
  readonly now: string;
}

function draftWrite(placed: PlacedWrite, context: DraftContext): DraftedWrite | { issues: readonly Issue[] } {
  const { operation, located, addressed } = placed;
  const { assignment, request, targets, known, now } = context;
  const { interaction, at } = operation;
  const previous = assignment.patients.get(operation)?.write.previous ?? located.current;
  const write = interaction.kind === 'patch' ? patchedResource(operation, previous, request.reading) : writtenResource(operation);
  if ('issues' in write) return write;
  const { resource, slots } = write;
  if (resource !== undefined) {
    const referrer = { resource, at, subject: located.subject, group: assignment.groups.of(located.subject) };
    const issues = resolveReferences(slots, referrer, targets);
    if (issues.length > 0) return { issues };
  }
  const fromSource = resource !== undefined && !addressed && interaction.kind !== 'patch';
  const order = fromSource ? readSourceOrder(resource, at, now) : { notes: [] };
  if ('issues' in order) return order;
  const expected = expectedVersion(placed, previous);
  if ('issues' in expected) return expected;
  const draft = draftOf(
    {
      fragmentId: located.fragmentId,
      type: interaction.type,
      owner: targets.world.owner,
      ...(resource === undefined ? {} : { resource: openResource(resource, placed, context) }),
      ...ownNameOf(operation, previous),
      ...namedBy(operation, request, assignment),
      order,
      ...expected,
    },
    known,
    targets.world.identity,
  );
  return { ...placed, notes: [...placed.notes, ...order.notes], draft };
}

/** A Patient of somebody who is protected is kept without other NHS numbers: a reader of the new one must not learn the old. */
function openResource(resource: Json, { operation, located }: PlacedWrite, { assignment, targets, now }: DraftContext): Json {
  const open = operation.interaction.type === 'Patient' ? withCurrentNumber(resource, now) : resource;
  if (open === resource) return resource;
  return isProtected(targets.world, assignment.groups.of(located.subject), resource) ? open : resource;
}

const writtenResource = ({ interaction: { resource }, slots }: Operation) => ({ resource, slots });

/** A Patient that leaves the record of a wrong NHS number is compared where it was: where it goes to it is new. */
function expectedVersion(
  { operation, located }: PlacedWrite,
  previous: Fragment | undefined,
): { ifMatch?: number } | { issues: readonly Issue[] } {
  const { ifMatch } = operation.interaction;
  if (ifMatch === undefined) return {};
  if (previous === undefined || previous.subject === located.subject) return { ifMatch };
  return previous.version === ifMatch ? {} : { issues: [{ code: 'version-conflict', expression: operation.at }] };
}

function ownNameOf({ interaction, name }: Operation, previous: Fragment | undefined): { ownName?: string } {
  if (interaction.type !== 'Patient') return {};
  const own = name.kind === 'own-id' ? name.name : previous && storedOwnName(previous);
  return own === undefined ? {} : { ownName: ownNameTag(own) };
}

function namedBy(operation: Operation, { entries }: WriteRequest, { people }: Assignment): { namedBy?: string } {
  const name = ownNameOfSubject(operation, entries, people);
  return name === undefined ? {} : { namedBy: name };
}

/** Two entries of one name are the same thing: with the same content one of them is written, with another they contradict each other. */
function splitTwins(
  found: ReadonlyMap<Operation, Operation>,
  writes: readonly DraftedWrite[],
  issues: Map<Operation, readonly Issue[]>,
): Map<Operation, Operation> {
  const drafts = new Map(writes.map(({ operation, draft }) => [operation, draft]));
  const twins = new Map<Operation, Operation>();
  for (const [twin, first] of found) {
    const [one, other] = [drafts.get(twin), drafts.get(first)];
    if (one === undefined || other === undefined) continue;
    if (JSON.stringify(one.content) === JSON.stringify(other.content)) twins.set(twin, first);
    else issues.set(twin, [{ code: 'duplicate-entry', expression: twin.at }]);
  }
  return twins;
}

/**
 * What comes under a new id with an identifier and content that are here already: its source makes ids up. It is kept, for two things may be
 * alike, and the records office is asked once.
 */
function unstableIds(writes: readonly DraftedWrite[], { targets: { world }, assignment }: DraftContext): Unstable[] {
  return writes.flatMap(({ operation, located, draft }): Unstable[] => {
    const { name, tokens, interaction, at } = operation;
    if (name.kind !== 'own-id' || located.current !== undefined || tokens.length === 0 || interaction.type === 'Patient')
      return [];
    const alike = locateContent(world, assignment.groups.of(located.subject), draft.type, contentHash(draft));
    if (alike.length === 0) return [];
    const question: Question = { kind: 'unstable-ids', source: world.source.name };
    return [
      { operation, note: { code: 'unstable-ids', expression: `${at}.id` }, question: { subject: located.subject, question } },
    ];
  });
}

/** One question for each record is enough: they are all of one source. */
const firstOfEach = (unstable: readonly Unstable[]): SubjectQuestion[] => [
  ...new Map(unstable.map(({ question }) => [question.subject, question])).values(),
];

interface Unstable {
  readonly operation: Operation;
  readonly note: Issue;
  readonly question: SubjectQuestion;
}

/** Consents that sealed what comes only now. */
function arrivalSeals(writes: readonly DraftedWrite[], { assignment, targets, known }: DraftContext): SideDraft[] {
  const arriving = new Map<Subject, ArrivingFragment[]>();
  for (const { operation, located, draft } of writes) {
    if (located.current !== undefined || operation.tokens.length === 0 || draft.type === 'Patient') continue;
    const all = arriving.get(located.subject) ?? [];
    arriving.set(located.subject, all);
    all.push({ type: draft.type, subject: located.subject, fragmentId: located.fragmentId, tokens: operation.tokens });
  }
  const written = new Set(writes.map(({ located }) => located.fragmentId));
  return [...arriving].flatMap(([subject, all]) =>
    sealArrivals(targets.world, assignment.groups.of(subject), all, known, (fragmentId) => written.has(fragmentId)),
  );
}

/** The links, corrections and questions that follow from the Patients of a request. */
function draftPatients(writes: readonly DraftedWrite[], { assignment }: DraftContext) {
  const { identifying, patients } = assignment;
  const side: SideDraft[] = [];
  const notes: [Operation, readonly Issue[]][] = [];
  const questions: SubjectQuestion[] = [];
  const links: Linking[] = [...assignment.links];
  const rewritten: RewrittenPatient[] = [];
  const inRequest = new Set(writes.map(({ located }) => located.fragmentId));
  for (const { operation, located, draft } of writes) {
    if (operation.interaction.type !== 'Patient') continue;
    const patient = patients.get(operation);
    const previous = patient?.write.previous ?? located.current;
    if (patient === undefined) {
      if (previous?.body !== undefined) rewritten.push({ previous, after: undefined });
      continue;
    }
    const { write, identified } = patient;
    const resolved = JSON.parse(draft.content?.rest ?? '{}') as Json;
    const merges = [...mergesOf(resolved).keys()];
    for (const other of merges) identifying.groups.of(other);
    const merged = mergeLinks(identifying, write, located.subject, resolved);
    const corrected = correctionOf(identifying, patient, inRequest);
    if (previous?.body !== undefined)
      rewritten.push({ previous, after: { subject: located.subject, names: write.names, merges } });
    if (previous !== undefined && previous.subject !== located.subject && identified.leaves(previous.subject))
      side.push({ subject: previous.subject, draft: retractionOf(previous) });
    links.push(...merged.links);
    side.push(...corrected.drafts);
    notes.push([operation, [...identified.notes, ...merged.notes, ...corrected.notes]]);
    for (const question of [...identified.questions, ...merged.questions, ...corrected.questions])
      questions.push({ subject: located.subject, question: withStatement(question, located.fragmentId) });
  }
  const ended = endedLinks(identifying, rewritten).filter((link) => !links.some((one) => isSameLink(one, link)));
  return { side, notes, questions, links: [...ended, ...links] };
}

/** Of a link it matters which Patient says it: another one that says the same is asked about again. */
const withStatement = (question: Question, statement: string): Question =>
  question.kind === 'link-without-effect' ? { ...question, statement } : question;

const isSameLink = (one: Linking, other: Linking): boolean => one.persons.every((person) => other.persons.includes(person));

/** What a source sends again about somebody else leaves the record where it was marked. */
function formerMarks(writes: readonly DraftedWrite[], { request, targets, assignment }: DraftContext): SideDraft[] {
  const formerly = formerPersons(request, assignment);
  if (formerly.length === 0) return [];
  return writes.flatMap(({ draft, located }) =>
    draft.content === undefined || draft.type === 'Patient'
      ? []
      : supersededMarks(targets.world, formerly, draft, located.subject),
  );
}

function formerPersons({ lookups }: WriteRequest, { patients }: Assignment): { person: Subject; inRequest: boolean }[] {
  const known = [...lookups.references.values(), ...lookups.aliases.values()].flatMap(({ formerly = [] }) => formerly);
  const now = [...patients.values()].flatMap(({ identified: { formerly } }) => formerly?.person ?? []);
  return [...new Set([...known, ...now])].map((person) => ({ person, inRequest: now.includes(person) }));
}
