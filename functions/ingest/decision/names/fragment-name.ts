import { createHash } from 'node:crypto';
import type { Json } from '../../../../shared/fhir/references.ts';
import { LOINC, NHS_NUMBER, SNOMED } from '../../../../shared/fhir/systems.ts';
import type { Identifier, Identity } from '../../../../shared/record/identity.ts';
import { type OwnName, ownFragmentId } from '../../../../shared/record/source-names.ts';
import {
  identifiersOf,
  isCompleteIdentifier,
  masterIdentifiersOf,
  type ResourceIdentifier,
  tokenOf,
  typeCodesOf,
} from './identifiers.ts';

/**
 * What names a fragment, for one organisation, source and type: the source's own id; else its business identifiers, and for types
 * whose identifiers group things the primary code too. The rules are the tables below.
 */

/** What a resource is named by. */
export type FragmentName =
  | { readonly kind: 'own-id'; readonly name: OwnName }
  /** Identifiers as tokens, sorted; `code` where the type groups. */
  | { readonly kind: 'identifiers'; readonly tokens: readonly string[]; readonly code?: string }
  | { readonly kind: 'nameless' };

/** `Identifier.use` in ranks: only those of the best rank that is there name the resource. `temp` and `old` name nothing. */
const RANKS: readonly (readonly string[])[] = [['official'], ['usual', 'none'], ['secondary']];

/**
 * Kinds of identifier (http://terminology.hl7.org/CodeSystem/v2-0203) that resources of other types share among each other: an
 * accession number stands on each result of a specimen. They name fragments of these types only.
 */
const NAMES_ONLY: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    ACSN: ['DiagnosticReport', 'ImagingStudy', 'ServiceRequest', 'Specimen'],
    FILL: ['DiagnosticReport', 'ServiceRequest'],
    PLAC: ['ServiceRequest'],
    VN: ['Encounter'],
    AN: ['Account'],
    MR: ['Patient', 'Person', 'RelatedPerson'],
    PI: ['Patient', 'Person', 'RelatedPerson'],
    PN: ['Patient', 'Person', 'RelatedPerson'],
    NH: ['Patient', 'Person', 'RelatedPerson'],
    SS: ['Patient', 'Person', 'RelatedPerson'],
  }),
);

/**
 * Types whose identifiers group things, with the element that tells these apart: a laboratory number stands on the potassium and
 * on the sodium. Of any other type the identifier alone is the name, for a class or a code may be corrected.
 */
const GROUPING_TYPES: Readonly<Record<string, string>> = {
  Observation: 'code',
  DiagnosticReport: 'code',
  Procedure: 'code',
  ServiceRequest: 'code',
  DeviceRequest: 'code',
  SupplyRequest: 'item',
  Immunization: 'vaccineCode',
  MedicationRequest: 'medication',
  MedicationStatement: 'medication',
  MedicationDispense: 'medication',
  MedicationAdministration: 'medication',
};

/** The identifiers that name a resource, the best rank alone, sorted: the same whatever order they come in. */
export function namingTokens(resource: Json): readonly string[] {
  const type = resource.resourceType as string;
  const masters = masterIdentifiersOf(resource).filter((one) => canName(one, type));
  if (masters.length > 0) return sortedTokens(masters);
  const named = identifiersOf(resource).filter((one) => canName(one, type));
  for (const uses of RANKS) {
    const best = named.filter(({ use = 'none' }) => uses.includes(use));
    if (best.length > 0) return sortedTokens(best);
  }
  return [];
}

function canName(one: ResourceIdentifier, type: string): boolean {
  if (!isCompleteIdentifier(one) || one.system === NHS_NUMBER) return false;
  return typeCodesOf(one).every((code) => NAMES_ONLY.get(code)?.includes(type) ?? true);
}

const sortedTokens = (identifiers: readonly ResourceIdentifier[]): readonly string[] =>
  [...new Set(identifiers.map((one) => tokenOf(one as Identifier)))].sort();

/**
 * The primary coding of a resource whose type groups: `system|code`, never the display; the text where there is no coding;
 * `undefined` for other types.
 */
export function primaryCode(resource: Json): string | undefined {
  const element = GROUPING_TYPES[resource.resourceType as string];
  if (element === undefined) return undefined;
  const concept = resource[element] ?? resource[`${element}CodeableConcept`];
  return conceptCode(concept) ?? referencedCode(resource, resource[`${element}Reference`]) ?? '';
}

interface Coding {
  readonly system?: string;
  readonly code?: string;
  readonly userSelected?: boolean;
}

/** Names that SNOMED CT and LOINC go by as OIDs. */
const SYSTEMS: Readonly<Record<string, string>> = {
  'urn:oid:2.16.840.1.113883.6.96': SNOMED,
  'urn:oid:2.16.840.1.113883.6.1': LOINC,
};

/** Translations are added beside a code later: the terminologies that stay come first. */
const PREFERRED_SYSTEMS: readonly (string | undefined)[] = [SNOMED, LOINC, 'https://dmd.nhs.uk'];

/** What one concept is, whatever order its codings come in. */
function conceptCode(concept: unknown): string | undefined {
  if (typeof concept !== 'object' || concept === null) return undefined;
  const { coding, text } = concept as { readonly coding?: unknown; readonly text?: unknown };
  const codings = (Array.isArray(coding) ? (coding as (Coding | null)[]) : []).filter((one) => one?.code !== undefined);
  const [first] = codings.map((one) => one as Coding).toSorted((a, b) => rankOf(a) - rankOf(b) || compareCodings(a, b));
  if (first !== undefined) return codingToken(first);
  return typeof text === 'string' ? JSON.stringify(['text', text.trim().toLowerCase().replace(/\s+/g, ' ')]) : undefined;
}

const systemOf = ({ system = '' }: Coding): string => SYSTEMS[system] ?? system;
const codingToken = (coding: Coding): string => tokenOf({ system: systemOf(coding), value: String(coding.code) });
const compareCodings = (a: Coding, b: Coding): number => (codingToken(a) < codingToken(b) ? -1 : 1);

function rankOf(coding: Coding): number {
  if (coding.userSelected === true) return -1;
  const rank = PREFERRED_SYSTEMS.indexOf(systemOf(coding));
  return rank < 0 ? PREFERRED_SYSTEMS.length : rank;
}

/** A medicine that is contained, or named by identifier or address. */
function referencedCode({ contained }: Json, reference: unknown): string | undefined {
  if (typeof reference !== 'object' || reference === null) return undefined;
  const { reference: address, identifier } = reference as { reference?: unknown; identifier?: ResourceIdentifier };
  if (typeof address === 'string' && address.startsWith('#')) {
    const all = Array.isArray(contained) ? (contained as (Json | null)[]) : [];
    return conceptCode(all.find((one) => one?.id === address.slice(1))?.code);
  }
  if (identifier !== undefined && isCompleteIdentifier(identifier)) return tokenOf(identifier as Identifier);
  return typeof address === 'string' && !address.startsWith('urn:') ? address : undefined;
}

/** The fragment id that a name leads to. */
export function fragmentIdOf(
  identity: Identity,
  { owner, source, type }: { readonly owner: string; readonly source: string; readonly type: string },
  name: Exclude<FragmentName, { kind: 'nameless' }>,
): string {
  if (name.kind === 'own-id') return ownFragmentId(identity, owner, type, name.name);
  return identity.fragment(owner, type, JSON.stringify(['identifiers', source, name.code ?? '', ...name.tokens]));
}

/** The fragment id of a resource without a name: by its content in a bundle, by its request alone. */
export const namelessFragmentId = (
  identity: Identity,
  { owner, source, type }: { readonly owner: string; readonly source: string; readonly type: string },
  stand: { readonly content: string } | { readonly request: string },
): string =>
  identity.fragment(
    owner,
    type,
    JSON.stringify('content' in stand ? ['content', source, hashOf(stand.content)] : ['request', source, stand.request]),
  );

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');
