import { isNhsNumber } from '../../../shared/fhir/nhs-number.ts';
import type { Json } from '../../../shared/fhir/references.ts';
import { NHS_NUMBER } from '../../../shared/fhir/systems.ts';
import type { Identifier } from '../../../shared/record/identity.ts';

/**
 * What a source calls a resource: which of its business identifiers names the fragment, and which number names the person. The rules are
 * the tables below.
 */

/**
 * `Identifier.use`, the best name first (http://hl7.org/fhir/R4/valueset-identifier-use.html); an identifier without one stands with `none`. Among equals the
 * first that was given names the fragment.
 */
const USES = ['official', 'usual', 'none', 'secondary', 'temp', 'old'];

/** `Identifier.type` (http://terminology.hl7.org/CodeSystem/v2-0203) that name a person best among an organisation's own identifiers. */
const PERSON_TYPES = ['MR', 'PI', 'PN'];

/**
 * Kinds of identifier that resources of other types share among each other: an accession number stands on each result of a specimen, and
 * taking it for the name of one result would make the next one overwrite it. They name fragments of these types only.
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
 * `Extension-UKCore-NHSNumberVerificationStatus` codes with which an NHS number says nothing certain about who somebody is (NHS Data Dictionary, NHS
 * NUMBER STATUS INDICATOR CODE): 04 traced without a match or with several, 05 conflicts with the patient's details.
 */
const UNCERTAIN_STATUSES: ReadonlySet<string> = new Set(['04', '05']);
const VERIFICATION_STATUS = 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus';

interface FhirIdentifier extends Partial<Identifier> {
  readonly use?: string;
  readonly type?: { readonly coding?: readonly { readonly code?: string }[] };
  readonly period?: { readonly end?: string };
  readonly extension?: readonly {
    readonly url?: string;
    readonly valueCodeableConcept?: { readonly coding?: readonly { readonly code?: string }[] };
  }[];
}

/** The business identifiers that can name this resource, the best first. An NHS number names nothing but, for want of others, a Patient. */
export function businessIdentifiers(resource: Json): Identifier[] {
  const { resourceType, masterIdentifier, identifier } = resource;
  if (masterIdentifier === undefined && identifier === undefined) return [];
  const type = resourceType as string;
  const named = [masterIdentifier ?? [], identifier ?? []].flat().filter((one) => canName(one as FhirIdentifier, type));
  return (named as FhirIdentifier[])
    .map((one, index) => ({ one, rank: rankOf(one, type, one === masterIdentifier) * 1_000 + index }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ one }) => ({ system: one.system as string, value: one.value as string }));
}

const typesOf = ({ type }: FhirIdentifier) => (type?.coding ?? []).map(({ code = '' }) => code);

function canName(one: FhirIdentifier, type: string): boolean {
  if (typeof one.system !== 'string' || typeof one.value !== 'string' || one.system === '' || one.value === '') return false;
  if (one.system === NHS_NUMBER) return type === 'Patient';
  return typesOf(one).every((code) => NAMES_ONLY.get(code)?.includes(type) ?? true);
}

function rankOf(one: FhirIdentifier, type: string, isMaster: boolean): number {
  if (isMaster) return -1;
  if (one.system === NHS_NUMBER) return 999;
  const use = USES.indexOf(one.use ?? 'none');
  if (type !== 'Patient') return use;
  const kinds = typesOf(one).map((code) => PERSON_TYPES.indexOf(code));
  const kind = Math.min(...kinds.filter((rank) => rank >= 0), PERSON_TYPES.length);
  return (one.use === 'old' ? 100 : 0) + kind * 10 + use;
}

/** The identifiers of a Patient that are its organisation's own: everything but NHS numbers, the best first. */
export const localIdentifiers = (patient: Json): Identifier[] =>
  businessIdentifiers(patient).filter(({ system }) => system !== NHS_NUMBER);

/**
 * The NHS number that a Patient goes by: valid, not superseded (`use: old`, or a period that has ended) and not uncertain.
 * @param today ISO date.
 * @returns several when the Patient goes by more than one, which names nobody.
 */
export function nhsNumbersOf(patient: Json, today: string): readonly string[] {
  const identifiers = Array.isArray(patient.identifier) ? (patient.identifier as FhirIdentifier[]) : [];
  const valid = identifiers.filter(
    ({ system, value, use, period, ...one }) =>
      system === NHS_NUMBER &&
      typeof value === 'string' &&
      isNhsNumber(value) &&
      use !== 'old' &&
      !(period?.end !== undefined && period.end.slice(0, 10) < today.slice(0, Math.min(10, period.end.length))) &&
      !statusesOf(one).some((code) => UNCERTAIN_STATUSES.has(code)),
  );
  return [...new Set(valid.map(({ value }) => value as string))];
}

const statusesOf = ({ extension = [] }: FhirIdentifier) =>
  extension
    .filter(({ url }) => url === VERIFICATION_STATUS)
    .flatMap(({ valueCodeableConcept }) => (valueCodeableConcept?.coding ?? []).map(({ code = '' }) => code));

/** How an identifier is written where it names a fragment: see `Identity.fragment`. */
export const sourceOf = ({ system, value }: Identifier): string => `${system}|${value}`;
