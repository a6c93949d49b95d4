import type { Access } from '../../shared/access/access.ts';
import { systemViewer } from '../../shared/access/viewer.ts';
import { isNhsNumber } from '../../shared/fhir/nhs-number.ts';
import { identifierOf } from '../../shared/fhir/references.ts';
import { NHS_NUMBER } from '../../shared/fhir/systems.ts';
import { type Identity, isPersonId, parseLogicalId, type Subject } from '../../shared/record/identity.ts';
import type { RecordStore } from '../../shared/store/record.ts';
import { localPersonIds, type PatientPerson, sourceIdentifier } from './decision/linking.ts';
import { namesOf, type Operation, personKey, queryTarget, type Slot, type Target, targetsOfPatch } from './decision/operation.ts';
import type { People } from './decision/placing.ts';
import { nhsNumbersOf, sourceOf } from './decision/source-identity.ts';

export interface PersonsDependencies {
  readonly store: RecordStore;
  readonly access: Access;
  readonly identity: Identity;
}

/** A name by which an organisation calls a person. */
export interface Alias {
  readonly name: string;
  readonly person: Subject;
  /**
   * A number that arrives together with the first message without one leaves the name to that: the next message with the number then finds
   * whom the name stands for, and links the two.
   */
  readonly onlyNew: boolean;
}

/** Who the persons of a request are, and the names by which its organisation calls them. */
export interface Persons extends People {
  readonly patientPersons: ReadonlyMap<Operation, PatientPerson>;
  /** Names that are new, and names of somebody who has got an NHS number: they come to stand for that person once the Patient is written. */
  readonly aliases: ReadonlyMap<Operation, readonly Alias[]>;
  /** Patients who go by two NHS numbers at once. */
  readonly ambiguous: ReadonlySet<Operation>;
}

/**
 * Finds the persons that a request is about or refers to.
 *
 * A person named by NHS number needs no looking up: whoever holds the number may contribute. One named by an organisation's own identifier, or by
 * its own id of the Patient, is found by alias. One named by an id of ours must be one that the caller may see.
 */
export async function findPersons(
  { store, access, identity }: PersonsDependencies,
  operations: readonly Operation[],
  owner: string,
  now: string,
  fhirUrl: string,
): Promise<Persons> {
  const aliases = rememberAliases(store);
  const patientPersons = new Map<Operation, PatientPerson>();
  const aliasesOf = new Map<Operation, readonly Alias[]>();
  const ambiguous = new Set<Operation>();
  /** Patients of the request by the names that others may use: they may not be known to the store yet. */
  const arriving = new Map<string, Subject>();

  const meet = async (operation: Operation) => {
    const { id, resource } = operation.interaction;
    if (resource === undefined) return;
    const [number, ...others] = nhsNumbersOf(resource, now);
    if (others.length > 0) {
      ambiguous.add(operation);
      return;
    }
    const ours = id === undefined ? undefined : parseLogicalId(id);
    const sourceId = ours !== undefined ? undefined : (id ?? (typeof resource.id === 'string' ? resource.id : undefined));
    const names = localPersonIds(identity, resource, sourceId, owner);
    const stand = await Promise.all(names.map(aliases));
    const numbered = number === undefined ? undefined : identity.person({ system: NHS_NUMBER, value: number });
    const own = ours?.subject ?? stand.find((person) => person !== undefined) ?? names[0];
    const anonymous = () =>
      identity.person({ system: 'urn:chesil:unnamed', value: operation.fullUrl ?? operation.fallbackSource }, owner);
    const person = numbered ?? own ?? anonymous();
    const formerly =
      numbered === undefined
        ? []
        : // A name that stands for nobody is that of a person all the same, if a process stopped before it wrote the name.
          [ours?.subject, ...names.map((name, index) => stand[index] ?? name)].filter(
            (one) => one !== undefined && one !== numbered,
          );
    patientPersons.set(operation, { person, formerly: [...new Set(formerly as Subject[])] });
    const isNews = (_name: string, index: number) =>
      stand[index] === undefined || (numbered !== undefined && stand[index] !== numbered);
    const onlyNew = (index: number) => numbered !== undefined && stand[index] === undefined;
    aliasesOf.set(
      operation,
      names.flatMap((name, index) => (isNews(name, index) ? [{ name, person, onlyNew: onlyNew(index) }] : [])),
    );
    for (const name of namesOf(operation)) arriving.set(name, person);
    for (const identifier of operation.identifiers) arriving.set(sourceOf(identifier), person);
  };
  await Promise.all(operations.filter(({ interaction }) => interaction.type === 'Patient').map(meet));

  const sees = async (person: Subject): Promise<boolean> => {
    const fold = await store.fold(person, { freshness: 'recent' });
    const record = fold.links.size === 0 && fold.sequence > 0 ? { personId: person, folds: [fold] } : await store.person(person);
    return access.view(systemViewer(owner), record, now).permitted;
  };
  const named = async (name: string): Promise<Subject | undefined> => {
    const person = await aliases(name);
    return person !== undefined && (await store.fold(person, { freshness: 'recent' })).sequence > 0 ? person : undefined;
  };
  const find = async (target: Target): Promise<Subject | undefined> => {
    if (target.kind === 'logical' || target.kind === 'conditional') {
      const { system, value } = target.identifier;
      if (system === NHS_NUMBER) return isNhsNumber(value) ? identity.person(target.identifier) : undefined;
      return arriving.get(`${system}|${value}`) ?? named(identity.person(target.identifier, owner));
    }
    if (target.kind !== 'literal') return undefined;
    const ours = parseLogicalId(target.id);
    if (ours === undefined) {
      return arriving.get(`Patient/${target.id}`) ?? named(identity.person(sourceIdentifier('Patient', target.id), owner));
    }
    return isPersonId(ours.subject) && (await sees(ours.subject)) ? ours.subject : undefined;
  };
  const references = new Map<string, Subject>();
  await Promise.all(
    [...wantedBy(operations, fhirUrl)].map(async ([key, target]) => {
      const person = await find(target);
      if (person !== undefined) references.set(key, person);
    }),
  );
  const patients = new Map([...patientPersons].map(([operation, { person }]) => [operation, person]));
  return { patients, patientPersons, references, aliases: aliasesOf, ambiguous };
}

/** Each alias is looked up once in a request. */
function rememberAliases(store: RecordStore): (name: string) => Promise<Subject | undefined> {
  const known = new Map<string, Promise<Subject | undefined>>();
  return (name) => {
    let person = known.get(name);
    if (person === undefined) {
      person = store.alias(name);
      known.set(name, person);
    }
    return person;
  };
}

/** Every person that the request names, by its key. */
function wantedBy(operations: readonly Operation[], fhirUrl: string): ReadonlyMap<string, Target> {
  const wanted = new Map<string, Target>();
  const want = (target: Target) => {
    const key = personKey(target);
    if (key !== undefined && !wanted.has(key)) wanted.set(key, target);
  };
  for (const { interaction, slots } of operations) {
    const { id, type, condition, patch } = interaction;
    const ours = id === undefined ? undefined : parseLogicalId(id);
    if (ours !== undefined) want({ kind: 'literal', type: 'Patient', id: ours.subject });
    else if (id !== undefined && type === 'Patient' && interaction.resource === undefined) want({ kind: 'literal', type, id });
    if (condition?.person !== undefined) want(queryTarget(condition.person, fhirUrl));
    if (condition !== undefined && type === 'Patient') want({ kind: 'logical', identifier: condition.identifier });
    for (const target of patch === undefined ? [] : targetsOfPatch(patch, fhirUrl)) want(target);
    for (const slot of slots) for (const target of targetsOf(slot)) want(target);
  }
  return wanted;
}

/** A subject may be named twice over, by an address and by an identifier beside it. */
function targetsOf({ target, given, subjectRank }: Slot): Target[] {
  const identifier = subjectRank === undefined || target.kind === 'logical' ? undefined : identifierOf(given);
  return identifier === undefined ? [target] : [target, { kind: 'logical', identifier }];
}
