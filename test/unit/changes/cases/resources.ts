import { daysAgo, PERSON, type Sent } from '../told.ts';

const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
export const SNOMED = 'http://snomed.info/sct';
export const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';

type More = Readonly<Record<string, unknown>>;

export const coded = (code: string, text = code) => ({ coding: [{ system: SNOMED, code }], text });
export const named = (code: string) => ({ coding: [{ system: 'urn:example', code }] });

/** A contact that began so many days ago, and has ended where `until` is given. */
export const encounter = (
  status: string,
  {
    id = 'e1',
    code = 'IMP',
    since = 0.2,
    until,
    ...more
  }: { id?: string; code?: string; since?: number; until?: number } & More = {},
): Sent => ({
  resourceType: 'Encounter',
  id,
  status,
  class: { system: ACT, code },
  period: { start: daysAgo(since), ...(until === undefined ? {} : { end: daysAgo(until) }) },
  ...more,
});
export const ward = (display: string) => ({ location: [{ status: 'active', location: { display } }] });
export const expected = (valueDateTime: string) => ({
  extension: [{ url: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedEndDate', valueDateTime }],
});
export const fit = (valueCode: string) => ({
  hospitalization: {
    extension: [
      {
        url: 'https://fhir.interweavedigital.nhs.uk/R4/StructureDefinition/Extension-Interweave-MedicallySafeForDischarge',
        extension: [{ url: 'status', valueCode }],
      },
    ],
  },
});
export const detained = (code: string) => ({
  extension: [
    {
      url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-LegalStatus',
      extension: [{ url: 'legalStatusClassification', valueCodeableConcept: named(code) }],
    },
  ],
});
export const leaving = (code: string) => ({ hospitalization: { dischargeDisposition: named(code) } });

export const medicine = (status: string, more: More = {}): Sent => ({
  resourceType: 'MedicationRequest',
  id: 'm1',
  status,
  intent: 'order',
  medicationCodeableConcept: coded('387517004', 'Paracetamol'),
  authoredOn: daysAgo(1),
  ...more,
});
export const allergy = (verification: string, more: More = {}): Sent => ({
  resourceType: 'AllergyIntolerance',
  id: 'a1',
  clinicalStatus: named('active'),
  verificationStatus: named(verification),
  code: coded('91936005', 'Allergy to penicillin'),
  recordedDate: daysAgo(1),
  ...more,
});
export const observation = (status: string, interpretation: string, more: More = {}): Sent => ({
  resourceType: 'Observation',
  id: 'o1',
  status,
  code: coded('1000', 'Potassium'),
  interpretation: [named(interpretation)],
  effectiveDateTime: daysAgo(0.1),
  ...more,
});
export const report = (status: string, more: More = {}): Sent => ({
  resourceType: 'DiagnosticReport',
  id: 'r1',
  status,
  code: coded('1001'),
  issued: daysAgo(0.1),
  ...more,
});
export const summary = (more: More = {}): Sent => ({
  resourceType: 'DocumentReference',
  id: 'd1',
  status: 'current',
  type: coded('373942005', 'Discharge summary'),
  date: daysAgo(0.1),
  content: [{ attachment: { title: 'first' } }],
  ...more,
});
export const plan = (code: string, status: string, more: More = {}): Sent => ({
  resourceType: 'CarePlan',
  id: 'p1',
  status,
  intent: 'plan',
  category: [coded(code)],
  created: daysAgo(1),
  ...more,
});
export const END_OF_LIFE = '736373009';
export const CARE = '734163000';
export const flag = (status: string, category: string, code = '1', more: More = {}): Sent => ({
  resourceType: 'Flag',
  id: 'f1',
  status,
  category: [named(category)],
  code: coded(code),
  period: { start: daysAgo(1) },
  ...more,
});
export const ON_PLAN = '342191000000101';
export const episode = (status: string, more: More = {}): Sent => ({
  resourceType: 'EpisodeOfCare',
  id: 'c1',
  status,
  period: { start: daysAgo(1) },
  ...more,
});
export const referral = (status: string, more: More = {}): Sent => ({
  resourceType: 'ServiceRequest',
  id: 's1',
  status,
  intent: 'order',
  code: coded('1002'),
  authoredOn: daysAgo(1),
  ...more,
});
export const answer = (status: string, more: More = {}): Sent => ({
  resourceType: 'Task',
  id: 't1',
  status,
  intent: 'order',
  focus: { type: 'ServiceRequest', reference: 'ServiceRequest/1' },
  lastModified: daysAgo(0.1),
  ...more,
});
export const appointment = (status: string, inDays = 7, more: More = {}): Sent => ({
  resourceType: 'Appointment',
  id: 'b1',
  status,
  start: daysAgo(-inDays),
  ...more,
});
export const patient = (more: More = {}): Sent => ({ resourceType: 'Patient', id: 'person', active: true, ...more });
export const livesAt = (line: string, postalCode = 'DT1 1AA', use = 'home') => ({ address: [{ use, line: [line], postalCode }] });
export const registeredWith = (value: string) => ({
  generalPractitioner: [{ type: 'Organization', identifier: { system: ODS, value } }],
});
export const notified = (code: string) => ({
  deceasedDateTime: daysAgo(1),
  extension: [
    {
      url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeathNotificationStatus',
      extension: [{ url: 'deathNotificationStatus', valueCodeableConcept: named(code) }],
    },
  ],
});
export const numbered = (value: string) => ({ identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value }] });
export const RESTRICTED = {
  meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] },
};
/** Whatever bears it, few may see. */
export const HIDDEN = { meta: { security: [{ system: 'urn:chesil:security', code: 'gender-recognition' }] } };
/** The person asks to seal a fragment. */
export const sealing = (type: string, fragmentId: string): Sent => ({
  resourceType: 'Consent',
  id: 's1',
  status: 'active',
  scope: named('patient-privacy'),
  provision: { type: 'deny', data: [{ meaning: 'instance', reference: { reference: `${type}/${PERSON}.${fragmentId}` } }] },
});
export const optOut = (status: string): Sent => ({
  resourceType: 'Consent',
  id: 'o1',
  status,
  scope: named('patient-privacy'),
  dateTime: daysAgo(1),
  provision: { type: 'deny' },
});
