import { type Json, objectOf } from '../grounds/look.ts';

/** Elements that tell when care happened, by type, the best one first. Types that are not named have none. */
const DATES: Readonly<Record<string, string>> = {
  AdverseEvent: 'date detected recordedDate',
  AllergyIntolerance: 'onsetDateTime onsetPeriod recordedDate',
  Appointment: 'start created',
  AppointmentResponse: 'start',
  AuditEvent: 'recorded',
  Basic: 'created',
  CarePlan: 'period created',
  CareTeam: 'period',
  ChargeItem: 'occurrenceDateTime occurrencePeriod enteredDate',
  Claim: 'billablePeriod created',
  ClaimResponse: 'created',
  ClinicalImpression: 'effectiveDateTime effectivePeriod date',
  Communication: 'sent received',
  CommunicationRequest: 'authoredOn occurrenceDateTime occurrencePeriod',
  Composition: 'date',
  Condition: 'onsetDateTime onsetPeriod recordedDate',
  Consent: 'dateTime',
  Contract: 'issued applies',
  Coverage: 'period',
  DetectedIssue: 'identifiedDateTime identifiedPeriod',
  DeviceRequest: 'occurrenceDateTime occurrencePeriod authoredOn',
  DeviceUseStatement: 'timingDateTime timingPeriod recordedOn',
  DiagnosticReport: 'effectiveDateTime effectivePeriod issued',
  DocumentManifest: 'created',
  DocumentReference: 'context.period date',
  Encounter: 'period',
  EpisodeOfCare: 'period',
  ExplanationOfBenefit: 'billablePeriod created',
  FamilyMemberHistory: 'date',
  Flag: 'period',
  Goal: 'startDate statusDate',
  GuidanceResponse: 'occurrenceDateTime',
  ImagingStudy: 'started',
  Immunization: 'occurrenceDateTime recorded',
  ImmunizationEvaluation: 'date',
  ImmunizationRecommendation: 'date',
  Invoice: 'date',
  List: 'date',
  MeasureReport: 'period date',
  Media: 'createdDateTime createdPeriod issued',
  MedicationAdministration: 'effectiveDateTime effectivePeriod',
  MedicationDispense: 'whenHandedOver whenPrepared',
  MedicationRequest: 'authoredOn',
  MedicationStatement: 'effectiveDateTime effectivePeriod dateAsserted',
  NutritionOrder: 'dateTime',
  Observation: 'effectiveDateTime effectivePeriod effectiveInstant issued',
  Procedure: 'performedDateTime performedPeriod',
  Provenance: 'occurredDateTime occurredPeriod recorded',
  QuestionnaireResponse: 'authored',
  RelatedPerson: 'period',
  RequestGroup: 'authoredOn',
  RiskAssessment: 'occurrenceDateTime occurrencePeriod',
  ServiceRequest: 'authoredOn occurrenceDateTime occurrencePeriod',
  Specimen: 'collection.collectedDateTime collection.collectedPeriod receivedTime',
  SupplyDelivery: 'occurrenceDateTime occurrencePeriod',
  SupplyRequest: 'authoredOn occurrenceDateTime occurrencePeriod',
  Task: 'authoredOn executionPeriod lastModified',
  VisionPrescription: 'dateWritten created',
};

const elements = new Map(Object.entries(DATES).map(([type, paths]) => [type, paths.split(' ')]));
const NONE: readonly string[] = [];

/** A date as a resource gives it: a dateTime, or a Period. */
export type GivenDate = string | { readonly start?: string; readonly end?: string };

/** The best element of a resource that tells when care happened; `undefined` when none does. */
export const givenDateOf = (resource: Json, type: string): GivenDate | undefined => dateAt(resource, elements.get(type) ?? NONE);

/** When care happened, as the manifest has it: of a Period the start, else the end. */
export function dateOfCare(resource: Json, type: string): string | undefined {
  const date = givenDateOf(resource, type);
  return typeof date === 'object' ? (date.start ?? date.end) : date;
}

/** The first date among some elements, each a dotted path. */
export function dateAt(resource: Json, paths: readonly string[]): GivenDate | undefined {
  for (const path of paths) {
    const value = valueAt(resource, path);
    if (typeof value === 'string') return value;
    const { start, end } = objectOf(value) ?? {};
    if (typeof start === 'string' || typeof end === 'string') return { ...textOf('start', start), ...textOf('end', end) };
  }
  return undefined;
}

const textOf = <Name extends string>(name: Name, value: unknown): { readonly [name in Name]?: string } =>
  (typeof value === 'string' ? { [name]: value } : {}) as { readonly [name in Name]?: string };

function valueAt(resource: Json, path: string): unknown {
  const dot = path.indexOf('.');
  return dot < 0 ? resource[path] : objectOf(resource[path.slice(0, dot)])?.[path.slice(dot + 1)];
}
