import { subjectElements } from '../../../shared/fhir/compartment.ts';
import type { Interaction, PersonQuery } from '../../../shared/fhir/interactions.ts';
import type { PatchOperation } from '../../../shared/fhir/patch.ts';
import {
  collectReferences,
  elementsAt,
  identifierOf,
  type Json,
  parseReference,
  type ReferenceSlot,
  type ReferenceTarget,
} from '../../../shared/fhir/references.ts';
import { NHS_NUMBER } from '../../../shared/fhir/systems.ts';
import { type Identifier, isPersonId, parseLogicalId } from '../../../shared/record/identity.ts';
import { businessIdentifiers } from './source-identity.ts';

/** Where a reference points, with those that carry an identifier and no address. */
export type Target = ReferenceTarget | { readonly kind: 'logical'; readonly identifier: Identifier };

/** A reference of an operation's resource. */
export interface Slot extends ReferenceSlot {
  readonly target: Target;
  /** Whether it stands in an element that names whom the resource is about, and in which (0: the one that decides first). */
  readonly subjectRank?: number;
  /** Whether it can only mean a person: an unknown one is then a problem. */
  readonly meansPerson: boolean;
}

/** One write of a request, with everything that can be said about it without knowing the record. */
export interface Operation {
  /** Position among the writes of its request. */
  readonly index: number;
  /** Expression of its resource in what was sent. */
  readonly at: string;
  readonly interaction: Interaction;
  readonly fullUrl?: string;
  /** Names the fragment when the source gives no name at all. */
  readonly fallbackSource: string;
  readonly slots: readonly Slot[];
  /** Business identifiers, the best first. */
  readonly identifiers: readonly Identifier[];
}

/** Reads the references and identifiers of a resource. */
export function readResource(resource: Json, fhirUrl: string): Pick<Operation, 'slots' | 'identifiers'> {
  return { slots: slotsOf(resource, fhirUrl), identifiers: businessIdentifiers(resource) };
}

function slotsOf(resource: Json, fhirUrl: string): Slot[] {
  const subjects = subjectHolders(resource);
  const slots = collectReferences(resource).map((slot): Slot => {
    const target = parseReference(slot.given[slot.property] as string, fhirUrl);
    const subjectRank = slot.property === 'reference' ? subjects.get(slot.holder) : undefined;
    if (subjectRank === undefined) return { ...slot, target, meansPerson: false };
    subjects.delete(slot.holder);
    return { ...slot, target, subjectRank, meansPerson: true };
  });
  for (const holder of mergedHolders(resource)) {
    const identifier = identifierOf(holder);
    if (identifier === undefined || typeof holder.reference === 'string') continue;
    slots.push({
      holder,
      property: 'reference',
      given: { ...holder },
      target: { kind: 'logical', identifier },
      meansPerson: false,
    });
  }
  for (const [holder, subjectRank] of subjects) {
    const identifier = identifierOf(holder);
    if (identifier === undefined) continue;
    const meansPerson = identifier.system === NHS_NUMBER || holder.type === 'Patient';
    slots.push({
      holder,
      property: 'reference',
      given: { ...holder },
      target: { kind: 'logical', identifier },
      subjectRank,
      meansPerson,
    });
  }
  return slots;
}

/** Whom a Patient says it is one with, or related to: named by identifier alone, they are looked up too. */
export const mergedHolders = (resource: Json): Json[] =>
  resource.resourceType === 'Patient' ? elementsAt(resource, 'link.other') : [];

function subjectHolders(resource: Json): Map<Json, number> {
  const holders = new Map<Json, number>();
  for (const [rank, path] of subjectElements(resource.resourceType as string).entries()) {
    for (const holder of elementsAt(resource, path)) holders.set(holder, rank);
  }
  return holders;
}

/** What a patch brings in that may point at somebody: looked up beforehand, since deciding looks nothing up. */
export function targetsOfPatch(patch: readonly PatchOperation[], fhirUrl: string): Target[] {
  return patch.flatMap((operation) => {
    if (!('value' in operation)) return [];
    if (typeof operation.value === 'string') {
      return operation.path.at(-1) === 'reference' ? [parseReference(operation.value, fhirUrl)] : [];
    }
    if (typeof operation.value !== 'object' || operation.value === null) return [];
    return collectReferences({ value: operation.value }).map(({ given }) =>
      parseReference(String(given.reference ?? ''), fhirUrl),
    );
  });
}

/**
 * The key under which the person that a target names is looked up: `Patient/<id>` or `system|value`; `undefined` when it names no
 * person by itself (another type, an entry of the bundle).
 */
export function personKey(target: Target): string | undefined {
  if (target.kind === 'logical') return `${target.identifier.system}|${target.identifier.value}`;
  if (target.kind === 'conditional') {
    return target.type === 'Patient' ? `${target.identifier.system}|${target.identifier.value}` : undefined;
  }
  if (target.kind !== 'literal') return undefined;
  if (target.type === 'Patient') return `Patient/${target.id}`;
  const subject = parseLogicalId(target.id)?.subject;
  return subject !== undefined && isPersonId(subject) ? `Patient/${subject}` : undefined;
}

/** The target of a person named in a query. */
export const queryTarget = (person: PersonQuery, fhirUrl: string): Target =>
  'identifier' in person ? { kind: 'logical', identifier: person.identifier } : parseReference(person.reference, fhirUrl);

/** The names by which other entries of a bundle can refer to this one: its `fullUrl`, and `Type/id`. */
export function namesOf({ interaction, fullUrl }: Operation): string[] {
  const { type, id, resource } = interaction;
  const own = id ?? (typeof resource?.id === 'string' ? resource.id : undefined);
  return [...(fullUrl === undefined ? [] : [fullUrl]), ...(own === undefined ? [] : [`${type}/${own}`])];
}

/** Entries of a request by the names under which others refer to them. */
export type Entries = ReadonlyMap<string, Operation>;

const conditionName = (type: string, { system, value }: Identifier) => `${type}?${system}|${value}`;

/** @returns each entry by its `fullUrl` and `Type/id`, and by those of its identifiers that no other entry has. */
export function indexOperations(operations: readonly Operation[]): Entries {
  const index = new Map<string, Operation>();
  const shared = new Set<string>();
  for (const operation of operations) {
    if (operation.interaction.resource === undefined) continue;
    for (const name of namesOf(operation)) if (!index.has(name)) index.set(name, operation);
    for (const identifier of operation.identifiers) {
      const name = conditionName(operation.interaction.type, identifier);
      if (index.has(name)) shared.add(name);
      else index.set(name, operation);
    }
  }
  for (const name of shared) index.delete(name);
  return index;
}

/** The entry of the same request that a reference points at. */
export function entryOf({ given, property, target }: Slot, entries: Entries): Operation | undefined {
  const text = given[property];
  const byUrl = typeof text === 'string' ? entries.get(text) : undefined;
  if (byUrl !== undefined) return byUrl;
  if (target.kind === 'literal') return entries.get(`${target.type}/${target.id}`);
  return target.kind === 'conditional' ? entries.get(conditionName(target.type, target.identifier)) : undefined;
}
