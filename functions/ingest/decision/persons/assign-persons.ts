import type { Json } from '../../../../shared/fhir/references.ts';
import type { Fragment } from '../../../../shared/record/fold.ts';
import { isPersonId, parseLogicalId, type Subject } from '../../../../shared/record/identity.ts';
import type { Linking } from '../../../../shared/record/linking.ts';
import { findFragment } from '../fragments/find-fragment.ts';
import { patchedResource } from '../fragments/patched-resource.ts';
import { foldOf, type World } from '../fragments/record-lookup.ts';
import type { ContentNames } from '../names/content-name.ts';
import type { Entries, NameReading, Operation } from '../names/operation.ts';
import { assignSubjects, type People, type Placement } from './assign-subject.ts';
import { type IdentifiedPatient, identifyPatient } from './identify-patient.ts';
import type { Identifying, PatientWrite } from './known-persons.ts';
import { type AliasOf, ownPatientName, type PatientNames, patientNamesOf, storedOwnName } from './patient-lookup.ts';
import { createPersonGroups, type PersonGroups } from './person-groups.ts';
import { endedNumberLinks, mergesOf, tracedLinks } from './person-links.ts';

/** A person whom a reference names. */
export interface FoundPerson {
  readonly person: Subject;
  readonly formerly?: readonly Subject[];
  /** Key of the alias that led from an own name to the person of an NHS number. */
  readonly ownName?: Subject;
}

/** What was looked up about the persons of a request, as far as its caller may know. */
export interface PersonLookups {
  readonly aliases: ReadonlyMap<Subject, AliasOf>;
  /** By `personKeys`; absent: nobody whom the caller knows. */
  readonly references: ReadonlyMap<string, FoundPerson>;
  /** Patients of the request by the names that others may use: they may not be known to the store yet. */
  readonly arriving: ReadonlyMap<string, Operation>;
}

/** What assigning persons stands on. */
export interface PersonRequest {
  readonly operations: readonly Operation[];
  readonly entries: Entries;
  readonly contentNames: ContentNames;
  readonly lookups: PersonLookups;
  readonly reading: NameReading;
}

/** A Patient of a request, with who it is. */
export interface AssignedPatient {
  readonly write: PatientWrite;
  readonly identified: IdentifiedPatient;
}

/** Who the Patients of a request are, and about whom everything else is. */
export interface Assignment {
  readonly groups: PersonGroups;
  readonly patients: ReadonlyMap<Operation, AssignedPatient>;
  readonly people: People;
  readonly placements: ReadonlyMap<Operation, Placement>;
  /** Links and unlinks by NHS numbers, those that end first. */
  readonly links: readonly Linking[];
  readonly identifying: Identifying;
}

/**
 * Says who each Patient is, and then about whom each operation is.
 * @param known what was assigned for Patients of the request that are not written now.
 * @returns subjects whose folds are missing, when there are such.
 */
export function assignPersons(
  request: PersonRequest,
  world: World,
  now: string,
  known: ReadonlyMap<Operation, AssignedPatient> = new Map(),
): Assignment | { readonly needs: readonly Subject[] } {
  const { operations, lookups } = request;
  const patientOperations = operations.filter(({ interaction }) => interaction.type === 'Patient');
  const missing = new Set(
    patientOperations
      .flatMap((operation) => subjectsOf(operation, request, world, now))
      .filter((one) => foldOf(world, one) === undefined),
  );
  if (missing.size > 0) return { needs: [...missing] };
  const whole = createPersonGroups(world);
  const first = identifyAll(patientOperations, request, { world, groups: whole, aliases: lookups.aliases, now });
  if (whole.needs.size > 0) return { needs: [...whole.needs] };
  // A statement that is taken back is no reason any more: who the others are is judged without it.
  const ended = endedNumberLinks({ world, groups: whole, aliases: lookups.aliases, now }, [...first.values()]);
  const identifying: Identifying = { world, groups: createPersonGroups(world, ended), aliases: lookups.aliases, now };
  const identified = ended.length === 0 ? first : identifyAll(patientOperations, request, identifying);
  const context = ended.length === 0 ? { ...identifying, groups: whole } : identifying;
  if (context.groups.needs.size > 0) return { needs: [...context.groups.needs] };
  const patients = new Map([...known, ...identified]);
  const people = peopleOf(patients, lookups);
  const placements = assignSubjects(operations, request.entries, people, world.owner, request.reading);
  const links = [...ended, ...[...identified.values()].flatMap((one) => one.identified.links)];
  return { groups: context.groups, patients, people, placements, links, identifying: context };
}

/** Everybody whom the names of a Patient may lead to. */
function subjectsOf(operation: Operation, request: PersonRequest, world: World, now: string): Subject[] {
  const { aliases } = request.lookups;
  const { interaction } = operation;
  const ours = interaction.id === undefined ? undefined : parseLogicalId(interaction.id);
  const addressed = ours !== undefined && isPersonId(ours.subject) && request.lookups.references.has(`Patient/${ours.subject}`);
  const names = interaction.resource && patientNamesOf(interaction.resource, operation, world, now);
  const keys = [...(names?.local ?? ownNames(operation, world))].map(({ key }) => key);
  return [
    ...(addressed ? [ours.subject] : []),
    ...(names?.number === undefined ? [] : [names.number]),
    ...(names?.superseded ?? []),
    ...keys.flatMap((key) => aliasSubjects(aliases.get(key)) ?? [key]),
  ];
}

/** Another Patient of one of its names may have corrected its number first: the earlier version is still where the name led before. */
const aliasSubjects = (alias: AliasOf | undefined): Subject[] | undefined =>
  alias && [alias.person, ...(alias.keptIn ?? []), ...(alias.formerly ?? [])];

const ownNames = ({ name }: Operation, { identity, owner }: World) =>
  name.kind === 'own-id' ? [ownPatientName(identity, owner, name.name)] : [];

function identifyAll(
  operations: readonly Operation[],
  request: PersonRequest,
  context: Identifying,
): Map<Operation, AssignedPatient> {
  const assigned = new Map<Operation, AssignedPatient>();
  for (const operation of operations) {
    const write = readPatientWrite(operation, request, context);
    if (write === undefined || write.names.isAmbiguous) continue;
    const traced = tracedLinks(context, write);
    for (const { persons } of traced) context.groups.join(persons);
    const identified = identifyPatient(context, write);
    for (const { persons } of identified.links) context.groups.join(persons);
    assigned.set(operation, { write, identified: { ...identified, links: [...traced, ...identified.links] } });
  }
  return assigned;
}

/** Reads what a Patient says now, and what it said before; `undefined` where it is retracted, or refused later. */
function readPatientWrite(operation: Operation, request: PersonRequest, context: Identifying): PatientWrite | undefined {
  const { world, groups, now } = context;
  const { interaction } = operation;
  const everybody = subjectsOf(operation, request, world, now).flatMap((one) => groups.of(one));
  if (everybody.length === 0)
    everybody.push(world.identity.person({ system: 'urn:chesil:unnamed', value: operation.fallbackSource }, world.owner));
  const found = findFragment(world, operation, [...new Set(everybody)], request.contentNames);
  const located = 'located' in found ? found.located : undefined;
  const previous = located?.current?.body === undefined ? undefined : located.current;
  const read = readWritten(operation, previous, request.reading);
  if (read === undefined) return undefined;
  const ours = interaction.id === undefined ? undefined : parseLogicalId(interaction.id);
  return {
    operation,
    resource: read.resource,
    names: namesWith(
      patientNamesOf(read.resource, read, world, now),
      // A patch says nothing of its own id, whichever way it was addressed.
      'located' in found && (found.addressed || interaction.kind === 'patch') ? previous : undefined,
      world,
    ),
    ...(ours !== undefined && previous !== undefined ? { addressed: ours.subject } : {}),
    previous,
    statesLink: mergesOf(read.resource).size > 0 || statesAnyLink(read.resource),
  };
}

function readWritten(operation: Operation, previous: Fragment | undefined, reading: NameReading) {
  const { resource, kind } = operation.interaction;
  if (resource !== undefined) return { resource, patientNumbers: operation.patientNumbers, name: operation.name };
  if (kind !== 'patch' || previous === undefined) return undefined;
  const patched = patchedResource(operation, previous, reading);
  return 'issues' in patched ? undefined : patched;
}

/** A Patient that is written under our id goes on being called what its source called it. */
function namesWith(names: PatientNames, addressed: Fragment | undefined, { identity, owner }: World): PatientNames {
  const own = addressed === undefined ? undefined : storedOwnName(addressed);
  return own === undefined ? names : { ...names, local: [...names.local, ownPatientName(identity, owner, own)] };
}

const LINKING = ['replaces', 'replaced-by'];

const statesAnyLink = ({ link }: Json): boolean =>
  Array.isArray(link) && link.some((one) => LINKING.includes(String((one as Json | null)?.type)));

/** The first own name of a Patient whose names lead to the person of an NHS number. */
const numberedName = ({ write, identified }: AssignedPatient): Subject | undefined =>
  identified.about === write.names.number ? write.names.local[0]?.key : undefined;

function peopleOf(patients: ReadonlyMap<Operation, AssignedPatient>, { references, arriving }: PersonLookups): People {
  return {
    patients: new Map([...patients].map(([operation, { identified }]) => [operation, identified])),
    personOf: (key) => {
      const entry = arriving.get(key);
      const arrived = entry && patients.get(entry)?.identified.about;
      return arrived ?? references.get(key)?.person;
    },
    ownNameOf: (key) => {
      const patient = patients.get(arriving.get(key)!);
      return patient === undefined ? references.get(key)?.ownName : numberedName(patient);
    },
  };
}
