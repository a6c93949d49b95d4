import { subjectElements } from '../../../../shared/fhir/compartment.ts';
import type { Interaction, PersonQuery } from '../../../../shared/fhir/interactions.ts';
import { normaliseNhsNumber } from '../../../../shared/fhir/nhs-number.ts';
import type { PatchOperation } from '../../../../shared/fhir/patch.ts';
import {
  collectReferences,
  elementsAt,
  identifierOf,
  type Json,
  parseReference,
  type ReferenceSlot,
  type ReferenceTarget,
} from '../../../../shared/fhir/references.ts';
import { NHS_NUMBER } from '../../../../shared/fhir/systems.ts';
import { type Identifier, isPersonId, parseLogicalId } from '../../../../shared/record/identity.ts';
import type { OwnName } from '../../../../shared/record/source-names.ts';
import { type FragmentName, namingTokens, primaryCode } from './fragment-name.ts';
import { identifierOfToken, tokenOf, tokensOf } from './identifiers.ts';
import { nhsNumbersOf, patientNumbersOf } from './patient-names.ts';

/** What the settings say of the source that sends a request. */
export interface SendingSource {
  readonly name: string;
  /** Systems of identifiers that name its patients. */
  readonly patientIdentifiers: ReadonlySet<string>;
  /** Whether its resource ids stay the same from one extract to the next. */
  readonly stableIds: boolean;
  /** Whether it traces NHS numbers, and so may say that one replaces another. */
  readonly tracesNhsNumbers: boolean;
  /** Address of its own server, under which an id is the same as without one. */
  readonly base?: string;
}

/** How the names in a request are read: by its source, by the address of this server, and on which day. */
export interface NameReading {
  readonly source: SendingSource;
  /** Without a slash at its end. */
  readonly fhirUrl: string;
  /** ISO 8601 instant. */
  readonly now: string;
}

/** Where a reference points: also one that carries an identifier and no address, and one under the address of another server. */
export type Target =
  | Exclude<ReferenceTarget, { kind: 'literal' | 'contained' }>
  | {
      readonly kind: 'literal';
      readonly type: string;
      readonly id: string;
      readonly version?: string;
      /** Address of the server that the id belongs to; absent for this server's ids and the source's own. */
      readonly base?: string;
      /** Whether it was written as an address on another server, where it may lead although nothing of it is here. */
      readonly foreign?: boolean;
    }
  | { readonly kind: 'contained'; readonly isPatient: boolean; readonly identifiers: readonly Identifier[] }
  | { readonly kind: 'logical'; readonly identifier: Identifier };

/** A reference of an operation's resource. */
export interface Slot extends ReferenceSlot {
  readonly target: Target;
  /** Whether it stands in an element that names whom the resource is about, and in which (0: the one that decides first). */
  readonly subjectRank?: number;
  /** Whether it can only mean a person: an unknown one is then a problem. */
  readonly meansPerson: boolean;
}

/** Everything that names a resource, or that it names, read without knowing the record. */
export interface ReadResource {
  readonly slots: readonly Slot[];
  readonly name: FragmentName;
  /** Where other entries of its bundle find it by `Type/id`, whether or not its source's ids can be relied on. */
  readonly address?: Address;
  /** Of a Patient: the patient numbers of its organisation, the best first. */
  readonly patientNumbers: readonly Identifier[];
  /** Every identifier, as tokens. */
  readonly tokens: readonly string[];
}

/** One write of a request, with everything that can be said about it without knowing the record. */
export interface Operation extends ReadResource {
  /** Position among the writes of its request. */
  readonly index: number;
  /** Expression of its resource in what was sent. */
  readonly at: string;
  readonly interaction: Interaction;
  readonly fullUrl?: string;
  /** Whether it is an entry of a bundle. */
  readonly inBundle: boolean;
  /** Names the fragment when the source gives no name at all, and the person of a Patient without a name. */
  readonly fallbackSource: string;
}

/** A RESTful address (http://hl7.org/fhir/R4/references.html#literal). */
const RESTFUL = /^(https?:\/\/\S+)\/([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

export interface Address {
  readonly type: string;
  readonly id: string;
  /** Absent for this server, and for the base that the source's settings declare. */
  readonly base?: string;
}

function readAddress(text: string | undefined, { source, fhirUrl }: NameReading): Address | undefined {
  const [, base = '', type = '', id = ''] = RESTFUL.exec(text ?? '') ?? [];
  if (id === '') return undefined;
  return { type, id, ...(base === fhirUrl || base === source.base ? {} : { base }) };
}

/** The id in the address, in the resource, or at the end of its `fullUrl`; with the base of that `fullUrl`. */
function addressOf(
  { type, id, resource }: Pick<Interaction, 'type' | 'id' | 'resource'>,
  fullUrl: string | undefined,
  reading: NameReading,
): Address | undefined {
  const entry = readAddress(fullUrl, reading);
  const under = entry?.type === type ? entry : undefined;
  const given = [id, resource?.id, under?.id].find((one) => typeof one === 'string') as string | undefined;
  if (given === undefined) return undefined;
  return under?.id === given ? under : { type, id: given };
}

/** What the source calls a resource by itself: no id of ours, and none of a source whose ids change from day to day. */
function ownNameOf(address: Address | undefined, { source }: NameReading): OwnName | undefined {
  if (address === undefined || !source.stableIds || parseLogicalId(address.id) !== undefined) return undefined;
  const { id, base } = address;
  return { source: source.name, ...(base === undefined ? {} : { base }), id };
}

/** Reads the names of a write, and whom and what it refers to. */
export function readResource(
  interaction: Pick<Interaction, 'type' | 'id' | 'resource'>,
  fullUrl: string | undefined,
  reading: NameReading,
): ReadResource {
  const { resource } = interaction;
  const address = addressOf(interaction, fullUrl, reading);
  const own = ownNameOf(address, reading);
  const addressed = address === undefined ? {} : { address };
  if (resource === undefined) {
    const name: FragmentName = own === undefined ? { kind: 'nameless' } : { kind: 'own-id', name: own };
    return { slots: [], name, patientNumbers: [], tokens: [], ...addressed };
  }
  const isPatient = interaction.type === 'Patient';
  const patientNumbers = isPatient ? patientNumbersOf(resource, reading.source.patientIdentifiers) : [];
  return {
    slots: slotsOf(resource, readAddress(fullUrl, reading)?.base, reading),
    name: own === undefined ? nameOf(resource, patientNumbers, reading.now) : { kind: 'own-id', name: own },
    patientNumbers,
    tokens: tokensOf(resource),
    ...addressed,
  };
}

function nameOf(resource: Json, patientNumbers: readonly Identifier[], now: string): FragmentName {
  const tokens = resource.resourceType === 'Patient' ? patientTokens(resource, patientNumbers, now) : namingTokens(resource);
  if (tokens.length === 0) return { kind: 'nameless' };
  const code = primaryCode(resource);
  return { kind: 'identifiers', tokens, ...(code === undefined ? {} : { code }) };
}

/** A Patient goes by its best patient number, for want of one by its NHS number. */
function patientTokens(patient: Json, [best]: readonly Identifier[], now: string): readonly string[] {
  if (best !== undefined) return [tokenOf(best)];
  const [value, ...others] = nhsNumbersOf(patient, now);
  return value === undefined || others.length > 0 ? [] : [tokenOf({ system: NHS_NUMBER, value })];
}

/** @param base of the entry that the resource came in: relative references are resolved against it (bundle.html#references). */
export function readTarget(text: string, base: string | undefined, reading: NameReading): Target {
  const target = parseReference(text, reading.fhirUrl);
  if (target.kind === 'contained') return { kind: 'contained', isPatient: false, identifiers: [] };
  if (target.kind === 'elsewhere') {
    const address = readAddress(text, reading);
    return address === undefined
      ? target
      : { kind: 'literal', ...address, ...(address.base === undefined ? {} : { foreign: true }) };
  }
  if (target.kind !== 'literal' || base === undefined || parseLogicalId(target.id) !== undefined) return target;
  return text.startsWith(reading.fhirUrl) ? target : { ...target, base };
}

function slotsOf(resource: Json, base: string | undefined, reading: NameReading): Slot[] {
  const subjects = subjectHolders(resource);
  const slots = collectReferences(resource).map((slot): Slot => {
    const text = slot.given[slot.property] as string;
    const subjectRank = slot.property === 'reference' ? subjects.get(slot.holder) : undefined;
    if (subjectRank === undefined) return { ...slot, target: readTarget(text, base, reading), meansPerson: false };
    subjects.delete(slot.holder);
    const target = text.startsWith('#') ? containedPatient(resource, text.slice(1), reading) : readTarget(text, base, reading);
    return { ...slot, target, subjectRank, meansPerson: true };
  });
  const logical = (holder: Json, identifier: Identifier): Omit<Slot, 'meansPerson'> => ({
    holder,
    property: 'reference',
    kind: 'reference',
    given: { ...holder },
    target: { kind: 'logical', identifier },
  });
  for (const holder of mergedHolders(resource)) {
    const identifier = identifierOf(holder);
    if (identifier !== undefined && typeof holder.reference !== 'string')
      slots.push({ ...logical(holder, identifier), meansPerson: false });
  }
  for (const [holder, subjectRank] of subjects) {
    const identifier = identifierOf(holder);
    if (identifier === undefined) continue;
    const meansPerson = identifier.system === NHS_NUMBER || holder.type === 'Patient';
    slots.push({ ...logical(holder, identifier), subjectRank, meansPerson });
  }
  return slots;
}

/** A contained Patient that a resource is about names its person as any Patient does. */
function containedPatient(resource: Json, id: string, { source, now }: NameReading): Target {
  const all = Array.isArray(resource.contained) ? (resource.contained as (Json | null)[]) : [];
  const patient = all.find((one) => one?.resourceType === 'Patient' && one.id === id);
  if (patient === undefined || patient === null) return { kind: 'contained', isPatient: false, identifiers: [] };
  const numbers = nhsNumbersOf(patient, now).map((value) => ({ system: NHS_NUMBER, value }));
  return {
    kind: 'contained',
    isPatient: true,
    identifiers: [...numbers, ...patientNumbersOf(patient, source.patientIdentifiers)],
  };
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
export function targetsOfPatch(patch: readonly PatchOperation[], reading: NameReading): Target[] {
  return patch.flatMap((operation) => {
    if (!('value' in operation)) return [];
    if (typeof operation.value === 'string') {
      return operation.path.at(-1) === 'reference' ? [readTarget(operation.value, undefined, reading)] : [];
    }
    if (typeof operation.value !== 'object' || operation.value === null) return [];
    return collectReferences({ value: operation.value }).map(({ given }) =>
      readTarget(String(given.reference ?? ''), undefined, reading),
    );
  });
}

/** `Type/id`, under the address of another server `https://…/Type/id`. */
export const addressKey = ({ type, id, base }: Address): string => `${base === undefined ? '' : `${base}/`}${type}/${id}`;

/** The key of an identifier that may name a person: an NHS number as ten digits, however it was written. */
export function identifierKey({ system, value }: Identifier): string {
  return tokenOf({ system, value: (system === NHS_NUMBER ? normaliseNhsNumber(value) : undefined) ?? value });
}

/**
 * The keys under which the person that a target names is looked up, the strongest first; none when it names no person by itself
 * (another type, an entry of the bundle).
 */
export function personKeys(target: Target): readonly string[] {
  switch (target.kind) {
    case 'logical':
      return [identifierKey(target.identifier)];
    case 'contained':
      return target.identifiers.map(identifierKey);
    case 'conditional':
      return target.type === 'Patient' ? [identifierKey(target.identifier)] : [];
    case 'literal': {
      if (target.type === 'Patient') return [addressKey(target)];
      const subject = parseLogicalId(target.id)?.subject;
      return subject !== undefined && isPersonId(subject) ? [`Patient/${subject}`] : [];
    }
    default:
      return [];
  }
}

/** The target of a person named in a query. */
export const queryTarget = (person: PersonQuery, reading: NameReading): Target =>
  'identifier' in person ? { kind: 'logical', identifier: person.identifier } : readTarget(person.reference, undefined, reading);

/** The names by which other entries of a bundle can refer to this one: its `fullUrl`, and `Type/id` under its base. */
export function namesOf({ fullUrl, address }: Operation): string[] {
  return [...(fullUrl === undefined ? [] : [fullUrl]), ...(address === undefined ? [] : [addressKey(address)])];
}

/** Entries of a request by the names under which others refer to them. */
export type Entries = ReadonlyMap<string, Operation>;

const conditionName = (type: string, token: string) => `${type}?${token}`;

/** Identifiers by which a conditional reference finds an entry. What only describes a Patient finds none. */
const findingTokens = ({ interaction: { type }, tokens, patientNumbers }: Operation): readonly string[] =>
  type === 'Patient'
    ? [...patientNumbers.map(tokenOf), ...tokens.filter((token) => identifierOfToken(token).system === NHS_NUMBER)]
    : tokens;

/** @returns each entry by its `fullUrl` and `Type/id`, and by those of its identifiers that no other entry has. */
export function indexOperations(operations: readonly Operation[]): Entries {
  const index = new Map<string, Operation>();
  const shared = new Set<string>();
  for (const operation of operations) {
    if (operation.interaction.resource === undefined) continue;
    for (const name of namesOf(operation)) if (!index.has(name)) index.set(name, operation);
    for (const token of new Set(findingTokens(operation))) {
      const name = conditionName(operation.interaction.type, token);
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
  const byUrl = typeof text === 'string' && text.includes(':') ? entries.get(text) : undefined;
  if (byUrl !== undefined) return byUrl;
  if (target.kind === 'literal') return entries.get(addressKey(target));
  return target.kind === 'conditional' ? entries.get(conditionName(target.type, tokenOf(target.identifier))) : undefined;
}
