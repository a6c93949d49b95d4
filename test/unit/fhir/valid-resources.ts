/** Valid resources of made-up people: the ground that cases of faulty ones stand on. Between them they use most data types. */

export type Json = Record<string, unknown>;

const SNOMED = 'http://snomed.info/sct';
const UCUM = 'http://unitsofmeasure.org';
const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem';
const concept = (system: string, code: string, text?: string) => ({ coding: [{ system, code }], ...(text ? { text } : {}) });
const subject = { reference: 'Patient/p1' };
const narrative = {
  status: 'generated',
  div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>In <b>short</b>&#160;<br/></p></div>',
};

export const PATIENT: Json = {
  resourceType: 'Patient',
  id: 'p1',
  meta: {
    versionId: '1',
    lastUpdated: '2026-01-01T00:00:00.000Z',
    profile: ['https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient'],
    security: [{ system: `${TERMINOLOGY}/v3-Confidentiality`, code: 'R' }],
  },
  text: narrative,
  identifier: [
    {
      use: 'official',
      system: 'https://fhir.nhs.uk/Id/nhs-number',
      value: '9990000018',
      extension: [
        {
          url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus',
          valueCodeableConcept: concept('https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatus', '01'),
        },
      ],
    },
  ],
  active: true,
  name: [{ use: 'official', family: 'Ammonite', given: ['Pebble', 'Mary'], _given: [null, { id: 'second' }] }],
  telecom: [{ system: 'phone', value: '01632 960001', use: 'home', rank: 1 }],
  gender: 'female',
  birthDate: '1950-06',
  _birthDate: {
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime', valueDateTime: '1950-06-01T14:35:45+01:00' }],
  },
  deceasedBoolean: false,
  address: [
    { use: 'home', type: 'both', line: ['1 Shingle Bank'], city: 'Chesil', postalCode: 'ZZ99 3WZ', period: { start: '1974' } },
  ],
  contact: [{ relationship: [concept(`${TERMINOLOGY}/v2-0131`, 'N')], name: { family: 'Limpet' }, gender: 'female' }],
  generalPractitioner: [
    { type: 'Organization', identifier: { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: 'X99001' } },
  ],
};

const OBSERVATION: Json = {
  resourceType: 'Observation',
  id: 'o1',
  status: 'final',
  category: [concept(`${TERMINOLOGY}/observation-category`, 'vital-signs')],
  code: concept(SNOMED, '75367002', 'Blood pressure'),
  subject,
  effectiveDateTime: '2026-01-02T10:00:00Z',
  issued: '2026-01-02T10:05:00.123+00:00',
  performer: [{ reference: 'Practitioner/1', display: 'A nurse' }],
  component: [
    { code: concept(SNOMED, '271649006'), valueQuantity: { value: 120, unit: 'mmHg', system: UCUM, code: 'mm[Hg]' } },
    { code: concept(SNOMED, '271650006'), valueQuantity: { value: 80.5, unit: 'mmHg', system: UCUM, code: 'mm[Hg]' } },
  ],
  referenceRange: [{ low: { value: 90 }, high: { value: 140 } }],
};

const ALLERGY: Json = {
  resourceType: 'AllergyIntolerance',
  id: 'a1',
  clinicalStatus: concept(`${TERMINOLOGY}/allergyintolerance-clinical`, 'active'),
  verificationStatus: concept(`${TERMINOLOGY}/allergyintolerance-verification`, 'confirmed'),
  type: 'allergy',
  category: ['medication'],
  criticality: 'high',
  code: concept(SNOMED, '91936005', 'Penicillin allergy'),
  patient: subject,
  onsetDateTime: '2004',
  recordedDate: '2014-10-09T14:58:00+01:00',
  note: [{ authorString: 'Her daughter', time: '2014-10-09', text: 'Rash after *one* dose.' }],
  reaction: [{ manifestation: [concept(SNOMED, '39579001')], severity: 'severe', onset: '2012-06-12' }],
};

const CONDITION: Json = {
  resourceType: 'Condition',
  clinicalStatus: concept(`${TERMINOLOGY}/condition-clinical`, 'resolved'),
  verificationStatus: concept(`${TERMINOLOGY}/condition-ver-status`, 'confirmed'),
  code: concept(SNOMED, '195967001'),
  subject,
  onsetAge: { value: 12, unit: 'a', system: UCUM, code: 'a' },
  abatementDateTime: '2001',
  stage: [{ summary: { text: 'mild' } }],
  evidence: [{ detail: [{ reference: 'Observation/o1' }] }],
};

const MEDICATION_REQUEST: Json = {
  resourceType: 'MedicationRequest',
  id: 'm1',
  contained: [{ resourceType: 'Medication', id: 'med', code: { text: 'Amoxicillin' } }],
  status: 'active',
  intent: 'order',
  medicationReference: { reference: '#med' },
  subject,
  authoredOn: '2026-01-15',
  dosageInstruction: [
    {
      sequence: 1,
      text: 'one daily',
      timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd', boundsPeriod: { start: '2026-01-15', end: '2026-01-22' } } },
      doseAndRate: [
        { doseQuantity: { value: 1, unit: 'tablet' }, rateRatio: { numerator: { value: 1 }, denominator: { value: 2 } } },
      ],
    },
  ],
  dispenseRequest: { numberOfRepeatsAllowed: 0, expectedSupplyDuration: { value: 7, unit: 'days', system: UCUM, code: 'd' } },
};

const ENCOUNTER: Json = {
  resourceType: 'Encounter',
  status: 'in-progress',
  class: { system: `${TERMINOLOGY}/v3-ActCode`, code: 'IMP' },
  subject,
  participant: [{ individual: { reference: 'Practitioner?identifier=https://fhir.nhs.uk/Id/sds-user-id|999' } }],
  period: { start: '2026-02-27T23:30:00Z', end: '2026-02-28' },
  location: [{ location: { reference: 'https://dch.example/fhir/Location/ward-3' }, status: 'active' }],
  serviceProvider: { reference: 'urn:uuid:7d0f6a3e-9d2b-4a52-8d3c-0b8f64f1a111' },
};

const DOCUMENT: Json = {
  resourceType: 'DocumentReference',
  masterIdentifier: { system: 'urn:ietf:rfc:3986', value: 'urn:oid:2.16.840.1.113883.2.1' },
  status: 'current',
  type: concept(SNOMED, '736373009'),
  subject,
  date: '2026-01-15T09:00:00Z',
  content: [
    { attachment: { contentType: 'application/pdf', data: 'JVBERi0xLjQK', title: 'Plan', size: 9, creation: '2026-01' } },
  ],
  context: { period: { start: '2026-01-15' } },
};

const CONSENT: Json = {
  resourceType: 'Consent',
  status: 'active',
  scope: concept(`${TERMINOLOGY}/consentscope`, 'patient-privacy'),
  category: [concept(`${TERMINOLOGY}/v3-ActCode`, 'INFA')],
  patient: subject,
  dateTime: '2026-01-15',
  policyRule: concept(`${TERMINOLOGY}/v3-ActCode`, 'OPTOUT'),
  provision: { type: 'deny', period: { start: '2026-01-15' } },
};

const APPOINTMENT: Json = {
  resourceType: 'Appointment',
  status: 'booked',
  start: '2026-03-29T09:00:00Z',
  end: '2026-03-29T09:20:00Z',
  minutesDuration: 20,
  participant: [
    { actor: subject, status: 'accepted' },
    { type: [{ text: 'physiotherapist' }], status: 'needs-action' },
  ],
};

const RISK: Json = {
  resourceType: 'RiskAssessment',
  status: 'final',
  subject,
  occurrencePeriod: { start: '2026', end: '2026' },
  prediction: [{ outcome: { text: 'fall' }, probabilityDecimal: 12.5, whenRange: { low: { value: 70 }, high: { value: 80 } } }],
};

const QUESTIONNAIRE: Json = {
  resourceType: 'Questionnaire',
  url: 'https://chesil.example/Questionnaire/about-me',
  status: 'active',
  item: [
    {
      linkId: '1',
      type: 'group',
      item: [
        { linkId: '1.1', type: 'choice', answerOption: [{ valueCoding: { code: 'yes' } }, { valueInteger: 2 }] },
        {
          linkId: '1.2',
          type: 'string',
          maxLength: 200,
          enableWhen: [{ question: '1.1', operator: 'exists', answerBoolean: true }],
        },
      ],
    },
  ],
};

const ANSWERS: Json = {
  resourceType: 'QuestionnaireResponse',
  questionnaire: 'https://chesil.example/Questionnaire/about-me|1',
  status: 'completed',
  subject,
  authored: '2026-01-15T09:00:00Z',
  item: [
    { linkId: '1', item: [{ linkId: '1.1', answer: [{ valueTime: '08:30:00' }, { valueDecimal: 0.5 }, { valueUri: 'urn:x' }] }] },
  ],
};

const PROVENANCE: Json = {
  resourceType: 'Provenance',
  target: [{ reference: 'Observation/o1/_history/2' }],
  recorded: '2026-01-15T09:00:00.000+00:00',
  agent: [{ who: { reference: 'Organization/1' } }],
  signature: [
    {
      type: [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.1' }],
      when: '2026-01-15T09:00:00Z',
      who: { display: 'A clerk' },
    },
  ],
};

const CARE_PLAN: Json = {
  resourceType: 'CarePlan',
  contained: [
    { resourceType: 'Goal', id: 'goal', lifecycleStatus: 'active', description: { text: 'walk to the shop' }, subject },
  ],
  status: 'active',
  intent: 'plan',
  subject,
  goal: [{ reference: '#goal' }],
  activity: [
    {
      detail: {
        status: 'in-progress',
        scheduledTiming: { event: ['2026-02-01'], repeat: { timeOfDay: ['09:00:00'], dayOfWeek: ['mon'] } },
      },
    },
  ],
};

const ORGANISATION: Json = {
  resourceType: 'Organization',
  identifier: [{ system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: 'X99001' }],
  active: true,
  name: 'Ammonite Street Surgery',
  telecom: [{ system: 'email', value: 'front.desk@ammonite.example', use: 'work' }],
};

export const TRANSACTION: Json = {
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    { fullUrl: 'urn:uuid:7d0f6a3e-9d2b-4a52-8d3c-0b8f64f1a001', resource: PATIENT, request: { method: 'POST', url: 'Patient' } },
    {
      fullUrl: 'urn:uuid:7d0f6a3e-9d2b-4a52-8d3c-0b8f64f1a002',
      resource: MEDICATION_REQUEST,
      request: { method: 'POST', url: 'MedicationRequest' },
    },
    { request: { method: 'DELETE', url: 'Observation/o1' } },
  ],
};

const PARAMETERS: Json = {
  resourceType: 'Parameters',
  parameter: [
    { name: 'a', valueMoney: { value: 1, currency: 'GBP' } },
    { name: 'b', resource: OBSERVATION },
    {
      name: 'c',
      part: [
        { name: 'd', valueUuid: 'urn:uuid:7d0f6a3e-9d2b-4a52-8d3c-0b8f64f1a002' },
        { name: 'e', valueOid: 'urn:oid:1.2.3' },
      ],
    },
  ],
};

export const VALID: Readonly<Record<string, Json>> = {
  patient: PATIENT,
  observation: OBSERVATION,
  allergy: ALLERGY,
  condition: CONDITION,
  medicationRequest: MEDICATION_REQUEST,
  encounter: ENCOUNTER,
  document: DOCUMENT,
  consent: CONSENT,
  appointment: APPOINTMENT,
  risk: RISK,
  questionnaire: QUESTIONNAIRE,
  answers: ANSWERS,
  provenance: PROVENANCE,
  carePlan: CARE_PLAN,
  organisation: ORGANISATION,
  transaction: TRANSACTION,
  parameters: PARAMETERS,
};
