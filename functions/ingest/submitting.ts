import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { systemViewer } from '../../shared/access/viewer.ts';
import { type Issue, isRefusal, type Refusal, refuse, refuseAll } from '../../shared/fhir/outcomes.ts';
import type { Submission } from '../../shared/record/contribution.ts';
import type { Fold, Fragment, PersonRecord } from '../../shared/record/fold.ts';
import { type Identity, isPersonId, type Subject } from '../../shared/record/identity.ts';
import { type Linking, linkContributions } from '../../shared/record/linking.ts';
import type { RecordStore } from '../../shared/store/record.ts';
import { type Decided, decideRequest, type Settled, type WriteRequest } from './decision/decide-request.ts';
import type { Located, World } from './decision/fragments/record-lookup.ts';
import { contentNames } from './decision/names/content-name.ts';
import { type Entries, indexOperations, type NameReading, type Operation } from './decision/names/operation.ts';
import { nhsNumbersOf } from './decision/names/patient-names.ts';
import {
  type AssignedPatient,
  type Assignment,
  assignPersons,
  type PersonLookups,
  type PersonRequest,
} from './decision/persons/assign-persons.ts';
import type { Placement } from './decision/persons/assign-subject.ts';
import type { NewAlias } from './decision/persons/new-aliases.ts';
import { readDirectories } from './directories.ts';
import { keepOwnName } from './own-names.ts';
import { lookUpPersons, type PersonsDependencies } from './persons.ts';

/** Writes that came in one request. */
export interface Submitted {
  readonly operations: readonly Operation[];
  readonly submission: Submission;
  readonly reading: NameReading;
}

export type SettledAll = ReadonlyMap<Operation, Settled>;

/** What is written in the same transaction as the contributions, once it is known what they come to, and by which names persons will be called. */
export type Alongside = (settled: SettledAll, aliases: readonly NewAlias[]) => readonly TransactWriteItem[];

/** One item each, and a transaction holds 100. */
const MAX_SUBJECTS = 100;

/** More links in one request than any record has: each but the first may take a round. */
const MAX_ROUNDS = 32;

/** Writes all or nothing. @returns what became of each write, or every problem of all of them. */
export async function submitAtomic(
  dependencies: PersonsDependencies,
  submitted: Submitted,
  alongside: Alongside = () => [],
): Promise<SettledAll | Refusal> {
  const prepared = await prepare(dependencies, submitted);
  if (isRefusal(prepared)) return prepared;
  const unplaced = [...prepared.placements.values()].flatMap((placement) => ('issues' in placement ? placement.issues : []));
  const refusal = refuseAll(unplaced);
  if (refusal !== undefined) return refusal;
  if (new Set([...prepared.placements.values()].map((placed) => 'subject' in placed && placed.subject)).size > MAX_SUBJECTS)
    return refuse('too-many-persons', { expression: 'Bundle.entry' });
  await keepOwnName(dependencies, submitted, prepared);
  const settled = await write(dependencies, submitted, prepared, submitted.operations, { atomic: true, alongside });
  if (isRefusal(settled)) return settled;
  const refused = refuseAll([...settled.settled.values()].flatMap((one) => ('issues' in one ? one.issues : [])));
  if (refused !== undefined) return refused;
  await putAliases(dependencies.store, settled);
  return settled.settled;
}

/** How many persons' writes of a batch are under way at once. */
const CONCURRENT_PERSONS = 8;

/** Writes what can be written: one contribution for each subject, so that the problems of one entry are nobody else's. */
export async function submitBatch(dependencies: PersonsDependencies, submitted: Submitted): Promise<SettledAll> {
  const settled = new Map<Operation, Settled>();
  const prepared = await prepare(dependencies, submitted);
  if (isRefusal(prepared)) {
    for (const operation of submitted.operations) settled.set(operation, { issues: at(operation, prepared.issues) });
    return settled;
  }
  for (const operation of submitted.operations) {
    const placement = prepared.placements.get(operation)!;
    if ('issues' in placement) settled.set(operation, placement);
  }
  const writeGroup = async (operations: readonly Operation[], written?: ReadonlyMap<Operation, Located>): Promise<void> => {
    const options = { atomic: false, ...(written === undefined ? {} : { written }) };
    const result = await write(dependencies, submitted, prepared, operations, options);
    if (isRefusal(result) && result.issues[0].code === 'too-large' && operations.length > 1) {
      const half = Math.ceil(operations.length / 2);
      await writeGroup(operations.slice(0, half), written);
      return writeGroup(operations.slice(half), written);
    }
    for (const operation of operations) {
      settled.set(operation, isRefusal(result) ? { issues: at(operation, result.issues) } : result.settled.get(operation)!);
    }
    if (!isRefusal(result)) await putAliases(dependencies.store, result);
  };
  // What an organisation tells of itself comes first: its other entries may refer to it.
  const groups = groupOperations(submitted.operations, prepared);
  for (const operations of groups.directory) await writeGroup(operations);
  const written = new Map(
    [...settled].flatMap(([operation, one]) => ('located' in one ? [[operation, one.located] as const] : [])),
  );
  const waiting = [...groups.persons];
  const work = async () => {
    for (let operations = waiting.pop(); operations !== undefined; operations = waiting.pop())
      await writeGroup(operations, written);
  };
  await Promise.all(Array.from({ length: CONCURRENT_PERSONS }, work));
  return settled;
}

/** Operations that are written together: those of one organisation, and those of persons whom a Patient of the request brings together. */
function groupOperations(operations: readonly Operation[], { placements, patients }: Prepared) {
  const leader = new Map<Subject, Subject>();
  const leaderOf = (subject: Subject): Subject => {
    let one = subject;
    while (leader.has(one)) one = leader.get(one)!;
    return one;
  };
  const unite = (subjects: readonly Subject[]) => {
    const [first, ...others] = [...new Set(subjects.map(leaderOf))];
    for (const other of others) leader.set(other, first!);
  };
  for (const { identified } of patients.values()) unite(personsOf(identified));
  const groups = new Map<Subject, Operation[]>();
  for (const operation of operations) {
    const placement = placements.get(operation)!;
    if ('issues' in placement) continue;
    const key = leaderOf(placement.subject);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [operation]);
    else known.push(operation);
  }
  return {
    directory: [...groups].filter(([subject]) => !isPersonId(subject)).map(([, all]) => all),
    persons: [...groups].filter(([subject]) => isPersonId(subject)).map(([, all]) => all),
  };
}

const personsOf = ({ person, about, formerly, links }: AssignedPatient['identified']): Subject[] => [
  person,
  about,
  ...(formerly === undefined ? [] : [formerly.person]),
  ...links.flatMap(({ persons }) => persons),
];

const at = ({ at: expression }: Operation, issues: readonly Issue[]): Issue[] =>
  issues.map((issue) => ({ expression, ...issue }));

/** A request with everything that was looked up for it. */
export interface Prepared {
  readonly request: PersonRequest;
  readonly entries: Entries;
  readonly lookups: PersonLookups;
  readonly placements: ReadonlyMap<Operation, Placement>;
  readonly patients: ReadonlyMap<Operation, AssignedPatient>;
  readonly groups: Assignment['groups'];
  /** Subjects that the assignment was read from. */
  readonly subjects: ReadonlySet<Subject>;
  readonly identity: Identity;
  readonly directories: ReadonlyMap<string, Fold>;
}

async function prepare(dependencies: PersonsDependencies, submitted: Submitted): Promise<Prepared | Refusal> {
  const { operations, submission, reading } = submitted;
  const owner = submission.contributor;
  const identity = memoised(dependencies.identity);
  const entries = indexOperations(operations);
  const lookups = await lookUpPersons({ ...dependencies, identity }, operations, owner, reading);
  const request: PersonRequest = { operations, entries, contentNames: contentNames(operations, entries), lookups, reading };
  const directories = await readDirectories(dependencies.store, identity, owner, operations, entries, reading);
  const assigned = await assignOnRecent(dependencies, request, { owner, identity, directories });
  if (isRefusal(assigned)) return assigned;
  const placements = new Map(
    [...assigned.assignment.placements].map(([operation, placement]) => [
      operation,
      hasTwoNumbers(operation, reading) ? TWO_NUMBERS(operation) : placement,
    ]),
  );
  const { patients, groups } = assigned.assignment;
  return { request, entries, lookups, placements, patients, groups, subjects: assigned.subjects, identity, directories };
}

/** Who the persons are on what this process remembers: how a batch is divided, and what is refused at once. Decided again when it is written. */
async function assignOnRecent(
  { store }: PersonsDependencies,
  request: PersonRequest,
  { owner, identity, directories }: Pick<World, 'owner' | 'identity' | 'directories'>,
): Promise<{ assignment: Assignment; subjects: ReadonlySet<Subject> } | Refusal> {
  const folds = new Map<Subject, Fold>();
  const { source, now } = request.reading;
  const world: World = { owner, source, identity, folds, directories, sees: () => true };
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const assignment = assignPersons(request, world, now);
    if (!('needs' in assignment)) return { assignment, subjects: new Set(folds.keys()) };
    const read = assignment.needs.map((subject) => store.fold(subject, { freshness: 'recent' }));
    for (const fold of await Promise.all(read)) folds.set(fold.subject, fold);
  }
  return refuse('contended');
}

const hasTwoNumbers = ({ interaction: { type, resource } }: Operation, { now }: NameReading): boolean =>
  type === 'Patient' && resource !== undefined && nhsNumbersOf(resource, now).length > 1;

const TWO_NUMBERS = ({ at: expression }: Operation): Placement => ({
  issues: [
    {
      code: 'several-subjects',
      expression: `${expression}.identifier`,
      diagnostics: 'This Patient goes by two NHS numbers. Mark the superseded one as old.',
    },
  ],
});

/** A request names the same things again and again, and each name costs an HMAC. */
function memoised(identity: Identity): Identity {
  const fragments = new Map<string, string>();
  return {
    person: identity.person,
    fragment: (owner, type, source) => {
      const key = `${owner} ${type} ${source}`;
      let id = fragments.get(key);
      if (id === undefined) {
        id = identity.fragment(owner, type, source);
        fragments.set(key, id);
      }
      return id;
    },
  };
}

/** What was decided and written. */
type WrittenRequest = Extract<Decided, { settled: unknown }>;

/** Names follow what was written, and precede the answer: a Patient who was refused names nobody. */
async function putAliases(store: RecordStore, written: WrittenRequest): Promise<void> {
  const names = new Map(aliasesOf(written).map((alias) => [alias.name, alias]));
  await Promise.all([...names.values()].map(({ name, onlyNew, ...alias }) => store.putAlias(name, alias, onlyNew)));
}

const aliasesOf = ({ patients, settled }: Pick<WrittenRequest, 'patients' | 'settled'>): NewAlias[] =>
  [...patients].flatMap(([operation, { identified }]) => ('outcome' in (settled.get(operation) ?? {}) ? identified.aliases : []));

interface WriteOptions extends Pick<WriteRequest, 'atomic' | 'written'> {
  readonly alongside?: Alongside;
}

async function write(
  { store, access, versionNames }: PersonsDependencies,
  { submission, reading }: Submitted,
  { request, placements, patients, identity, directories }: Prepared,
  operations: readonly Operation[],
  { alongside = () => [], ...options }: WriteOptions,
): Promise<WrittenRequest | Refusal> {
  const writing = operations.filter((operation) => 'subject' in placements.get(operation)!);
  const apart = new Map([...patients].filter(([operation]) => !writing.includes(operation)));
  const whole: WriteRequest = { ...request, operations: writing, patients: apart, submission, versionNames, ...options };
  const subjects = new Set(writing.flatMap((operation) => subjectsOf(operation, placements, patients)));
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const decided = await store.contribute<Decided>([...subjects], (folds, now) => {
      const owner = submission.contributor;
      const sees = (fragment: Fragment) =>
        !isPersonId(fragment.subject) || access.view(systemViewer(owner), recordOf(folds, fragment.subject), now).sees(fragment);
      const world: World = { owner, source: reading.source, identity, folds, directories, sees };
      const decision = decideRequest(whole, world, now);
      if (!('settled' in decision)) return { result: decision, contributions: [] };
      const accepted = ![...decision.settled.values()].some((one) => 'issues' in one);
      return {
        result: decision,
        contributions: decision.contributions,
        alongside: accepted ? alongside(decision.settled, aliasesOf(decision)) : [],
      };
    });
    if (decided === 'contended' || decided === 'too-large') return refuse(decided);
    if ('settled' in decided) return decided;
    if ('needs' in decided) for (const subject of decided.needs) subjects.add(subject);
    else {
      const linked = await linkFirst(store, submission, decided.first);
      if (linked !== 'linked') return refuse(linked);
    }
  }
  return refuse('contended');
}

/** The record that a subject is part of, as far as a request has read it: all of it, once everything is decided. */
function recordOf(folds: ReadonlyMap<Subject, Fold>, subject: Subject): PersonRecord {
  const group = new Set([subject]);
  for (const one of group) for (const other of folds.get(one)?.links.keys() ?? []) group.add(other);
  return { personId: subject, folds: [...group].flatMap((one) => folds.get(one) ?? []) };
}

const linkFirst = (store: RecordStore, submission: Submission, link: Linking) =>
  store.contribute(link.persons, (folds, now) => ({
    result: 'linked' as const,
    contributions: linkContributions(folds, submission, link, now),
  }));

function subjectsOf(
  operation: Operation,
  placements: ReadonlyMap<Operation, Placement>,
  patients: ReadonlyMap<Operation, AssignedPatient>,
): Subject[] {
  const placement = placements.get(operation)!;
  if ('issues' in placement) return [];
  const patient = patients.get(operation);
  return [placement.subject, ...(patient === undefined ? [] : personsOf(patient.identified))];
}
