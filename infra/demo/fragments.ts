import { type Feed, organisationByCode, personByNumber } from './feed.ts';

/**
 * The fragments that the demo's people have, each added to a feed. Codes are SNOMED CT's where the code is certain; the rest
 * is said in words alone, as real systems often do.
 */

const SNOMED = 'http://snomed.info/sct';

/** What something is: a SNOMED CT code with its term, or words. */
export interface Concept {
  readonly code?: string;
  readonly text: string;
}

const concept = ({ code, text }: Concept): fhir4.CodeableConcept => ({
  ...(code === undefined ? {} : { coding: [{ system: SNOMED, code, display: text }] }),
  text,
});

const status = (system: string, code: string): fhir4.CodeableConcept => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }],
});

/** @param onset a FHIR date, as partial as it is known */
export const condition = (feed: Feed, what: Concept, onset: string, clinical: 'active' | 'resolved' = 'active') =>
  feed.add({
    resourceType: 'Condition',
    clinicalStatus: status('condition-clinical', clinical),
    verificationStatus: status('condition-ver-status', 'confirmed'),
    category: [status('condition-category', 'problem-list-item')],
    code: concept(what),
    subject: feed.patient,
    onsetDateTime: onset,
    recordedDate: onset,
  });

export const allergy = (feed: Feed, what: Concept, reaction?: Concept, recorded = '2015-03-02') =>
  feed.add({
    resourceType: 'AllergyIntolerance',
    clinicalStatus: status('allergyintolerance-clinical', 'active'),
    verificationStatus: status('allergyintolerance-verification', 'confirmed'),
    code: concept(what),
    patient: feed.patient,
    recordedDate: recorded,
    ...(reaction === undefined ? {} : { reaction: [{ manifestation: [concept(reaction)] }] }),
  });

export const medicine = (feed: Feed, what: Concept, dosage: string, since: string) =>
  feed.add({
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: concept(what),
    subject: feed.patient,
    authoredOn: since,
    dosageInstruction: [{ text: dosage }],
  });

export const measurement = (feed: Feed, what: Concept, value: number, unit: string, at: string, code = unit) =>
  feed.add({
    resourceType: 'Observation',
    status: 'final',
    category: [status('observation-category', 'vital-signs')],
    code: concept(what),
    subject: feed.patient,
    effectiveDateTime: at,
    valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code },
  });

export const bloodPressure = (feed: Feed, systolic: number, diastolic: number, at: string) =>
  feed.add({
    resourceType: 'Observation',
    status: 'final',
    category: [status('observation-category', 'vital-signs')],
    code: concept({ code: '75367002', text: 'Blood pressure' }),
    subject: feed.patient,
    effectiveDateTime: at,
    component: [
      { code: concept({ code: '271649006', text: 'Systolic blood pressure' }), valueQuantity: millimetres(systolic) },
      { code: concept({ code: '271650006', text: 'Diastolic blood pressure' }), valueQuantity: millimetres(diastolic) },
    ],
  });

const millimetres = (value: number): fhir4.Quantity => ({
  value,
  unit: 'mmHg',
  system: 'http://unitsofmeasure.org',
  code: 'mm[Hg]',
});

/** Something found or asked that is not a measurement: living alone, a carer's view, a smoking habit. */
export const finding = (feed: Feed, what: Concept, value: string, at: string) =>
  feed.add({
    resourceType: 'Observation',
    status: 'final',
    category: [status('observation-category', 'social-history')],
    code: concept(what),
    subject: feed.patient,
    effectiveDateTime: at,
    valueString: value,
  });

export const vaccination = (feed: Feed, what: Concept, at: string) =>
  feed.add({
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: concept(what),
    patient: feed.patient,
    occurrenceDateTime: at,
    primarySource: true,
  });

/** A stay or a contact. Without `end` it is still open. */
export const encounter = (
  feed: Feed,
  kind: 'inpatient' | 'emergency' | 'ambulatory' | 'home',
  what: Concept,
  period: { readonly start: string; readonly end?: string },
  where?: string,
) =>
  feed.add({
    resourceType: 'Encounter',
    status: period.end === undefined ? 'in-progress' : 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', ...ENCOUNTER_CLASS[kind] },
    type: [concept(what)],
    subject: feed.patient,
    period,
    ...(where === undefined ? {} : { location: [{ location: { display: where } }] }),
  });

const ENCOUNTER_CLASS = {
  inpatient: { code: 'IMP', display: 'inpatient encounter' },
  emergency: { code: 'EMER', display: 'emergency' },
  ambulatory: { code: 'AMB', display: 'ambulatory' },
  home: { code: 'HH', display: 'home health' },
} as const;

export const procedure = (feed: Feed, what: Concept, at: string) =>
  feed.add({ resourceType: 'Procedure', status: 'completed', code: concept(what), subject: feed.patient, performedDateTime: at });

export const flag = (feed: Feed, what: Concept, since: string, label?: fhir4.Coding) =>
  feed.add({
    resourceType: 'Flag',
    ...labelled(label),
    status: 'active',
    code: concept(what),
    subject: feed.patient,
    period: { start: since },
  });

export const carePlan = (
  feed: Feed,
  title: string,
  description: string,
  since: string,
  activities: readonly string[] = [],
  label?: fhir4.Coding,
) =>
  feed.add({
    resourceType: 'CarePlan',
    ...labelled(label),
    status: 'active',
    intent: 'plan',
    title,
    description,
    subject: feed.patient,
    period: { start: since },
    ...(activities.length === 0
      ? {}
      : { activity: activities.map((text) => ({ detail: { status: 'in-progress' as const, description: text } })) }),
  });

const labelled = (label: fhir4.Coding | undefined) => (label === undefined ? {} : { meta: { security: [label] } });

/** Somebody close to the person: family, a friend, above all whoever cares. */
export const relatedPerson = (feed: Feed, who: { family: string; given: string; relationship: string; phone?: string }) =>
  feed.add({
    resourceType: 'RelatedPerson',
    active: true,
    patient: feed.patient,
    relationship: [{ text: who.relationship }],
    name: [{ use: 'official', family: who.family, given: [who.given] }],
    ...(who.phone === undefined ? {} : { telecom: [{ system: 'phone' as const, value: who.phone }] }),
  });

/** A package of care, a caseload, a pregnancy: a stretch of responsibility. */
export const episode = (feed: Feed, what: Concept, start: string, end?: string, label?: fhir4.Coding) =>
  feed.add({
    resourceType: 'EpisodeOfCare',
    ...labelled(label),
    status: end === undefined ? 'active' : 'finished',
    type: [concept(what)],
    patient: feed.patient,
    period: { start, ...(end === undefined ? {} : { end }) },
  });

/** @param to who shall see the person; by ODS code where they are one of the region's */
export const referral = (feed: Feed, what: Concept, authoredOn: string, to: { readonly name: string; readonly code?: string }) =>
  feed.add({
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    code: concept(what),
    subject: feed.patient,
    authoredOn,
    performer: [to.code === undefined ? { display: to.name } : organisationByCode(to.code, to.name)],
  });

export const appointment = (feed: Feed, what: string, start: string, end: string) =>
  feed.add({
    resourceType: 'Appointment',
    status: 'booked',
    description: what,
    start,
    end,
    participant: [{ actor: feed.patient, status: 'accepted' }],
  });

/** A letter or a plan in words. */
export const letter = (feed: Feed, title: string, at: string, words: string) =>
  feed.add({
    resourceType: 'DocumentReference',
    status: 'current',
    type: { text: title },
    subject: feed.patient,
    date: at,
    description: title,
    content: [{ attachment: { contentType: 'text/plain', title, data: Buffer.from(words, 'utf8').toString('base64') } }],
  });

/** What the person decided: sharing, an advance decision, a lasting power of attorney. */
export const consent = (feed: Feed, what: string, provision: fhir4.ConsentProvision, since: string) =>
  feed.add({
    resourceType: 'Consent',
    status: 'active',
    scope: status('consentscope', 'patient-privacy'),
    category: [{ text: what }],
    patient: feed.patient,
    dateTime: since,
    policyRule: { text: what },
    provision: { ...provision, period: { start: since } },
  });

/** Nobody is to see it but who wrote it, and who must in an emergency. */
export const seal = (feed: Feed, sealed: fhir4.Reference, since: string) =>
  consent(feed, 'Asked that this is not shared', { type: 'deny', data: [{ meaning: 'instance', reference: sealed }] }, since);

/** Somebody who may look at the record in the person's place. */
export const proxy = (feed: Feed, who: { name: string; nhsNumber: string; as: string }, since: string) =>
  consent(
    feed,
    `${who.name} may see the record: ${who.as}`,
    { type: 'permit', actor: [{ role: { text: who.as }, reference: personByNumber(who.nhsNumber, who.name) }] },
    since,
  );

/** Answers in the person's own words, as in PRSB's "About Me". */
export const aboutMe = (feed: Feed, authored: string, answers: readonly (readonly [question: string, answer: string])[]) =>
  feed.add({
    resourceType: 'QuestionnaireResponse',
    identifier: { system: 'https://demo.chesil.example/about-me', value: `about-${authored}` },
    questionnaire: 'https://demo.chesil.example/Questionnaire/about-me',
    status: 'completed',
    subject: feed.patient,
    authored,
    item: answers.map(([text, answer], index) => ({ linkId: String(index + 1), text, answer: [{ valueString: answer }] })),
  });
