import { NHS_NUMBER, SECURITY } from '../systems.ts';

/**
 * What tells, or could tell, where a person lives or is looked after, by FHIR R4's own types. A restricted person (PDS: code R) has none of it
 * shown, wherever it stands.
 */

/** Resources that are places, or belong to one: who works there is known, and where they are is looked up. */
export const PLACES: ReadonlySet<string> = new Set([
  ...['Location', 'Organization', 'OrganizationAffiliation', 'HealthcareService', 'Endpoint', 'Schedule', 'Slot'],
  ...['Practitioner', 'PractitionerRole', 'InsurancePlan'],
]);

/** Data types that are left out whole. What is written or scanned cannot be searched for words. */
export const LEFT_OUT: ReadonlySet<string> = new Set([
  ...['Address', 'ContactPoint', 'ContactDetail', 'Contributor', 'Attachment', 'Signature', 'Narrative'],
  ...['RelatedArtifact', 'base64Binary', 'url'],
]);

/** Elements that are left out although their type is a harmless one, as `Type.element`. */
export const LEFT_OUT_ELEMENTS: ReadonlySet<string> = new Set([
  'Meta.source',
  // The owner's tag, and others by which a source is known.
  'Meta.tag',
  'Meta.extension',
  'Annotation.authorString',
]);

/** A contained Provenance of the folded person names its sources. */
export const LEFT_OUT_CONTAINED: ReadonlySet<string> = new Set([...PLACES, 'Provenance']);

/** Systems and profiles of everybody: whoever uses them is told by none. A code of a hospital's own system names the hospital. */
const EVERYBODYS =
  /^(https?:\/\/([a-z-]+\.)?(hl7\.org|snomed\.info|loinc\.org|unitsofmeasure\.org|dicom\.nema\.org|read\.info|who\.int|nhs\.uk\/Id|fhir\.nhs\.uk|fhir\.hl7\.org\.uk|dmd\.nhs\.uk|datadictionary\.nhs\.uk)(\/|$)|urn:(iso|ietf|oid):)/;

/** Everybody's too, but what they name are organisations, sites and staff. */
const OF_PLACES = /\/Id\/(ods-|sds-|g[mp]{2}-|nmc-|gphc-|hcpc-|gdc-)/;

const known = new Map<string, boolean>([
  [NHS_NUMBER, true],
  [SECURITY, true],
]);
const MOST_KNOWN = 5000;

/** The same few systems are asked about again and again. */
export function isEverybodys(uri: string): boolean {
  let answer = known.get(uri);
  if (answer === undefined) {
    answer = EVERYBODYS.test(uri) && !OF_PLACES.test(uri);
    if (known.size < MOST_KNOWN) known.set(uri, answer);
  }
  return answer;
}
