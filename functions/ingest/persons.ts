import type { Access } from '../../shared/access/access.ts';
import { systemViewer } from '../../shared/access/viewer.ts';
import { isNhsNumber, normaliseNhsNumber } from '../../shared/fhir/nhs-number.ts';
import { identifierOf } from '../../shared/fhir/references.ts';
import { NHS_NUMBER } from '../../shared/fhir/systems.ts';
import type { Fragment, PersonRecord } from '../../shared/record/fold.ts';
import { type Identifier, type Identity, isPersonId, parseLogicalId, type Subject } from '../../shared/record/identity.ts';
import { ownAlias, ownFragmentId } from '../../shared/record/source-names.ts';
import type { VersionNames } from '../../shared/record/version-names.ts';
import type { Alias, RecordStore } from '../../shared/store/record.ts';
import { patchedResource } from './decision/fragments/patched-resource.ts';
import { tokenOf, tokensOf } from './decision/names/identifiers.ts';
import {
  addressKey,
  type NameReading,
  namesOf,
  type Operation,
  personKeys,
  type Slot,
  type Target,
} from './decision/names/operation.ts';
import { queryTarget, targetsOfPatch } from './decision/names/read-resource.ts';
import type { FoundPerson, PersonLookups } from './decision/persons/assign-persons.ts';
import { type LocalName, ownPatientName, patientNamesOf } from './decision/persons/patient-lookup.ts';

export interface PersonsDependencies {
  readonly store: RecordStore;
  readonly access: Access;
  readonly identity: Identity;
  readonly versionNames: Pick<VersionNames, 'version'>;
}

/**
 * Looks up the persons that a request is about or refers to.
 *
 * A person named by NHS number needs no looking up: whoever holds the number may contribute. One named by an organisation's patient number, or by
 * its source's own id of the Patient, is found by alias. One named by an id of ours must be one that the caller may see.
 */
export async function lookUpPersons(
  { store, access, identity }: PersonsDependencies,
  operations: readonly Operation[],
  owner: string,
  reading: NameReading,
): Promise<PersonLookups> {
  const { source, now } = reading;
  const aliases = new Map<Subject, Alias>();
  const alias = onceFor(async (name: string) => {
    const found = await store.findAlias(name);
    if (found !== undefined) aliases.set(name, found);
    return found;
  });
  /** Patients of the request by the names that others may use: they may not be known to the store yet. */
  const arriving = new Map<string, Operation>();
  const patients = operations.filter(({ interaction }) => interaction.type === 'Patient');
  const namesIn = async (operation: Operation): Promise<readonly LocalName[]> => {
    const { resource, kind } = operation.interaction;
    const written =
      resource === undefined && kind === 'patch'
        ? await patchedPatient({ store, identity }, operation, owner, reading, alias)
        : operation;
    const patient = resource ?? (written === undefined || !('resource' in written) ? undefined : written.resource);
    if (patient === undefined || written === undefined)
      return operation.name.kind === 'own-id' ? [ownPatientName(identity, owner, operation.name.name)] : [];
    return patientNamesOf(patient, written, { identity, owner, source }, now).local;
  };
  await Promise.all(
    patients.map(async (operation) => {
      if (operation.interaction.resource !== undefined) {
        for (const name of namesOf(operation)) if (name !== ourAddress(operation)) arriving.set(name, operation);
        for (const number of operation.patientNumbers) arriving.set(tokenOf(number), operation);
      }
      await Promise.all((await namesIn(operation)).map(({ key }) => alias(key)));
    }),
  );

  const permits = (record: PersonRecord): boolean => access.view(systemViewer(owner), record, now).permitted;
  // What this process remembers may say yes, for the write is conditional on it. Before a no the record is read.
  const sees = async (person: Subject): Promise<boolean> => {
    const fold = await store.fold(person, { freshness: 'recent' });
    const isAlone = fold.links.size === 0 && fold.sequence > 0;
    return (isAlone && permits({ personId: person, folds: [fold] })) || permits(await store.person(person));
  };
  const isRecorded = async (person: Subject): Promise<boolean> =>
    (await store.fold(person, { freshness: 'recent' })).sequence > 0 || (await store.fold(person)).sequence > 0;
  const named = async (name: string): Promise<FoundPerson | undefined> => {
    const found = await alias(name);
    if (found === undefined) return undefined;
    const { person, isNumbered, formerly = [] } = found;
    if (!(await isRecorded(person))) return undefined;
    return { person, ...(formerly.length === 0 ? {} : { formerly }), ...(isNumbered ? { ownName: name } : {}) };
  };
  const find = async (target: Target): Promise<FoundPerson | undefined> => {
    if (target.kind === 'logical' || target.kind === 'conditional') {
      if (target.identifier.system !== NHS_NUMBER) return named(identity.person(target.identifier, owner));
      const person = nhsNumberPerson(identity, target.identifier);
      return person === undefined ? undefined : { person };
    }
    if (target.kind !== 'literal') return undefined;
    const ours = target.base === undefined ? parseLogicalId(target.id) : undefined;
    if (ours === undefined) {
      const { base } = target;
      return named(
        ownAlias(identity, owner, target.type, { source: source.name, ...(base === undefined ? {} : { base }), id: target.id }),
      );
    }
    return isPersonId(ours.subject) && (await sees(ours.subject)) ? { person: ours.subject } : undefined;
  };
  const references = new Map<string, FoundPerson>();
  await Promise.all(
    [...wantedBy(operations, reading)].map(async ([key, target]) => {
      const person = await find(target);
      if (person !== undefined) references.set(key, person);
    }),
  );
  return { aliases, references, arriving };
}

/** An id of ours names whom it named before, whatever a Patient that is written under it says. */
const ourAddress = ({ interaction: { id } }: Operation): string | undefined =>
  id === undefined || parseLogicalId(id) === undefined ? undefined : `Patient/${id}`;

/**
 * What a patch makes of a Patient as it is now: its names are looked up before anything is decided.
 * @param alias looks up an own name.
 */
async function patchedPatient(
  { store, identity }: Pick<PersonsDependencies, 'store' | 'identity'>,
  operation: Operation,
  owner: string,
  reading: NameReading,
  alias: (name: string) => Promise<Alias | undefined>,
) {
  const subjects = await subjectsOfPatch(identity, operation, owner, alias);
  const folds = await Promise.all(subjects.map((subject) => store.fold(subject)));
  const isMeant = patchTarget(identity, operation, owner);
  for (const { fragments } of folds)
    for (const fragment of fragments.values()) {
      if (fragment.type !== 'Patient' || fragment.owner !== owner || fragment.body === undefined || !isMeant(fragment)) continue;
      const patched = patchedResource(operation, fragment, reading);
      return 'issues' in patched ? undefined : patched;
    }
  return undefined;
}

/** In whose records the Patient of a patch may be: by our id, by its source's own id, or by a condition. */
async function subjectsOfPatch(
  identity: Identity,
  { interaction: { id, condition }, name }: Operation,
  owner: string,
  alias: (name: string) => Promise<Alias | undefined>,
): Promise<Subject[]> {
  const ours = id === undefined ? undefined : parseLogicalId(id);
  if (ours !== undefined) return [ours.subject];
  const number = condition === undefined ? undefined : nhsNumberPerson(identity, condition.identifier);
  if (number !== undefined) return [number];
  const key =
    name.kind === 'own-id'
      ? ownPatientName(identity, owner, name.name).key
      : condition && identity.person(condition.identifier, owner);
  const found = key === undefined ? undefined : await alias(key);
  return found === undefined ? [] : [found.person, ...(found.keptIn ?? [])];
}

function patchTarget(
  identity: Identity,
  { interaction: { id, condition }, name }: Operation,
  owner: string,
): (one: Fragment) => boolean {
  const ours = id === undefined ? undefined : parseLogicalId(id);
  if (ours !== undefined) return ({ fragmentId }) => fragmentId === ours.fragmentId;
  if (name.kind === 'own-id') {
    const own = ownFragmentId(identity, owner, 'Patient', name.name);
    return ({ fragmentId }) => fragmentId === own;
  }
  const token = condition === undefined ? '' : tokenOf(condition.identifier);
  return ({ body }) => tokensOf(JSON.parse(body!)).includes(token);
}

/** The person of an NHS number, however it was written; `undefined` for any other identifier and for one that was never issued. */
function nhsNumberPerson(identity: Identity, { system, value }: Identifier): Subject | undefined {
  const number = system === NHS_NUMBER ? normaliseNhsNumber(value) : undefined;
  return number !== undefined && isNhsNumber(number) ? identity.person({ system, value: number }) : undefined;
}

/** Each key is looked up once in a request. */
function onceFor<T>(lookUp: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (key) => {
    const found = known.get(key) ?? lookUp(key);
    known.set(key, found);
    return found;
  };
}

/** Every person that the request names, by its key. */
function wantedBy(operations: readonly Operation[], reading: NameReading): ReadonlyMap<string, Target> {
  const wanted = new Map<string, Target>();
  const want = (target: Target) => {
    for (const [key, each] of keyedTargets(target)) if (!wanted.has(key)) wanted.set(key, each);
  };
  for (const { interaction, slots, name } of operations) {
    const { id, type, condition, patch, resource } = interaction;
    const ours = id === undefined ? undefined : parseLogicalId(id);
    if (ours !== undefined) want({ kind: 'literal', type: 'Patient', id: ours.subject });
    else if (name.kind === 'own-id' && id !== undefined && resource === undefined) {
      const target: Target = { kind: 'literal', type, ...name.name };
      wanted.set(addressKey(target), target);
    }
    if (condition?.person !== undefined) want(queryTarget(condition.person, reading));
    if (condition !== undefined && type === 'Patient') want({ kind: 'logical', identifier: condition.identifier });
    for (const target of patch === undefined ? [] : targetsOfPatch(patch, reading)) want(target);
    for (const slot of slots) for (const target of targetsOf(slot)) want(target);
  }
  return wanted;
}

/** A target by each of its keys: a contained Patient may name its person in several ways. */
function keyedTargets(target: Target): (readonly [key: string, target: Target])[] {
  const keys = personKeys(target);
  if (target.kind !== 'contained') {
    const isOurs = target.kind === 'literal' && target.type !== 'Patient';
    return keys.map((key) => [key, isOurs ? { kind: 'literal', type: 'Patient', id: key.slice('Patient/'.length) } : target]);
  }
  return keys.map((key, index) => [key, { kind: 'logical', identifier: target.identifiers[index]! }]);
}

/** A subject may be named twice over, by an address and by an identifier beside it. */
function targetsOf({ target, given, subjectRank }: Slot): Target[] {
  const identifier = subjectRank === undefined || target.kind === 'logical' ? undefined : identifierOf(given);
  return identifier === undefined ? [target] : [target, { kind: 'logical', identifier }];
}
