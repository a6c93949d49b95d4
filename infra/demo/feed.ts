import { createHash } from 'node:crypto';
import { NHS_NUMBER, ODS_ORGANISATION } from '../../shared/fhir/systems.ts';

const UK_CORE = 'https://fhir.hl7.org.uk/StructureDefinition/UKCore-';

/** Somebody made up. */
export interface Somebody {
  /** Names the person in the demo's own identifiers. */
  readonly key: string;
  /** From the range 999…, which no one will ever have; absent for who has none yet. */
  readonly nhsNumber?: string;
  readonly family: string;
  readonly given: readonly string[];
  readonly prefix?: string;
  readonly gender: 'female' | 'male' | 'other' | 'unknown';
  readonly birthDate: string;
  readonly address?: { readonly line: string; readonly town: string; readonly postalCode: string };
  readonly phone?: string;
  /** ODS code and name of the registered practice. */
  readonly practice?: { readonly code: string; readonly name: string };
  /** HL7 Confidentiality code of the demographics, where they are restricted. */
  readonly confidentiality?: 'R' | 'V';
  readonly deceased?: string;
}

/** One submission: what an organisation pushes in one transaction. */
export interface Push {
  readonly organisation: string;
  readonly bundle: fhir4.Bundle;
}

/** A resource of the demo, before it is given its place in a bundle. */
type Draft = fhir4.FhirResource & { identifier?: unknown };

/** Collects what one organisation tells of one person, in UK Core shape, as one transaction. */
export interface Feed {
  readonly patient: fhir4.Reference;
  /**
   * Adds a resource; answers with the reference that others in this bundle may use.
   * @param once left alone when it is there already, whatever it says there.
   */
  add(resource: Draft, once?: boolean): fhir4.Reference;
  push(): Push;
}

/** The same feed, for what is dated by the day of loading: loaded again on another day, it stays as it was told first. */
export const once = (feed: Feed): Feed => ({ ...feed, add: (resource) => feed.add(resource, true) });

/** Starts what an organisation tells of a person, with its own Patient. */
export function createFeed(organisation: string, somebody: Somebody): Feed {
  const entries: fhir4.BundleEntry[] = [];
  const add = (resource: Draft, isOnce = false): fhir4.Reference => {
    const type = resource.resourceType;
    const value = `${somebody.key}-${entries.filter((entry) => entry.resource?.resourceType === type).length + 1}`;
    const fullUrl = `urn:uuid:${uuid(`${organisation} ${type} ${value}`)}`;
    const ifNoneExist = isOnce ? { ifNoneExist: `identifier=${demoSystem(organisation, type)}|${value}` } : {};
    const request = { method: 'POST' as const, url: type, ...ifNoneExist };
    entries.push({ fullUrl, resource: finish(resource, organisation, value), request });
    return { reference: fullUrl };
  };
  const patient = add(patientOf(organisation, somebody));
  return {
    patient,
    add,
    push: () => ({ organisation, bundle: { resourceType: 'Bundle', type: 'transaction', entry: entries } }),
  };
}

/** Types that have no business identifier of the usual shape in R4. */
const WITHOUT_IDENTIFIER = new Set(['Patient', 'QuestionnaireResponse']);
/** Types that UK Core gives no profile. */
const WITHOUT_PROFILE = new Set(['RiskAssessment', 'Goal']);

function finish(resource: Draft, organisation: string, value: string): fhir4.FhirResource {
  const type = resource.resourceType;
  const profile = WITHOUT_PROFILE.has(type) ? {} : { profile: [`${UK_CORE}${type}`] };
  const identifier = WITHOUT_IDENTIFIER.has(type) ? {} : { identifier: [{ system: demoSystem(organisation, type), value }] };
  return { ...resource, meta: { ...profile, ...resource.meta }, ...identifier } as fhir4.FhirResource;
}

/** The system of an organisation's own identifiers in the demo. */
const demoSystem = (organisation: string, type: string): string =>
  `https://demo.chesil.example/${organisation}/${type.toLowerCase()}`;

/** The system of the numbers by which an organisation of the demo knows its patients. */
export const patientNumbersOf = (organisation: string): string => demoSystem(organisation, 'patient');

function patientOf(organisation: string, somebody: Somebody): fhir4.Patient {
  const { nhsNumber, family, given, prefix, gender, birthDate, address, phone, practice, confidentiality, deceased } = somebody;
  return {
    resourceType: 'Patient',
    ...(confidentiality === undefined ? {} : { meta: { security: [confidentialityCoding(confidentiality)] } }),
    identifier: [...(nhsNumber === undefined ? [] : [nhsIdentifier(nhsNumber)]), localNumber(organisation, somebody.key)],
    active: true,
    name: [{ use: 'official', family, given: [...given], ...(prefix === undefined ? {} : { prefix: [prefix] }) }],
    ...(phone === undefined ? {} : { telecom: [{ system: 'phone', value: phone, use: 'home' }] }),
    gender,
    birthDate,
    ...(deceased === undefined ? {} : { deceasedDateTime: deceased }),
    ...(address === undefined
      ? {}
      : { address: [{ use: 'home', line: [address.line], city: address.town, postalCode: address.postalCode, country: 'GBR' }] }),
    ...(practice === undefined ? {} : { generalPractitioner: [organisationByCode(practice.code, practice.name)] }),
  };
}

const nhsIdentifier = (value: string): fhir4.Identifier => ({
  extension: [
    {
      url: `https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus`,
      valueCodeableConcept: {
        coding: [
          {
            system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland',
            code: '01',
            display: 'Number present and verified',
          },
        ],
      },
    },
  ],
  system: NHS_NUMBER,
  value,
});

/** An organisation's own number of a person, the kind that babies and visitors have before they have an NHS number. */
const localNumber = (organisation: string, key: string): fhir4.Identifier => ({
  type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR', display: 'Medical record number' }] },
  system: patientNumbersOf(organisation),
  value: key,
});

const confidentialityCoding = (code: 'R' | 'V'): fhir4.Coding => ({
  system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
  code,
  display: code === 'R' ? 'restricted' : 'very restricted',
});

/** A logical reference to somebody by NHS number. */
export const personByNumber = (nhsNumber: string, display: string): fhir4.Reference => ({
  type: 'RelatedPerson',
  identifier: { system: NHS_NUMBER, value: nhsNumber },
  display,
});

/** A logical reference to an organisation by its ODS code. */
export const organisationByCode = (code: string, display: string): fhir4.Reference => ({
  type: 'Organization',
  identifier: { system: ODS_ORGANISATION, value: code },
  display,
});

/** UUID-shaped and always the same for the same text. */
export function uuid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A valid NHS number of the range 999 000 0000 to 999 999 9999, by the check digit of the NHS Data Dictionary; `undefined` where none exists. */
export function demoNhsNumber(index: number): string | undefined {
  const digits = `999${String(index).padStart(6, '0')}`;
  const sum = [...digits].reduce((total, digit, place) => total + Number(digit) * (10 - place), 0);
  const check = (11 - (sum % 11)) % 11;
  return check === 10 ? undefined : `${digits}${check}`;
}
