import type { Issue } from '../../../shared/fhir/outcomes.ts';
import type { Subject } from '../../../shared/record/identity.ts';
import type { Settled, WriteRequest } from './decide-request.ts';
import { type FoundFragment, findFragment } from './fragments/find-fragment.ts';
import { foldOf, type Located, type World } from './fragments/record-lookup.ts';
import { tokenOf } from './names/identifiers.ts';
import type { Operation } from './names/operation.ts';
import type { AssignedPatient, Assignment } from './persons/assign-persons.ts';

/** A write whose fragment is known. */
export interface PlacedWrite {
  readonly operation: Operation;
  readonly located: Located;
  readonly addressed: boolean;
  readonly notes: readonly Issue[];
}

/** Which fragment each write of a request is about. */
export interface FoundFragments {
  readonly placed: readonly PlacedWrite[];
  /** Writes that came to the fragment of an earlier one: the same thing, if their content is the same. */
  readonly twins: ReadonlyMap<Operation, Operation>;
  /** Conditional creates that found what they were not to create. */
  readonly settled: ReadonlyMap<Operation, Settled>;
  readonly issues: ReadonlyMap<Operation, readonly Issue[]>;
}

/** Finds the fragment of each write, and those that are about one fragment. */
export function findFragments(request: WriteRequest, assignment: Assignment, world: World): FoundFragments {
  const placed: PlacedWrite[] = [];
  const twins = new Map<Operation, Operation>();
  const settled = new Map<Operation, Settled>();
  const issues = new Map<Operation, readonly Issue[]>();
  const taken = new Map<string, Operation>();
  const created = new Map<string, PlacedWrite>();
  for (const operation of request.operations) {
    const placement = assignment.placements.get(operation)!;
    if ('issues' in placement) {
      issues.set(operation, placement.issues);
      continue;
    }
    const found = withCreated(
      created,
      operation,
      placement.subject,
      locate(request, assignment, world, operation, placement.subject),
    );
    if ('issues' in found) issues.set(operation, found.issues);
    else if (found.existing !== undefined) settled.set(operation, settledAs(found.located, found.existing));
    else {
      const key = `${found.located.subject}.${found.located.fragmentId}`;
      const earlier = taken.get(key);
      if (earlier === undefined) taken.set(key, operation);
      const previous = assignment.patients.get(operation)?.write.previous ?? found.located.current;
      const problem = preconditionOf(operation, previous, earlier);
      const write = { operation, located: found.located, addressed: found.addressed, notes: found.notes ?? [] };
      if (problem !== undefined) issues.set(operation, [problem]);
      else {
        if (earlier !== undefined && (request.atomic || operation.interaction.ifNoneExist !== undefined))
          twins.set(operation, earlier);
        placed.push(write);
        if (operation.interaction.resource !== undefined) remember(created, placement.subject, write);
      }
    }
  }
  return { placed, twins, settled, issues };
}

function locate(
  { contentNames }: WriteRequest,
  { groups, patients }: Assignment,
  world: World,
  operation: Operation,
  subject: Subject,
): FoundFragment {
  const found = findFragment(world, operation, groups.of(subject), contentNames);
  const patient = patients.get(operation);
  return patient === undefined || 'issues' in found ? found : { ...found, located: patientPlace(world, patient, found.located) };
}

/**
 * A Patient that is about somebody else than before, or whose person is in doubt, leaves the record that it was in: it goes on under the id
 * that it had, in the record of whom it is about now. So a source has one current Patient of a name.
 */
function patientPlace(world: World, { write, identified }: AssignedPatient, located: Located): Located {
  const { previous } = write;
  const { person } = identified;
  if (previous === undefined || !identified.leaves(previous.subject)) return located;
  const { fragmentId } = previous;
  const current = foldOf(world, person)?.fragments.get(fragmentId);
  return { subject: person, fragmentId, current: current?.owner === world.owner ? current : undefined };
}

const createdKey = (type: string, subject: Subject, token: string): string => `${type} ${subject} ${token}`;

/** A conditional create finds what the same request creates, too (http://hl7.org/fhir/R4/http.html#trules). */
function withCreated(
  created: ReadonlyMap<string, PlacedWrite>,
  { interaction: { type, ifNoneExist } }: Operation,
  subject: Subject,
  found: FoundFragment,
): FoundFragment {
  if (ifNoneExist === undefined || 'issues' in found || found.existing !== undefined) return found;
  const earlier = created.get(createdKey(type, subject, tokenOf(ifNoneExist.identifier)));
  return earlier === undefined ? found : { ...found, located: earlier.located };
}

function remember(created: Map<string, PlacedWrite>, subject: Subject, write: PlacedWrite): void {
  const { interaction, tokens } = write.operation;
  const condition = interaction.ifNoneExist === undefined ? [] : [tokenOf(interaction.ifNoneExist.identifier)];
  for (const token of [...tokens, ...condition]) {
    const key = createdKey(interaction.type, subject, token);
    if (!created.has(key)) created.set(key, write);
  }
}

function settledAs(
  located: Located,
  { fragmentId, version, recordedAt, body, subject }: NonNullable<Located['current']>,
): Settled {
  return { subject, located, body, outcome: { fragmentId, version, recordedAt, status: 'unchanged' }, notes: [] };
}

function preconditionOf(
  { interaction, at }: Operation,
  previous: Located['current'],
  earlier: Operation | undefined,
): Issue | undefined {
  // What asks for a fragment as it is cannot follow an entry that is only just writing it.
  const needsCurrent = interaction.kind === 'patch' || interaction.onlyCreate;
  if (earlier !== undefined && needsCurrent) return { code: 'duplicate-entry', expression: at };
  const exists = previous?.body !== undefined;
  if (interaction.onlyCreate && exists) return { code: 'already-exists', expression: at };
  if (interaction.kind === 'patch' && !exists) return { code: 'gone', expression: at };
  return undefined;
}
