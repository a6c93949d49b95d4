import { numberOf } from '../../json.ts';
import type { Invariant, Json } from './invariant.ts';
import { asObject, asText, count, has, hasChoice, isAfter, isCoded, objects } from './look.ts';

const ALLERGY_VERIFICATION = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification';
const CONDITION_CLINICAL = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
const CONDITION_VERIFICATION = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';
const CONSENT_SCOPE = 'http://terminology.hl7.org/CodeSystem/consentscope';

const isEnteredInError = (resource: Json, system: string): boolean =>
  isCoded(resource.verificationStatus, system, 'entered-in-error');

/** Whether a component is about the same thing as the observation that it is part of. */
function repeatsCode({ code, component }: Json): boolean {
  const own = new Set(objects(asObject(code)?.coding).map(tokenOf));
  return objects(component).some((part) => objects(asObject(part.code)?.coding).some((coding) => own.has(tokenOf(coding))));
}

const tokenOf = ({ system, code }: Json): string => `${asText(system)}|${asText(code)}`;

/** Of what is known about a person's health and care. */
export const CLINICAL: readonly Invariant[] = [
  {
    key: 'pat-1',
    on: 'Patient.contact',
    check: (contact) => count(contact, 'name', 'telecom', 'address', 'organization') > 0,
    text: 'pat-1: A contact has a name, a telecom, an address or an organization.',
  },
  {
    key: 'ait-1',
    on: 'AllergyIntolerance',
    check: (allergy) => isEnteredInError(allergy, ALLERGY_VERIFICATION) || has(allergy, 'clinicalStatus'),
    text: 'ait-1: An allergy has a clinicalStatus, unless it was entered in error.',
  },
  {
    key: 'ait-2',
    on: 'AllergyIntolerance',
    check: (allergy) => !isEnteredInError(allergy, ALLERGY_VERIFICATION) || !has(allergy, 'clinicalStatus'),
    text: 'ait-2: An allergy that was entered in error has no clinicalStatus.',
  },
  {
    key: 'con-1',
    on: 'Condition.stage',
    check: (stage) => has(stage, 'summary') || has(stage, 'assessment'),
    text: 'con-1: A stage has a summary or an assessment.',
  },
  {
    key: 'con-2',
    on: 'Condition.evidence',
    check: (evidence) => has(evidence, 'code') || has(evidence, 'detail'),
    text: 'con-2: Evidence has a code or details.',
  },
  {
    key: 'con-4',
    on: 'Condition',
    check: (condition) =>
      !hasChoice(condition, 'abatement') ||
      isCoded(condition.clinicalStatus, CONDITION_CLINICAL, 'inactive', 'resolved', 'remission'),
    text: 'con-4: A condition that has abated is inactive, resolved or in remission.',
  },
  {
    key: 'con-5',
    on: 'Condition',
    check: (condition) => !isEnteredInError(condition, CONDITION_VERIFICATION) || !has(condition, 'clinicalStatus'),
    text: 'con-5: A condition that was entered in error has no clinicalStatus.',
  },
  {
    key: 'obs-3',
    on: 'Observation.referenceRange',
    check: (range) => count(range, 'low', 'high', 'text') > 0,
    text: 'obs-3: A reference range has a low, a high or a text.',
  },
  {
    key: 'obs-6',
    on: 'Observation',
    check: (observation) => !has(observation, 'dataAbsentReason') || !hasChoice(observation, 'value'),
    text: 'obs-6: An observation with a value has no dataAbsentReason.',
  },
  {
    key: 'obs-7',
    on: 'Observation',
    check: (observation) => !has(observation, 'component') || !hasChoice(observation, 'value') || !repeatsCode(observation),
    text: 'obs-7: The code of a component is not that of the observation, when the observation has a value of its own.',
  },
  {
    key: 'fhs-1',
    on: 'FamilyMemberHistory',
    check: (history) => !hasChoice(history, 'age') || !hasChoice(history, 'born'),
    text: 'fhs-1: Either age or born, not both.',
  },
  {
    key: 'fhs-2',
    on: 'FamilyMemberHistory',
    check: (history) => hasChoice(history, 'age') || !has(history, 'estimatedAge'),
    text: 'fhs-2: An estimatedAge needs an age.',
  },
  {
    key: 'gol-1',
    on: 'Goal.target',
    check: (target) => !hasChoice(target, 'detail') || has(target, 'measure'),
    text: 'gol-1: A target with a detail has a measure.',
  },
  {
    key: 'imm-1',
    on: 'Immunization.education',
    check: (education) => has(education, 'documentType') || has(education, 'reference'),
    text: 'imm-1: Education has a documentType or a reference.',
  },
  {
    key: 'imr-1',
    on: 'ImmunizationRecommendation.recommendation',
    check: (recommendation) => has(recommendation, 'vaccineCode') || has(recommendation, 'targetDisease'),
    text: 'imr-1: A recommendation has a vaccineCode or a targetDisease.',
  },
  {
    key: 'mad-1',
    on: 'MedicationAdministration.dosage',
    check: (dosage) => has(dosage, 'dose') || hasChoice(dosage, 'rate'),
    text: 'mad-1: A dosage has a dose or a rate.',
  },
  {
    key: 'mdd-1',
    on: 'MedicationDispense',
    check: ({ whenPrepared, whenHandedOver }) => !isAfter(whenPrepared, whenHandedOver),
    text: 'mdd-1: Nothing is handed over before it is prepared.',
  },
  {
    key: 'msq-3',
    on: 'MolecularSequence',
    check: ({ coordinateSystem }) => coordinateSystem === undefined || coordinateSystem === 0 || coordinateSystem === 1,
    text: 'msq-3: The coordinateSystem is 0 or 1.',
  },
  {
    key: 'msq-5',
    on: 'MolecularSequence.referenceSeq',
    check: (sequence) => has(sequence, 'chromosome') === has(sequence, 'genomeBuild'),
    text: 'msq-5: Chromosome and genomeBuild are given together.',
  },
  {
    key: 'msq-6',
    on: 'MolecularSequence.referenceSeq',
    check: (sequence) => count(sequence, 'genomeBuild', 'referenceSeqId', 'referenceSeqPointer', 'referenceSeqString') === 1,
    text: 'msq-6: A reference sequence is given in exactly one way.',
  },
  {
    key: 'ras-2',
    on: 'RiskAssessment.prediction',
    check: ({ probabilityDecimal }) => (numberOf(probabilityDecimal) ?? 0) <= 100,
    text: 'ras-2: A probability is at most 100.',
  },
  {
    key: 'ppc-1',
    on: 'Consent',
    check: (consent) => has(consent, 'policy') || has(consent, 'policyRule'),
    text: 'ppc-1: A consent has a policy or a policyRule.',
  },
  {
    key: 'ppc-2',
    on: 'Consent',
    check: (consent) =>
      has(consent, 'patient') || !isCoded(consent.scope, CONSENT_SCOPE, 'patient-privacy', 'research', 'adr', 'treatment'),
    text: 'ppc-2 to ppc-5: A consent to privacy, research, treatment or an advance directive names its patient.',
  },
];
