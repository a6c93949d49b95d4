import { isDirectoryType, isPersonBound, subjectElements } from '../../../../shared/fhir/compartment.ts';
import type { Issue, OutcomeCode } from '../../../../shared/fhir/outcomes.ts';
import { expressionOf, identifierOf } from '../../../../shared/fhir/references.ts';
import { NHS_NUMBER } from '../../../../shared/fhir/systems.ts';
import { type Identifier, isPersonId, parseLogicalId, type Subject } from '../../../../shared/record/identity.ts';
import { tokenOf } from '../names/identifiers.ts';
import {
  addressKey,
  type Entries,
  entryOf,
  identifierKey,
  type NameReading,
  namesOf,
  type Operation,
  personKeys,
  type Slot,
} from '../names/operation.ts';
import { queryTarget } from '../names/read-resource.ts';

/** Who the persons of a request are, as far as its caller may know. */
export interface People {
  /** Who each Patient of the request is. */
  readonly patients: ReadonlyMap<Operation, PatientSubjects>;
  /** By `personKeys`; absent: nobody whom the caller knows. */
  personOf(key: string): Subject | undefined;
  /** The alias key of an own name that leads to the person of an NHS number. */
  ownNameOf(key: string): Subject | undefined;
}

/** In whose record a Patient stands, and in whose stands what its source says of it by its own names. */
export interface PatientSubjects {
  readonly person: Subject;
  readonly about: Subject;
}

/** About whom an operation is. */
export type Placement = { readonly subject: Subject } | { readonly issues: readonly Issue[] };

/**
 * Says about which person, or which organisation, each operation of a request is:
 * 1. the one in the address, when that is an id of ours;
 * 2. for a Patient, that person;
 * 3. whom its subject elements name: by reference, by identifier, or by way of another entry (the target of a Provenance);
 * 4. the organisation itself, for what an organisation tells of itself;
 * 5. the one person whom everything is about that it refers to, else that refers to it, else the only person of the bundle.
 *
 * @param owner the contributing organisation.
 */
export function assignSubjects(
  operations: readonly Operation[],
  entries: Entries,
  people: People,
  owner: string,
  reading: NameReading,
): ReadonlyMap<Operation, Placement> {
  const assigning = new Assigning(entries, people, owner, reading);
  for (const operation of operations) assigning.named(operation);
  return new Map(operations.map((operation) => [operation, assigning.place(operation, operations)]));
}

type Named = Placement | 'nobody';

/** Deeper chains of entries that are about each other's persons are not followed. */
const MAX_CHAIN = 200;

const PERSON_UNNAMED = ({ at }: Operation): Placement => ({
  issues: [
    {
      code: 'no-subject',
      expression: at,
      diagnostics:
        'Without a body, only the id that was answered in Location or a condition with patient=<id> says whom this is about.',
    },
  ],
});

/** What R4 gives no element for the person, such as a Medication, cannot be told to name one. */
const NOBODY_NAMED = ({ at: expression, interaction: { type } }: Operation): Placement =>
  subjectElements(type).length > 0
    ? problem('no-subject', expression)
    : {
        issues: [
          {
            code: 'no-subject',
            expression,
            diagnostics:
              'This type has no element that names a person. Send it in one bundle with what refers to it, or contain it there.',
          },
        ],
      };

const NO_PATIENT_NUMBER = (expression: string): Placement => ({
  issues: [
    {
      code: 'bad-parameter',
      expression,
      diagnostics:
        'A Patient is found by NHS number, or by a patient number: of type MR, or of a system that the settings of its source declare.',
    },
  ],
});

const problem = (code: OutcomeCode, expression: string): Placement => ({ issues: [{ code, expression }] });

/**
 * By which own name of its organisation an operation came to be in the record of an NHS number; `undefined` where the number itself says it.
 */
export function ownNameOfSubject({ slots }: Operation, entries: Entries, people: People): Subject | undefined {
  const subjects = slots.filter(({ subjectRank }) => subjectRank !== undefined);
  for (const slot of subjects) {
    const entry = entryOf(slot, entries);
    const keys = entry === undefined ? personKeys(slot.target) : namesOf(entry);
    for (const key of keys) {
      const name = people.ownNameOf(key);
      if (name !== undefined) return name;
    }
  }
  return undefined;
}

class Assigning {
  private readonly known = new Map<Operation, Named>();
  private chain = 0;
  private referrers: Map<Operation, Operation[]> | undefined;
  private persons: ReadonlySet<Subject> | undefined;
  private readonly entries: Entries;
  private readonly people: People;
  private readonly owner: string;
  private readonly reading: NameReading;

  constructor(entries: Entries, people: People, owner: string, reading: NameReading) {
    this.entries = entries;
    this.people = people;
    this.owner = owner;
    this.reading = reading;
  }

  /** Steps 1 to 4. */
  named(operation: Operation): Named {
    const before = this.known.get(operation);
    if (before !== undefined) return before;
    // Entries that point at each other in a circle say nothing about whom they are.
    this.known.set(operation, 'nobody');
    if (this.chain >= MAX_CHAIN) return 'nobody';
    this.chain++;
    const named = this.addressed(operation) ?? this.described(operation);
    this.chain--;
    this.known.set(operation, named);
    return named;
  }

  private addressed(operation: Operation): Placement | undefined {
    const { id, type, condition } = operation.interaction;
    if (type === 'Patient' && !this.namesPatient(operation)) return NO_PATIENT_NUMBER(operation.at);
    const patient = this.people.patients.get(operation);
    const ours = id === undefined ? undefined : parseLogicalId(id);
    if (ours !== undefined) {
      if (!isPersonId(ours.subject)) return { subject: ours.subject };
      const person = this.people.personOf(`Patient/${ours.subject}`);
      if (person === undefined) return problem('not-found', operation.at);
      // A Patient may be written under our id with another NHS number: it is then that person's.
      return { subject: patient?.person ?? person };
    }
    if (condition?.person !== undefined) {
      // What an organisation tells of itself is in nobody's record.
      if (!isPersonBound(type)) return problem('bad-parameter', operation.at);
      const person = this.lookUp(queryTarget(condition.person, this.reading));
      return person === undefined ? problem('unknown-subject', operation.at) : { subject: person };
    }
    // A Patient that comes with its body says itself who it is.
    if (type === 'Patient' && patient === undefined) return this.namedPatient(operation);
    // A retraction or a patch by the source's own id is about the person in whose record the id was written.
    return operation.name.kind === 'own-id' && operation.interaction.resource === undefined ? this.byOwnId(operation) : undefined;
  }

  /** Whether the condition of a Patient is one that can find it: by an identifier that names patients. */
  private namesPatient({ interaction: { condition, ifNoneExist }, patientNumbers }: Operation): boolean {
    const searched = (condition ?? ifNoneExist)?.identifier;
    if (searched === undefined) return true;
    const isGiven = patientNumbers.some((one) => tokenOf(one) === tokenOf(searched));
    return isGiven || this.isPatientNumber(searched);
  }

  private isPatientNumber(identifier: Identifier): boolean {
    const { system } = identifier;
    if (system === NHS_NUMBER || this.reading.source.patientIdentifiers.has(system)) return true;
    return this.people.personOf(identifierKey(identifier)) !== undefined;
  }

  private namedPatient({ interaction: { type, condition }, name }: Operation): Placement | undefined {
    const own = name.kind === 'own-id' ? addressKey({ type, ...name.name }) : '';
    const person = this.people.personOf(condition === undefined ? own : identifierKey(condition.identifier));
    return person === undefined ? undefined : { subject: person };
  }

  private byOwnId({ interaction: { type }, name }: Operation): Placement | undefined {
    const subject = name.kind === 'own-id' ? this.people.personOf(addressKey({ type, ...name.name })) : undefined;
    return subject === undefined ? undefined : { subject };
  }

  private described(operation: Operation): Named {
    const { interaction } = operation;
    if (interaction.type === 'Patient') {
      const patient = this.people.patients.get(operation);
      return patient === undefined ? 'nobody' : { subject: patient.person };
    }
    if (isDirectoryType(interaction.type)) return { subject: this.owner };
    const subjects = operation.slots.filter(({ subjectRank }) => subjectRank !== undefined);
    for (const rank of new Set(subjects.map(({ subjectRank }) => subjectRank as number).sort())) {
      const named = this.ofSlots(
        operation,
        subjects.filter(({ subjectRank }) => subjectRank === rank),
      );
      if (named !== 'nobody') return named;
    }
    return 'nobody';
  }

  private ofSlots(operation: Operation, slots: readonly Slot[]): Named {
    const found = new Set<Subject>();
    for (const slot of slots) {
      const person = this.personOf(slot);
      if (person === 'unknown') return this.unknownPerson(operation, slot);
      if (person === 'two') return problem('several-subjects', expressionIn(operation, slot));
      if (person !== undefined) found.add(person);
      if (found.size > 1) return problem('several-subjects', expressionIn(operation, slot));
    }
    const [subject] = found;
    return subject === undefined ? 'nobody' : { subject };
  }

  private unknownPerson(operation: Operation, slot: Slot): Placement {
    const { target } = slot;
    const expression = expressionIn(operation, slot);
    const isNoName = target.kind === 'conditional' && target.type === 'Patient' && !this.isPatientNumber(target.identifier);
    return isNoName ? NO_PATIENT_NUMBER(expression) : problem('unknown-subject', expression);
  }

  private lookUp(target: Slot['target']): Subject | undefined {
    for (const key of personKeys(target)) {
      const person = this.people.personOf(key);
      if (person !== undefined) return person;
    }
    return undefined;
  }

  /** The person that a subject element names; `unknown` when it names one that the caller does not know. */
  private personOf(slot: Slot): Subject | 'unknown' | 'two' | undefined {
    const entry = entryOf(slot, this.entries);
    const byReference = entry === undefined ? this.lookUp(slot.target) : this.personOfEntry(entry);
    const identifier = slot.target.kind === 'logical' ? undefined : identifierOf(slot.given);
    const byIdentifier = identifier && this.people.personOf(identifierKey(identifier));
    // One of our own addresses may be that of a person who is linked with the one that the number names.
    const ours = slot.target.kind === 'literal' && parseLogicalId(slot.target.id) !== undefined;
    if (!ours && identifier?.system === NHS_NUMBER && byReference !== undefined && byIdentifier !== byReference) return 'two';
    if (entry !== undefined) return byReference;
    const person = byReference ?? byIdentifier;
    if (person !== undefined) return person;
    const { target } = slot;
    const meansPerson =
      (target.kind === 'literal' || target.kind === 'conditional') && target.type !== 'Patient'
        ? personKeys(target).length > 0
        : slot.meansPerson && (target.kind !== 'contained' || target.isPatient);
    return meansPerson ? 'unknown' : undefined;
  }

  private personOfEntry(entry: Operation): Subject | undefined {
    const patient = this.people.patients.get(entry);
    if (patient !== undefined) return patient.about;
    const named = this.named(entry);
    return named !== 'nobody' && 'subject' in named && isPersonId(named.subject) ? named.subject : undefined;
  }

  /** Step 5, for what names nobody. */
  place(operation: Operation, operations: readonly Operation[]): Placement {
    const named = this.named(operation);
    if (named !== 'nobody') return named;
    const { type, kind } = operation.interaction;
    if (!isPersonBound(type) || type === 'Patient') return problem('not-found', operation.at);
    if (kind === 'delete' || kind === 'patch') return PERSON_UNNAMED(operation);
    for (const persons of [
      () => this.personsOf(this.referredBy(operation), operation),
      () => this.personsOf(this.referringTo(operation, operations)),
    ]) {
      const [subject, ...others] = persons();
      if (others.length > 0) return problem('several-subjects', operation.at);
      if (subject !== undefined) return { subject };
    }
    const [subject, ...others] = this.everyone(operations);
    return subject === undefined || others.length > 0 ? NOBODY_NAMED(operation) : { subject };
  }

  private personsOf(entries: readonly Operation[], referring?: Operation): ReadonlySet<Subject> {
    const looked = referring?.slots.map(({ target }) => this.lookUp(target)) ?? [];
    return new Set([...entries.map((entry) => this.personOfEntry(entry)), ...looked].filter((person) => person !== undefined));
  }

  private referredBy(operation: Operation): Operation[] {
    return operation.slots.flatMap((slot) => entryOf(slot, this.entries) ?? []);
  }

  private referringTo(operation: Operation, operations: readonly Operation[]): readonly Operation[] {
    if (this.referrers === undefined) {
      this.referrers = new Map();
      for (const one of operations) {
        for (const target of this.referredBy(one)) {
          const known = this.referrers.get(target);
          if (known === undefined) this.referrers.set(target, [one]);
          else known.push(one);
        }
      }
    }
    return this.referrers.get(operation) ?? [];
  }

  private everyone(operations: readonly Operation[]): ReadonlySet<Subject> {
    this.persons ??= this.personsOf(operations);
    return this.persons;
  }
}

const expressionIn = ({ interaction: { resource }, at }: Operation, slot: Slot): string =>
  resource === undefined ? at : expressionOf(resource, slot.holder, at);
