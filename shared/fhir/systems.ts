/** Identifier, code and tag systems that Chesil knows by name. Those of NHS England are `https://fhir.nhs.uk/Id/*` (UK Core implementation guide). */

/** National identifier of a person in England: ten digits (see `nhs-number.ts`). */
export const NHS_NUMBER = 'https://fhir.nhs.uk/Id/nhs-number';

/** Organisation Data Service code of an organisation. */
export const ODS_ORGANISATION = 'https://fhir.nhs.uk/Id/ods-organization-code';

/** The same for a site of an organisation. */
export const ODS_SITE = 'https://fhir.nhs.uk/Id/ods-site-code';

/** How confidential something is: `meta.security` (http://hl7.org/fhir/R4/security-labels.html). */
export const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';

/** Clinical terminologies and units. */
export const SNOMED = 'http://snomed.info/sct';
export const UCUM = 'http://unitsofmeasure.org';
export const LOINC = 'http://loinc.org';

/** `meta.tag` that names the organisation that owns a fragment: stamped on every fragment, never taken from the client. */
export const ORGANISATION_TAG = 'urn:chesil:organisation';

/** The id that a source's own system gives a resource: as `meta.tag` of a Patient, and in logical references (`Type/id`). */
export const SOURCE_ID = 'urn:chesil:source-id';

/** Labels of our own in `meta.security`, for what HL7 has no code: `third-party`, and the names of the sensitive sets (`shared/access/markings.ts`). */
export const SECURITY = 'urn:chesil:security';

/** `meta.tag` with what a fragment's source has said of it since, such as that it is about somebody else. */
export const STATEMENT = 'urn:chesil:statement';
