/**
 * Whom each type of R4 resource is about. The elements are those of the search parameters `patient` and `subject` and of the patient
 * compartment (http://hl7.org/fhir/R4/compartmentdefinition-patient.html), less those that name who wrote, did or paid: an observation
 * made by a mother is part of her child's record, not of hers. A test holds this table against the definitions.
 */

/** About one person. Elements are dotted paths, any of them may repeat, the first that is there decides; none: it follows its bundle's person. */
const PERSON_TYPES: Readonly<Record<string, string>> = {
  Account: 'subject',
  AdverseEvent: 'subject',
  AllergyIntolerance: 'patient',
  Appointment: 'participant.actor',
  AppointmentResponse: 'actor',
  AuditEvent: 'entity.what agent.who',
  Basic: 'subject',
  Binary: 'securityContext',
  BiologicallyDerivedProduct: 'collection.source',
  BodyStructure: 'patient',
  CarePlan: 'subject',
  CareTeam: 'subject',
  ChargeItem: 'subject',
  Claim: 'patient',
  ClaimResponse: 'patient',
  ClinicalImpression: 'subject',
  Communication: 'subject',
  CommunicationRequest: 'subject',
  Composition: 'subject',
  Condition: 'subject',
  Consent: 'patient',
  Contract: 'subject',
  Coverage: 'beneficiary',
  CoverageEligibilityRequest: 'patient',
  CoverageEligibilityResponse: 'patient',
  DetectedIssue: 'patient',
  Device: 'patient',
  DeviceMetric: '',
  DeviceRequest: 'subject',
  DeviceUseStatement: 'subject',
  DiagnosticReport: 'subject',
  DocumentManifest: 'subject',
  DocumentReference: 'subject',
  Encounter: 'subject',
  EnrollmentRequest: 'candidate',
  EnrollmentResponse: '',
  EpisodeOfCare: 'patient',
  ExplanationOfBenefit: 'patient',
  FamilyMemberHistory: 'patient',
  Flag: 'subject',
  Goal: 'subject',
  Group: 'member.entity',
  GuidanceResponse: 'subject',
  ImagingStudy: 'subject',
  Immunization: 'patient',
  ImmunizationEvaluation: 'patient',
  ImmunizationRecommendation: 'patient',
  Invoice: 'subject',
  Linkage: 'item.resource',
  List: 'subject',
  MeasureReport: 'subject',
  Media: 'subject',
  Medication: '',
  MedicationAdministration: 'subject',
  MedicationDispense: 'subject',
  MedicationRequest: 'subject',
  MedicationStatement: 'subject',
  MessageHeader: 'focus',
  MolecularSequence: 'patient',
  NutritionOrder: 'patient',
  Observation: 'subject',
  Patient: '',
  PaymentNotice: 'request response',
  PaymentReconciliation: 'detail.request detail.response',
  Person: 'link.target',
  Procedure: 'subject',
  Provenance: 'target',
  QuestionnaireResponse: 'subject',
  RelatedPerson: 'patient',
  RequestGroup: 'subject',
  ResearchSubject: 'individual',
  RiskAssessment: 'subject',
  ServiceRequest: 'subject',
  Specimen: 'subject',
  Substance: '',
  SupplyDelivery: 'patient',
  SupplyRequest: 'deliverTo requester',
  Task: 'for focus',
  VisionPrescription: 'patient',
};

/** About the contributing organisation itself: who works there, where, what it offers, and what it has defined. */
const DIRECTORY_TYPES: ReadonlySet<string> = new Set(
  (
    'Organization OrganizationAffiliation Practitioner PractitionerRole Location HealthcareService Endpoint Schedule Slot Questionnaire ' +
    'InsurancePlan ResearchStudy VerificationResult CatalogEntry ' +
    'ActivityDefinition CapabilityStatement ChargeItemDefinition CodeSystem CompartmentDefinition ConceptMap DeviceDefinition EventDefinition ' +
    'ExampleScenario GraphDefinition ImplementationGuide Library Measure MessageDefinition NamingSystem ObservationDefinition ' +
    'OperationDefinition PlanDefinition SearchParameter SpecimenDefinition StructureDefinition StructureMap TerminologyCapabilities ' +
    'TestReport TestScript ValueSet ' +
    'EffectEvidenceSynthesis Evidence EvidenceVariable ResearchDefinition ResearchElementDefinition RiskEvidenceSynthesis ' +
    'MedicationKnowledge MedicinalProduct MedicinalProductAuthorization MedicinalProductContraindication MedicinalProductIndication ' +
    'MedicinalProductIngredient MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged ' +
    'MedicinalProductPharmaceutical MedicinalProductUndesirableEffect SubstanceNucleicAcid SubstancePolymer SubstanceProtein ' +
    'SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification'
  ).split(' '),
);

/** Carriers and answers: they are taken apart or acted on, never kept as a fragment. */
const CARRIER_TYPES: ReadonlySet<string> = new Set(['Bundle', 'OperationOutcome', 'Parameters', 'Subscription']);

const elements = new Map(Object.entries(PERSON_TYPES).map(([type, paths]) => [type, paths === '' ? [] : paths.split(' ')]));

/**
 * The elements that name the person, as dotted paths (`subject`, `participant.actor`); every step may be an array. Empty for a type that is
 * about no person, and for one that has no such element (`Medication`): that follows the person of its bundle. `Patient` is the person.
 */
export const subjectElements = (type: string): readonly string[] => elements.get(type) ?? [];

/** Whether fragments of this type are about one person. */
export const isPersonBound = (type: string): boolean => elements.has(type);

/** Whether fragments of this type are about the organisation that contributes them. */
export const isDirectoryType = (type: string): boolean => DIRECTORY_TYPES.has(type);

/** Written by Chesil and by nobody else: an audit that a partner could add to proves nothing. */
const OURS: ReadonlySet<string> = new Set(['AuditEvent']);

/** Whether fragments of this type are Chesil's own to write: they are read and never contributed. */
export const isOurs = (type: string): boolean => OURS.has(type);

/** Whether R4 has this type of resource. */
export const isKnownType = (type: string): boolean => elements.has(type) || DIRECTORY_TYPES.has(type) || CARRIER_TYPES.has(type);

/** Every type of which fragments are kept. */
export const fragmentTypes = (): readonly string[] => [...elements.keys(), ...DIRECTORY_TYPES].sort();
