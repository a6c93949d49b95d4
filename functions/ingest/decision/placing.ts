import { isDirectoryType, isPersonBound, subjectElements } from '../../../shared/fhir/compartment.ts';
import type { Issue, OutcomeCode } from '../../../shared/fhir/outcomes.ts';
import { expressionOf, identifierOf } from '../../../shared/fhir/references.ts';
import { NHS_NUMBER } from '../../../shared/fhir/systems.ts';
import { isPersonId, parseLogicalId, type Subject } from '../../../shared/record/identity.ts';
import { type Entries, entryOf, type Operation, personKey, queryTarget, type Slot } from './operation.ts';

/** Who the persons of a request are, as far as its caller may know. */
export interface People {
  /** The person that each Patient of the request is. */
  readonly patients: ReadonlyMap<Operation, Subject>;
  /** By `personKey`; absent: nobody whom the caller knows. */
  readonly references: ReadonlyMap<string, Subject>;
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
export function placeOperations(
  operations: readonly Operation[],
  entries: Entries,
  people: People,
  owner: string,
  fhirUrl: string,
): ReadonlyMap<Operation, Placement> {
  const placing = new Placing(entries, people, owner, fhirUrl);
  for (const operation of operations) placing.named(operation);
  return new Map(operations.map((operation) => [operation, placing.place(operation, operations)]));
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

const problem = (code: OutcomeCode, expression: string): Placement => ({ issues: [{ code, expression }] });

class Placing {
  private readonly known = new Map<Operation, Named>();
  private chain = 0;
  private referrers: Map<Operation, Operation[]> | undefined;
  private persons: ReadonlySet<Subject> | undefined;
  private readonly entries: Entries;
  private readonly people: People;
  private readonly owner: string;
  private readonly fhirUrl: string;

  constructor(entries: Entries, people: People, owner: string, fhirUrl: string) {
    this.entries = entries;
    this.people = people;
    this.owner = owner;
    this.fhirUrl = fhirUrl;
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
    const ours = id === undefined ? undefined : parseLogicalId(id);
    if (ours !== undefined) {
      if (!isPersonId(ours.subject)) return { subject: ours.subject };
      const person = this.people.references.get(`Patient/${ours.subject}`);
      return person === undefined ? problem('not-found', operation.at) : { subject: person };
    }
    if (condition?.person !== undefined) {
      // What an organisation tells of itself is in nobody's record.
      if (!isPersonBound(type)) return problem('bad-parameter', operation.at);
      const person = this.lookUp(queryTarget(condition.person, this.fhirUrl));
      return person === undefined ? problem('unknown-subject', operation.at) : { subject: person };
    }
    // A Patient that comes with its body says itself who it is.
    if (type !== 'Patient' || this.people.patients.has(operation)) return undefined;
    const key = condition === undefined ? `Patient/${id}` : `${condition.identifier.system}|${condition.identifier.value}`;
    const person = this.people.references.get(key);
    return person === undefined ? undefined : { subject: person };
  }

  private described(operation: Operation): Named {
    const { interaction } = operation;
    if (interaction.type === 'Patient') {
      const person = this.people.patients.get(operation);
      return person === undefined ? 'nobody' : { subject: person };
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
      if (person === 'unknown') return problem('unknown-subject', expressionIn(operation, slot));
      if (person === 'two') return problem('several-subjects', expressionIn(operation, slot));
      if (person !== undefined) found.add(person);
      if (found.size > 1) return problem('several-subjects', expressionIn(operation, slot));
    }
    const [subject] = found;
    return subject === undefined ? 'nobody' : { subject };
  }

  private lookUp(target: Slot['target']): Subject | undefined {
    const key = personKey(target);
    return key === undefined ? undefined : this.people.references.get(key);
  }

  /** The person that a subject element names; `unknown` when it names one that the caller does not know. */
  private personOf(slot: Slot): Subject | 'unknown' | 'two' | undefined {
    const entry = entryOf(slot, this.entries);
    const byReference = entry === undefined ? this.lookUp(slot.target) : this.personOfEntry(entry);
    const identifier = slot.target.kind === 'logical' ? undefined : identifierOf(slot.given);
    const byIdentifier = identifier && this.people.references.get(`${identifier.system}|${identifier.value}`);
    // One of our own addresses may be that of a person who is linked with the one that the number names.
    const ours = slot.target.kind === 'literal' && parseLogicalId(slot.target.id) !== undefined;
    if (!ours && identifier?.system === NHS_NUMBER && byReference !== undefined && byIdentifier !== byReference) return 'two';
    if (entry !== undefined) return byReference;
    const person = byReference ?? byIdentifier;
    if (person !== undefined) return person;
    const { target } = slot;
    const meansPerson =
      (target.kind === 'literal' || target.kind === 'conditional') && target.type !== 'Patient'
        ? personKey(target) !== undefined
        : slot.meansPerson && target.kind !== 'contained';
    return meansPerson ? 'unknown' : undefined;
  }

  private personOfEntry(entry: Operation): Subject | undefined {
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
