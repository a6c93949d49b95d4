import { subjectElements } from '../../../../shared/fhir/compartment.ts';
import type { Interaction, PersonQuery } from '../../../../shared/fhir/interactions.ts';
import type { PatchOperation } from '../../../../shared/fhir/patch.ts';
import { collectReferences, elementsAt, identifierOf, type Json, parseReference } from '../../../../shared/fhir/references.ts';
import { NHS_NUMBER } from '../../../../shared/fhir/systems.ts';
import { type Identifier, parseLogicalId } from '../../../../shared/record/identity.ts';
import type { OwnName } from '../../../../shared/record/source-names.ts';
import { type FragmentName, namingTokens, primaryCode } from './fragment-name.ts';
import { tokenOf, tokensOf } from './identifiers.ts';
import type { Address, NameReading, ReadResource, Slot, Target } from './operation.ts';
import { nhsNumbersOf, patientNumbersOf } from './patient-names.ts';

/** A RESTful address (http://hl7.org/fhir/R4/references.html#literal). */
const RESTFUL = /^(https?:\/\/\S+)\/([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

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

/** The target of a person named in a query. */
export const queryTarget = (person: PersonQuery, reading: NameReading): Target =>
  'identifier' in person ? { kind: 'logical', identifier: person.identifier } : readTarget(person.reference, undefined, reading);
