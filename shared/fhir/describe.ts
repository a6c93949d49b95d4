import { isSensitiveConcept } from '../access/markings.ts';
import type { Ground } from '../record/contribution.ts';
import { dateOfCare } from './care-dates/date-elements.ts';
import { groundsOf, type Known } from './grounds/grounds.ts';
import { arrayOf, objectOf as asObject, contained, type Json } from './grounds/look.ts';
import { sectionOf } from './sections.ts';
import { SNOMED } from './systems.ts';

/** What a manifest says of a fragment, so that folding, deciding access and announcing need not open its body. */
export interface Description {
  /** One of `SECTIONS`. */
  readonly section: string;
  /** When what it tells happened: a FHIR dateTime as it was given, possibly partial. */
  readonly date?: string;
  /** `system|code` of what it is about, and of whatever sensitive it mentions; of a Patient, `system|value` of the general practices it is registered with. */
  readonly codes: string[];
  /** `meta.security` as `system|code`. */
  readonly labels: string[];
  /** What it says about who may see the record; absent for most. */
  readonly grounds?: readonly Ground[];
}

/** Elements (CodeableConcept or Coding) that tell what it is about. Types that are not named: `code`. */
const CODES: Readonly<Record<string, string>> = {
  AdverseEvent: 'event',
  Appointment: 'serviceType appointmentType',
  AuditEvent: 'type subtype',
  BodyStructure: 'location morphology',
  CarePlan: 'category',
  CareTeam: 'category',
  Communication: 'category topic',
  CommunicationRequest: 'category',
  Composition: 'type',
  Consent: 'scope category',
  Coverage: 'type',
  Device: 'type',
  DeviceRequest: 'codeCodeableConcept',
  DocumentManifest: 'type',
  DocumentReference: 'type',
  Encounter: 'class type',
  EpisodeOfCare: 'type',
  FamilyMemberHistory: 'relationship',
  Goal: 'description',
  HealthcareService: 'type',
  ImagingStudy: 'procedureCode',
  Immunization: 'vaccineCode',
  Location: 'type',
  Media: 'type',
  MedicationAdministration: 'medicationCodeableConcept',
  MedicationDispense: 'medicationCodeableConcept',
  MedicationRequest: 'medicationCodeableConcept',
  MedicationStatement: 'medicationCodeableConcept',
  Organization: 'type',
  Provenance: 'activity',
  RelatedPerson: 'relationship',
  RiskAssessment: 'code',
  Specimen: 'type',
  SupplyDelivery: 'type',
  SupplyRequest: 'itemCodeableConcept',
};

const split = (table: Readonly<Record<string, string>>): ReadonlyMap<string, readonly string[]> =>
  new Map(Object.entries(table).map(([type, paths]) => [type, paths.split(' ')]));
const codeElements = split(CODES);
const JUST_CODE: readonly string[] = ['code'];

/**
 * Describes a resource for the manifest. Cheap (a few microseconds) and forgiving: it looks only at what has the right shape,
 * so that it may be given a resource that was not validated.
 *
 * A Patient's `codes` are the identifiers of its `generalPractitioner`s (`https://fhir.nhs.uk/Id/ods-organization-code|Y02520`), of the
 * reference itself or of the contained organisation that it points at. A registration that has an end is left out: what has ended gives
 * nobody access.
 */
export function describe(resource: Json, known?: Known): Description {
  const type = typeof resource.resourceType === 'string' ? resource.resourceType : '';
  const date = dateOfCare(resource, type);
  const grounds = groundsOf(resource, type, known);
  return {
    section: sectionOf(type, (element) => addCodings([], resource[element]).map(({ code }) => code)),
    ...(date === undefined ? {} : { date }),
    codes: type === 'Patient' ? practicesOf(resource) : codesOf(resource, type),
    labels: labelsOf(arrayOf(asObject(resource.meta)?.security)),
    ...(grounds.length === 0 ? {} : { grounds }),
  };
}

function codesOf(resource: Json, type: string): string[] {
  const found: Json[] = [];
  for (const element of codeElements.get(type) ?? JUST_CODE) addCodings(found, resource[element]);
  if (found.length === 0) addCodings(found, containedMedication(resource)?.code);
  const mentioned = new Set<string>();
  addSensitive(mentioned, resource);
  return mentioned.size === 0 ? tokens(found) : [...new Set([...mentioned, ...tokens(found)])];
}

/**
 * Codes of sensitive sets, wherever they stand: why a medicine is given or an admission came about tells as much as the diagnosis itself. Before all others, so
 * that no number of harmless codes hides them.
 */
function addSensitive(found: Set<string>, value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) addSensitive(found, item);
    return;
  }
  const { system, code } = value as Json;
  if (system === SNOMED && typeof code === 'string' && isSensitiveConcept(code)) found.add(`${SNOMED}|${code}`);
  for (const name in value) addSensitive(found, (value as Json)[name]);
}

/** UK Core puts the medication beside the request as a contained resource. */
function containedMedication(resource: Json): Json | undefined {
  return contained(resource, asObject(resource.medicationReference)?.reference);
}

function practicesOf(patient: Json): string[] {
  const practices: string[] = [];
  for (const entry of arrayOf(patient.generalPractitioner)) {
    const reference = asObject(entry);
    const identifiers = [reference?.identifier, ...arrayOf(contained(patient, reference?.reference)?.identifier)];
    for (const identifier of identifiers) {
      const { system, value, period } = asObject(identifier) ?? {};
      if (typeof system === 'string' && typeof value === 'string' && asObject(period)?.end === undefined)
        practices.push(`${system}|${value}`);
    }
  }
  return [...new Set(practices)];
}

/** Adds the codings of a CodeableConcept, of several, of a Coding, or of several. */
function addCodings(found: Json[], value: unknown): Json[] {
  if (value === undefined) return found;
  for (const one of Array.isArray(value) ? value : [value]) {
    const concept = asObject(one);
    if (Array.isArray(concept?.coding)) for (const coding of concept.coding) addObject(found, coding);
    else if (typeof concept?.code === 'string') found.push(concept);
  }
  return found;
}

function addObject(list: Json[], value: unknown): void {
  const object = asObject(value);
  if (object !== undefined) list.push(object);
}

/** More codes than any real resource has: a manifest stays small whatever is sent. */
const MAX_TOKENS = 50;

/** Stands for labels that there was no room for: nobody can read it, so that what bears it is shown to its source alone. */
const MORE = '|more';

const labelsOf = (labels: readonly unknown[]): string[] =>
  labels.length > MAX_TOKENS ? [...tokens(labels), MORE] : tokens(labels);

function tokens(list: readonly unknown[]): string[] {
  const found: string[] = [];
  for (const one of list) {
    if (found.length === MAX_TOKENS) break;
    const { system, code } = asObject(one) ?? {};
    if (typeof code !== 'string') continue;
    const token = `${typeof system === 'string' ? system : ''}|${code}`;
    if (!found.includes(token)) found.push(token);
  }
  return found;
}
