import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { systemViewer } from '../../shared/access/viewer.ts';
import { type Issue, isRefusal, type Refusal, refuse, refuseAll } from '../../shared/fhir/outcomes.ts';
import type { Submission } from '../../shared/record/contribution.ts';
import type { Fold, Fragment, PersonRecord } from '../../shared/record/fold.ts';
import { type Identity, isPersonId, type Subject } from '../../shared/record/identity.ts';
import { type Linking, linkContributions } from '../../shared/record/linking.ts';
import type { RecordStore } from '../../shared/store/record.ts';
import { type Decided, decideRequest, type Settled, type WriteRequest } from './decision/deciding.ts';
import type { Located, World } from './decision/finding.ts';
import { type Entries, indexOperations, type Operation } from './decision/operation.ts';
import { type Placement, placeOperations } from './decision/placing.ts';
import { readDirectories } from './directories.ts';
import { type Alias, findPersons, type Persons, type PersonsDependencies } from './persons.ts';

/** Writes that came in one request. */
export interface Submitted {
  readonly operations: readonly Operation[];
  readonly submission: Submission;
  readonly fhirUrl: string;
  readonly now: string;
}

export type SettledAll = ReadonlyMap<Operation, Settled>;

/** What is written in the same transaction as the contributions, once it is known what they come to, and by which names persons will be called. */
export type Alongside = (settled: SettledAll, aliases: readonly Alias[]) => readonly TransactWriteItem[];

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
  const unplaced = [...prepared.placements.values()].flatMap((placement) => ('issues' in placement ? placement.issues : []));
  const refusal = refuseAll(unplaced);
  if (refusal !== undefined) return refusal;
  if (new Set([...prepared.placements.values()].map((placed) => 'subject' in placed && placed.subject)).size > MAX_SUBJECTS)
    return refuse('too-many-persons', { expression: 'Bundle.entry' });
  const settled = await write(dependencies, submitted, prepared, submitted.operations, { atomic: true, alongside });
  if (isRefusal(settled)) return settled;
  const refused = refuseAll([...settled.values()].flatMap((one) => ('issues' in one ? one.issues : [])));
  if (refused !== undefined) return refused;
  await putAliases(dependencies.store, prepared.persons, settled);
  return settled;
}

/** How many persons' writes of a batch are under way at once. */
const CONCURRENT_PERSONS = 8;

/** Writes what can be written: one contribution for each subject, so that the problems of one entry are nobody else's. */
export async function submitBatch(dependencies: PersonsDependencies, submitted: Submitted): Promise<SettledAll> {
  const prepared = await prepare(dependencies, submitted);
  const settled = new Map<Operation, Settled>();
  const bySubject = new Map<Subject, Operation[]>();
  for (const operation of submitted.operations) {
    const placement = prepared.placements.get(operation)!;
    if ('issues' in placement) settled.set(operation, placement);
    else {
      const known = bySubject.get(placement.subject);
      if (known === undefined) bySubject.set(placement.subject, [operation]);
      else known.push(operation);
    }
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
      settled.set(operation, isRefusal(result) ? { issues: at(operation, result.issues) } : result.get(operation)!);
    }
  };
  // What an organisation tells of itself comes first: its other entries may refer to it.
  const [directory, persons] = [
    [...bySubject].filter(([subject]) => !isPersonId(subject)),
    [...bySubject].filter(([subject]) => isPersonId(subject)),
  ];
  for (const [, operations] of directory) await writeGroup(operations);
  const written = new Map(
    [...settled].flatMap(([operation, one]) => ('located' in one ? [[operation, one.located] as const] : [])),
  );
  const waiting = persons.map(([, operations]) => operations);
  const work = async () => {
    for (let operations = waiting.pop(); operations !== undefined; operations = waiting.pop())
      await writeGroup(operations, written);
  };
  await Promise.all(Array.from({ length: CONCURRENT_PERSONS }, work));
  await putAliases(dependencies.store, prepared.persons, settled);
  return settled;
}

const at = ({ at: expression }: Operation, issues: readonly Issue[]): Issue[] =>
  issues.map((issue) => ({ expression, ...issue }));

interface Prepared {
  readonly persons: Persons;
  readonly entries: Entries;
  readonly placements: ReadonlyMap<Operation, Placement>;
  readonly identity: Identity;
  readonly directories: ReadonlyMap<string, Fold>;
}

async function prepare(
  dependencies: PersonsDependencies,
  { operations, submission, fhirUrl, now }: Submitted,
): Promise<Prepared> {
  const owner = submission.contributor;
  const identity = memoised(dependencies.identity);
  const entries = indexOperations(operations);
  const persons = await findPersons({ ...dependencies, identity }, operations, owner, now, fhirUrl);
  const placed = placeOperations(operations, entries, persons, owner, fhirUrl);
  const placements = new Map(
    [...placed].map(([operation, placement]) => [
      operation,
      persons.ambiguous.has(operation) ? TWO_NUMBERS(operation) : placement,
    ]),
  );
  const directories = await readDirectories(dependencies.store, identity, owner, operations, entries);
  return { persons, entries, placements, identity, directories };
}

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
    version: identity.version,
  };
}

/** Names follow what was written, and precede the answer: a Patient who was refused names nobody. */
async function putAliases(store: RecordStore, persons: Persons, settled: SettledAll): Promise<void> {
  const names = new Map(aliasesOf(persons, settled).map((alias) => [alias.name, alias]));
  await Promise.all([...names.values()].map(({ name, person, onlyNew }) => store.putAlias(name, person, onlyNew)));
}

const aliasesOf = ({ aliases }: Persons, settled: SettledAll): Alias[] =>
  [...aliases].flatMap(([operation, own]) => ('outcome' in (settled.get(operation) ?? {}) ? own : []));

interface WriteOptions extends Pick<WriteRequest, 'atomic' | 'written'> {
  readonly alongside?: Alongside;
}

async function write(
  { store, access }: PersonsDependencies,
  { submission, fhirUrl }: Submitted,
  { persons, entries, placements, identity, directories }: Prepared,
  operations: readonly Operation[],
  { alongside = () => [], ...options }: WriteOptions,
): Promise<SettledAll | Refusal> {
  const request: WriteRequest = {
    operations,
    entries,
    placements,
    people: persons,
    patients: persons.patientPersons,
    submission,
    fhirUrl,
    ...options,
  };
  const subjects = new Set(operations.flatMap((operation) => subjectsOf(operation, placements, persons)));
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const decided = await store.contribute<Decided>([...subjects], (folds, now) => {
      const owner = submission.contributor;
      const sees = (fragment: Fragment) =>
        !isPersonId(fragment.subject) || access.view(systemViewer(owner), recordOf(folds, fragment.subject), now).sees(fragment);
      const world: World = { owner, identity, folds, directories, sees };
      const decision = decideRequest(request, world, now);
      if (!('settled' in decision)) return { result: decision, contributions: [] };
      const accepted = ![...decision.settled.values()].some((one) => 'issues' in one);
      return {
        result: decision,
        contributions: decision.contributions,
        alongside: accepted ? alongside(decision.settled, aliasesOf(persons, decision.settled)) : [],
      };
    });
    if (decided === 'contended' || decided === 'too-large') return refuse(decided);
    if ('settled' in decided) return decided.settled;
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

function subjectsOf(operation: Operation, placements: ReadonlyMap<Operation, Placement>, persons: Persons): Subject[] {
  const placement = placements.get(operation)!;
  if ('issues' in placement) return [];
  const patient = persons.patientPersons.get(operation);
  return [placement.subject, ...(patient === undefined ? [] : [patient.person, ...patient.formerly])];
}
