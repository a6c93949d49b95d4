/**
 * The sections of a record: those of the PRSB Core Information Standard, as far as FHIR resources fill them. A fragment has exactly one.
 */
export const SECTIONS = {
  demographics: 'Demographics',
  contacts: 'Personal contacts',
  'care-team': 'Professional contacts',
  alerts: 'Alerts',
  safeguarding: 'Safeguarding',
  'individual-requirements': 'Individual requirements',
  risks: 'Risks',
  allergies: 'Allergies and adverse reactions',
  medications: 'Medications',
  devices: 'Medical devices',
  problems: 'Problems',
  procedures: 'Procedures',
  'family-history': 'Family history',
  vaccinations: 'Vaccinations',
  investigations: 'Investigations',
  findings: 'Examination findings',
  assessments: 'Assessments',
  encounters: 'Admissions, discharges and attendances',
  appointments: 'Appointments',
  referrals: 'Referrals and requests',
  legal: 'Legal information',
  'about-me': 'About me',
  'care-plans': 'Care and support plans',
  'end-of-life': 'End of life and ReSPECT',
  'social-context': 'Social context',
  pregnancy: 'Pregnancy',
  services: 'Services and care',
  documents: 'Documents',
  administration: 'Administration',
  audit: 'Audit and provenance',
  directory: 'Organisations, people and places',
} as const;

export type Section = keyof typeof SECTIONS;

/** Section of a type, where no rule of `SECTION_RULES` says otherwise. A type in neither is `administration`. */
const SECTION_OF_TYPE: Readonly<Partial<Record<Section, string>>> = {
  demographics: 'Patient Person',
  contacts: 'RelatedPerson',
  'care-team': 'CareTeam Group',
  alerts: 'Flag DetectedIssue',
  risks: 'RiskAssessment AdverseEvent',
  allergies: 'AllergyIntolerance',
  medications: 'Medication MedicationAdministration MedicationDispense MedicationRequest MedicationStatement',
  devices: 'Device DeviceMetric DeviceRequest DeviceUseStatement SupplyDelivery SupplyRequest VisionPrescription',
  problems: 'Condition',
  procedures: 'Procedure',
  'family-history': 'FamilyMemberHistory',
  vaccinations: 'Immunization ImmunizationEvaluation ImmunizationRecommendation',
  investigations:
    'DiagnosticReport ImagingStudy Media MolecularSequence Specimen Substance BiologicallyDerivedProduct BodyStructure',
  findings: 'Observation',
  assessments: 'ClinicalImpression GuidanceResponse QuestionnaireResponse',
  encounters: 'Encounter',
  appointments: 'Appointment AppointmentResponse',
  referrals: 'ServiceRequest CommunicationRequest Task',
  legal: 'Consent Contract',
  'care-plans': 'CarePlan Goal NutritionOrder RequestGroup',
  services: 'EpisodeOfCare',
  documents: 'DocumentReference DocumentManifest Composition Binary Communication List',
  audit: 'AuditEvent Provenance',
  directory:
    'Organization OrganizationAffiliation Practitioner PractitionerRole Location HealthcareService Endpoint Schedule Slot Questionnaire',
};

/** What moves a fragment to another section than that of its type. The first rule that matches decides. */
export interface SectionRule {
  readonly type: string;
  /** Element whose codes are looked at. */
  readonly element: 'category' | 'code' | 'type';
  /** Codes as they stand in `coding.code`, of whatever system. */
  readonly codes: readonly string[];
  readonly section: Section;
}

const END_OF_LIFE = [
  '736373009', // end of life care plan
  '861421000000109', // end of life care coordination summary
  '736366004', // advance care plan
  '735324008', // treatment escalation plan
  '1382601000000107', // ReSPECT form
];
const CARE_PLANS = [
  '734163000', // care plan
  '736253002', // mental health crisis plan
  '887701000000100', // emergency healthcare plan
  '325691000000100', // contingency plan
  '2181441000000107', // personalised care and support plan
];
const PREGNANCY = [
  '82810-3', // LOINC: pregnancy status
  '11778-8', // LOINC: estimated date of delivery
  '77386006', // pregnant
  '161714006', // estimated date of delivery
];
const SAFEGUARDING = [
  '342191000000101', // subject to child protection plan
  '764841000000100', // looked after child
  '514331000000104', // adult safeguarding referral
  '417430008', // vulnerable adult
];

/** Categories of HL7 and of Chesil (by name), SNOMED CT and LOINC codes (by number): the record types are those of the National Record Locator. */
export const SECTION_RULES: readonly SectionRule[] = [
  { type: 'Observation', element: 'code', codes: PREGNANCY, section: 'pregnancy' },
  { type: 'Observation', element: 'category', codes: ['laboratory', 'imaging'], section: 'investigations' },
  { type: 'Observation', element: 'category', codes: ['social-history'], section: 'social-context' },
  { type: 'Observation', element: 'category', codes: ['survey'], section: 'assessments' },
  { type: 'Flag', element: 'code', codes: SAFEGUARDING, section: 'safeguarding' },
  { type: 'Flag', element: 'category', codes: ['safeguarding'], section: 'safeguarding' },
  { type: 'Flag', element: 'category', codes: ['advance-directive'], section: 'legal' },
  { type: 'Flag', element: 'category', codes: ['reasonable-adjustment'], section: 'individual-requirements' },
  // Headings of GP Connect and the example list codes of HL7.
  { type: 'List', element: 'code', codes: ['886921000000105', 'allergies'], section: 'allergies' },
  { type: 'List', element: 'code', codes: ['933361000000108', 'medications'], section: 'medications' },
  { type: 'List', element: 'code', codes: ['717711000000103', 'problems'], section: 'problems' },
  { type: 'CarePlan', element: 'category', codes: END_OF_LIFE, section: 'end-of-life' },
  { type: 'DocumentReference', element: 'type', codes: END_OF_LIFE, section: 'end-of-life' },
  { type: 'DocumentReference', element: 'type', codes: CARE_PLANS, section: 'care-plans' },
  { type: 'Composition', element: 'type', codes: END_OF_LIFE, section: 'end-of-life' },
  { type: 'Composition', element: 'type', codes: CARE_PLANS, section: 'care-plans' },
  { type: 'Composition', element: 'type', codes: ['about-me'], section: 'about-me' },
  { type: 'Composition', element: 'category', codes: ['about-me'], section: 'about-me' },
];

const byType = new Map<string, Section>(
  Object.entries(SECTION_OF_TYPE).flatMap(([section, types]) =>
    types.split(' ').map((type) => [type, section as Section] as const),
  ),
);

const rulesByType = Map.groupBy(SECTION_RULES, ({ type }) => type);

/**
 * The section that a fragment stands in.
 * @param codesOf the `coding.code`s of an element of the resource; asked only where a rule needs it.
 */
export function sectionOf(type: string, codesOf: (element: SectionRule['element']) => readonly unknown[]): Section {
  for (const { element, codes, section } of rulesByType.get(type) ?? []) {
    if (codesOf(element).some((code) => codes.includes(code as string))) return section;
  }
  return byType.get(type) ?? 'administration';
}
