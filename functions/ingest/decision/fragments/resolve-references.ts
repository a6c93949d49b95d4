import { isDirectoryType, isPersonBound } from '../../../../shared/fhir/compartment.ts';
import type { Issue, OutcomeCode } from '../../../../shared/fhir/outcomes.ts';
import { expressionsOf, identifierOf, type Json } from '../../../../shared/fhir/references.ts';
import { NHS_NUMBER, SOURCE_ID } from '../../../../shared/fhir/systems.ts';
import type { Fragment } from '../../../../shared/record/fold.ts';
import { type Identifier, isPersonId, logicalId, parseLogicalId, type Subject } from '../../../../shared/record/identity.ts';
import type { VersionNames } from '../../../../shared/record/version-names.ts';
import {
  addressKey,
  type Entries,
  entryOf,
  identifierKey,
  type Operation,
  personKeys,
  type Slot,
  type Target,
} from '../names/operation.ts';
import { mergedHolders } from '../names/read-resource.ts';
import type { People } from '../persons/assign-subject.ts';
import { foldOf, type Located, locateIdentifier, locateOwnName, type World } from './record-lookup.ts';

/** Everything that references of one request can point at. */
export interface Targets {
  readonly world: World;
  readonly versionNames: Pick<VersionNames, 'version'>;
  readonly people: People;
  readonly entries: Entries;
  /** Where each entry of the request came to be; one that was refused is absent. */
  readonly located: ReadonlyMap<Operation, Located>;
  /** Whether the rest is written although an entry was refused. */
  readonly partial: boolean;
}

/** Whose reference it is. */
export interface Referrer {
  /** The resource as it will be kept, and its expression. */
  readonly resource: Json;
  readonly at: string;
  /** The partition in which its fragment is kept. */
  readonly subject: Subject;
  /** Its subject with everybody who is linked with it. */
  readonly group: readonly Subject[];
}

/** What a reference comes to say: an address of ours, a logical reference (by identifier alone), or what it said already. */
type Resolution =
  | { readonly reference: string; readonly identifier?: Identifier }
  | { readonly type: string; readonly identifier: Identifier }
  | 'as-given'
  | OutcomeCode;

/**
 * Writes into every reference of a resource what it points at. May be done again on other folds: it starts from what was given.
 *
 * - An entry of the same bundle, the person, an own fragment by its source id or by a condition: our address of it.
 * - What the contributor has not sent (yet): a logical reference, by the identifier that was given, else by the source's own id.
 * - Another server, or a `urn:` that is not in the bundle: as it was given.
 * - A `urn:` of an entry in an element that holds an address, or in a narrative: our address of the entry.
 *
 * @returns what cannot be: a fragment of another person (`foreign-reference`), a condition that cannot be read or matches several.
 */
export function resolveReferences(slots: readonly Slot[], referrer: Referrer, targets: Targets): Issue[] {
  const problems: { readonly code: OutcomeCode; readonly holder: Json }[] = [];
  // `Patient.link.other` points at another person by its nature.
  const merged = new Set(mergedHolders(referrer.resource));
  for (const slot of slots) {
    if (slot.kind === 'narrative') {
      slot.holder[slot.property] = resolvedNarrative(slot, targets);
      continue;
    }
    const resolution = new Resolver(slot, referrer, targets, merged.has(slot.holder)).resolve();
    if (typeof resolution === 'object') write(slot, resolution);
    else if (resolution === 'as-given') write(slot, {});
    else problems.push({ code: resolution, holder: slot.holder });
  }
  if (problems.length === 0) return [];
  const expressions = expressionsOf(referrer.resource, new Set(problems.map(({ holder }) => holder)), referrer.at);
  return problems.map(({ code, holder }) => ({ code, expression: expressions.get(holder) ?? referrer.at }));
}

/** Decides what one reference comes to say; a class because its steps share the reference, its referrer and all the targets. */
class Resolver {
  private readonly slot: Slot;
  private readonly referrer: Referrer;
  private readonly targets: Targets;
  private readonly toOtherPerson: boolean;

  constructor(slot: Slot, referrer: Referrer, targets: Targets, toOtherPerson: boolean) {
    this.slot = slot;
    this.referrer = referrer;
    this.targets = targets;
    this.toOtherPerson = toOtherPerson;
  }

  resolve(): Resolution {
    const { slot, targets } = this;
    const entry = entryOf(slot, targets.entries);
    if (entry !== undefined) {
      const located = targets.located.get(entry);
      if (located !== undefined) return this.besideIdentifier(this.toEntry(entry, located));
      // It was refused, or is written apart from this one because it is about another person.
      if (slot.target.kind === 'elsewhere') return targets.partial ? 'unresolved-reference' : 'as-given';
    }
    if (slot.kind === 'address') return 'as-given';
    const { target } = slot;
    switch (target.kind) {
      case 'contained':
        return this.toContained(target) ?? this.toNumberedSubject() ?? 'as-given';
      case 'elsewhere':
        return this.toNumberedSubject() ?? 'as-given';
      case 'unsupported-condition':
        return 'unresolved-reference';
      case 'logical':
        return this.toPerson(this.person(), target.identifier);
      case 'conditional':
        return target.type === 'Patient'
          ? this.toPerson(this.person(), target.identifier)
          : this.toCondition(target.type, target.identifier);
      case 'literal':
        return this.toLiteral(target);
    }
  }

  /** A condition that was resolved keeps the identifier that it named. */
  private besideIdentifier(resolution: Resolution): Resolution {
    const { target } = this.slot;
    if (target.kind !== 'conditional' || typeof resolution !== 'object' || !('reference' in resolution)) return resolution;
    return { ...resolution, identifier: target.identifier };
  }

  private person(): Subject | undefined {
    for (const key of personKeys(this.slot.target)) {
      const person = this.targets.people.personOf(key);
      if (person !== undefined) return person;
    }
    return undefined;
  }

  private toEntry(entry: Operation, { subject, fragmentId }: Located): Resolution {
    const { type } = entry.interaction;
    if (type === 'Patient') {
      const patient = this.toOtherPerson ? undefined : this.targets.people.patients.get(entry);
      return this.toPerson(patient?.about ?? subject);
    }
    const near = this.referrer.group.includes(subject) || !isPersonId(subject);
    return near ? { reference: `${type}/${logicalId(subject, fragmentId)}` } : 'foreign-reference';
  }

  /** Whoever of the group is meant: it is the person of this partition. */
  private toPerson(person: Subject | undefined, identifier?: Identifier): Resolution {
    const beside = identifier === undefined ? {} : { identifier };
    const { subjectRank, meansPerson, target } = this.slot;
    if (person !== undefined) {
      if (this.toOtherPerson) return { reference: `Patient/${person}`, ...beside };
      if (this.referrer.group.includes(person)) return { reference: `Patient/${this.referrer.subject}`, ...beside };
      return subjectRank === undefined ? 'foreign-reference' : 'immutable-element';
    }
    if (subjectRank !== undefined && meansPerson) return 'unknown-subject';
    if (target.kind === 'logical') return 'as-given';
    return identifier === undefined ? 'foreign-reference' : { type: 'Patient', identifier };
  }

  private toLiteral(target: Extract<Target, { kind: 'literal' }>): Resolution {
    const { type, id, version, base } = target;
    const ours = base === undefined ? parseLogicalId(id) : undefined;
    if (type === 'Patient' && (ours === undefined || ours.fragmentId === undefined || this.slot.subjectRank !== undefined)) {
      return this.toPatient(target, ours !== undefined);
    }
    if (ours === undefined) return this.toOwnName(target);
    if (ours.fragmentId === undefined) return 'foreign-reference';
    const near = this.referrer.group.includes(ours.subject) || !isPersonId(ours.subject) || this.toOtherPerson;
    const fragment = near ? foldOf(this.targets.world, ours.subject)?.fragments.get(ours.fragmentId) : undefined;
    const known = fragment?.type === type && (fragment.owner === this.targets.world.owner || this.targets.world.sees(fragment));
    if (!known) return this.toOtherPerson && type === 'Patient' ? this.toPatient(target, true) : 'foreign-reference';
    return { reference: version === undefined ? `${type}/${id}` : `${type}/${id}/_history/${this.versionOf(fragment, version)}` };
  }

  /** The owner names a version by its number. What others read of the reference must not tell it. */
  private versionOf({ subject, fragmentId, owner }: Fragment, version: string): string {
    const { world, versionNames } = this.targets;
    if (owner !== world.owner || !/^[1-9]\d{0,8}$/.test(version)) return version;
    return versionNames.version({ subject, fragmentId, version: Number(version) });
  }

  private toPatient(target: Extract<Target, { kind: 'literal' }>, ours: boolean): Resolution {
    const subject = this.slot.subjectRank !== undefined;
    if (subject && this.isNumberedOtherwise()) return 'several-subjects';
    const person = this.person() ?? this.nearby(target.id) ?? this.personOfIdentifier();
    if (person !== undefined || ours || subject) return this.toPerson(person);
    return this.logical(target);
  }

  /** A contained Patient that names the person of this record: the reference comes to point at the person. */
  private toContained(target: Extract<Target, { kind: 'contained' }>): Resolution | undefined {
    if (this.slot.subjectRank === undefined || target.identifiers.length === 0) return undefined;
    return this.toPerson(this.person());
  }

  /** The person of this record needs no looking up. */
  private nearby(id: string): Subject | undefined {
    const subject = parseLogicalId(id)?.subject;
    return subject !== undefined && this.referrer.group.includes(subject) ? subject : undefined;
  }

  private personOfIdentifier(): Subject | undefined {
    const identifier = identifierOf(this.slot.given);
    return identifier && this.targets.people.personOf(identifierKey(identifier));
  }

  /** Whether the NHS number beside an address is that of somebody else. */
  private isNumberedOtherwise(): boolean {
    const { system, value } = identifierOf(this.slot.given) ?? {};
    if (system !== NHS_NUMBER || value === undefined) return false;
    return !this.referrer.group.includes(this.targets.world.identity.person({ system, value }));
  }

  /** An address on another server beside the NHS number of the person it is about. */
  private toNumberedSubject(): Resolution | undefined {
    const person = this.slot.subjectRank === undefined ? undefined : this.personOfIdentifier();
    return person === undefined ? undefined : this.toPerson(person);
  }

  private toOwnName(target: Extract<Target, { kind: 'literal' }>): Resolution {
    const { type, id, base } = target;
    const { world } = this.targets;
    const name = { source: world.source.name, ...(base === undefined ? {} : { base }), id };
    const located = locateOwnName(world, this.holders(type), type, name);
    return located === undefined ? this.logical(target) : this.toLocated(type, located);
  }

  private toLocated(type: string, { subject, fragmentId }: Located): Resolution {
    return { reference: `${type}/${logicalId(subject, fragmentId)}` };
  }

  private toCondition(type: string, identifier: Identifier): Resolution {
    const matches = locateIdentifier(this.targets.world, this.holders(type), type, identifier);
    if (matches.length > 1) return 'several-matches';
    const [match] = matches;
    return match === undefined ? { type, identifier } : { ...(this.toLocated(type, match) as { reference: string }), identifier };
  }

  /** What has no address here (yet) is named, so that no reader follows a link that leads nowhere. */
  private logical(target: Extract<Target, { kind: 'literal' }>): Resolution {
    const identifier = identifierOf(this.slot.given);
    if (target.foreign) return 'as-given';
    return { type: target.type, identifier: identifier ?? { system: SOURCE_ID, value: addressKey(target) } };
  }

  /** Whose fragments may be meant: the person's own, and those of the organisation. */
  private holders(type: string): readonly Subject[] {
    if (isDirectoryType(type)) return [this.targets.world.owner];
    return isPersonBound(type) ? this.referrer.group.filter(isPersonId) : [];
  }
}

/** Replaces each `urn:` of an entry in the links and images of a narrative. */
function resolvedNarrative({ given, property }: Slot, { entries, located }: Targets): string {
  return String(given[property]).replace(NARRATIVE_ADDRESS, (whole: string, before: string, urn: string) => {
    const entry = entries.get(urn);
    const found = entry && located.get(entry);
    return found === undefined ? whole : `${before}${entry!.interaction.type}/${logicalId(found.subject, found.fragmentId)}`;
  });
}

const NARRATIVE_ADDRESS = /((?:href|src)\s*=\s*["'])(urn:(?:uuid|oid):[^"'\s]+)/g;

/** Properties always come in the same order, whatever an earlier resolution did: the content's hash depends on it. */
function write(
  { holder, property, given, kind, target }: Slot,
  resolved: { reference?: string; type?: string; identifier?: Identifier },
): void {
  const { reference, type, identifier } = resolved;
  if (kind === 'address') {
    holder[property] = reference ?? given[property];
    return;
  }
  const asGiven = reference === undefined && identifier === undefined;
  const replaced = asGiven ? given[property] : reference;
  for (const name of Object.keys(holder)) delete holder[name];
  for (const [name, value] of Object.entries(given)) {
    if (name !== property) holder[name] = value;
    else if (replaced !== undefined) holder[name] = replaced;
  }
  if (given[property] === undefined && replaced !== undefined) holder[property] = replaced;
  if (type !== undefined) holder.type ??= type;
  if (identifier !== undefined) holder.identifier ??= { ...identifier };
  if (target.kind === 'contained' && !asGiven) holder.extension = [...asList(given.extension), containedPointer(given[property])];
}

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Where a reference that now points at the person said that the Patient was contained: dom-3 wants a pointer to all that is contained. */
const containedPointer = (reference: unknown) => ({ url: CONTAINED_PATIENT, valueReference: { reference } });

const CONTAINED_PATIENT = 'urn:chesil:contained-patient';
