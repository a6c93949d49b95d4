/**
 * Identifier, code and extension systems that Chesil knows by name. Those of NHS England are `https://fhir.nhs.uk/Id/*`, those of the
 * professional registers `https://fhir.hl7.org.uk/Id/*` (UK Core implementation guide).
 */

/** National identifier of a person in England: ten digits (see `nhs-number.ts`). */
export const NHS_NUMBER = 'https://fhir.nhs.uk/Id/nhs-number';

/** Organisation Data Service code of an organisation, and of one of its sites. */
export const ODS_ORGANISATION = 'https://fhir.nhs.uk/Id/ods-organization-code';
export const ODS_SITE = 'https://fhir.nhs.uk/Id/ods-site-code';

/** Spine user and role profile of a member of staff (CIS2). */
export const SDS_USER = 'https://fhir.nhs.uk/Id/sds-user-id';
export const SDS_ROLE_PROFILE = 'https://fhir.nhs.uk/Id/sds-role-profile-id';

/** Professional registers. */
export const GMC_NUMBER = 'https://fhir.hl7.org.uk/Id/gmc-number';
export const GMP_NUMBER = 'https://fhir.hl7.org.uk/Id/gmp-number';
export const NMC_NUMBER = 'https://fhir.hl7.org.uk/Id/nmc-number';
export const GPHC_NUMBER = 'https://fhir.hl7.org.uk/Id/gphc-number';
export const HCPC_NUMBER = 'https://fhir.hl7.org.uk/Id/hcpc-number';

/** Clinical terminologies. */
export const SNOMED = 'http://snomed.info/sct';
export const DMD = 'https://dmd.nhs.uk';
export const UCUM = 'http://unitsofmeasure.org';
export const LOINC = 'http://loinc.org';

/** `meta.tag` that names the organisation that owns a fragment: stamped on every fragment, never taken from the client. */
export const ORGANISATION_TAG = 'urn:chesil:organisation';

/** `meta.security` of HL7: `R` (restricted) hides where a person can be found. */
export const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';

/** The id that a source's own system gives a resource: as `meta.tag` where the fragment is named by a business identifier, and in logical references (`Type/id`). */
export const SOURCE_ID = 'urn:chesil:source-id';
