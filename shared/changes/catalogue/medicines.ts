import type { ChangeType, Condition } from '../row.ts';

const person = { version: 1, subject: 'person', theme: 'Medicines and allergies', told: ['whoever-may-see'] } as const;

const MEDICINES = 'MedicationRequest MedicationStatement';
/** A dose that a ward orders to be given is no medicine that the person takes. */
const TAKEN: Condition = { intent: '!instance-order option filler-order', doNotPerform: '!true' };
const ACTIVE: Condition = { status: 'active' };

const ALLERGY: Condition = {
  // No known allergies: said as an AllergyIntolerance, and none.
  'code.coding.code': '!716186003 409137002 428607008',
};
const STANDS: Condition = {
  'verificationStatus.coding.code': '!refuted entered-in-error',
  'clinicalStatus.coding.code': '!inactive resolved',
};
const REFUTED: Condition = { 'verificationStatus.coding.code': 'refuted' };
const NOT_VOID: Condition = { 'verificationStatus.coding.code': '!refuted entered-in-error' };

export const MEDICINE_ROWS = {
  'medicine-started': {
    ...person,
    urgency: 'C',
    meaning: 'A medicine was started, or taken up again.',
    note: 'The next prescription of a medicine that the record has as current raises nothing. The same drug by two codes (VMP and AMP) counts as two.',
    raisedBy: [
      {
        on: 'fragment',
        types: MEDICINES,
        of: TAKEN,
        to: ACTIVE,
        dated: 'authoredOn effectivePeriod.start effectiveDateTime dateAsserted',
        freshDays: 30,
        alwaysFresh: true,
        unless: [{ same: 'thing', is: ACTIVE }],
      },
    ],
  },
  'medicine-stopped': {
    ...person,
    urgency: 'C',
    meaning: 'A medicine was stopped, or its course is over.',
    note: 'That it was stopped, or is not taken, is told though other organisations still have it as current: they are to hear of it. That a course is over is told once nobody has.',
    raisedBy: [
      {
        on: 'fragment',
        types: MEDICINES,
        of: TAKEN,
        from: { status: 'active on-hold' },
        to: { status: 'stopped not-taken' },
        unless: [{ same: 'thing', is: ACTIVE, own: true }],
      },
      {
        on: 'fragment',
        types: MEDICINES,
        of: TAKEN,
        from: { status: 'active on-hold' },
        to: { status: 'completed cancelled' },
        unless: [{ same: 'thing', is: ACTIVE }],
      },
    ],
  },
  'medicine-changed': {
    ...person,
    urgency: 'C',
    meaning: 'How a medicine is taken was changed, or it was put on hold.',
    raisedBy: [
      {
        on: 'fragment',
        types: MEDICINES,
        of: TAKEN,
        to: ACTIVE,
        changed: ['dosageInstruction', 'dosage', 'medicationCodeableConcept', 'medicationReference'],
      },
      { on: 'fragment', types: MEDICINES, of: TAKEN, from: ACTIVE, to: { status: 'on-hold' } },
    ],
  },
  'allergy-added': {
    ...person,
    urgency: 'A',
    meaning: 'An allergy or intolerance was recorded.',
    raisedBy: [
      {
        on: 'fragment',
        types: 'AllergyIntolerance',
        of: ALLERGY,
        to: STANDS,
        dated: 'recordedDate onsetDateTime',
        freshDays: 90,
        unless: [{ same: 'thing', is: STANDS }],
      },
    ],
  },
  'allergy-changed': {
    ...person,
    urgency: 'A',
    meaning: 'What is recorded of an allergy or intolerance was changed: what it is to, how bad it is, or that it is over.',
    raisedBy: [
      {
        on: 'fragment',
        types: 'AllergyIntolerance',
        of: ALLERGY,
        from: STANDS,
        to: NOT_VOID,
        changed: ['code', 'criticality', 'reaction', 'clinicalStatus.coding.code', 'verificationStatus.coding.code'],
      },
    ],
  },
  'allergy-refuted': {
    ...person,
    told: ['whoever-may-see', 'everyone-told-before'],
    urgency: 'A',
    meaning: 'An allergy or intolerance was found not to be one.',
    corrects: ['allergy-added', 'allergy-changed'],
    raisedBy: [
      {
        on: 'fragment',
        types: 'AllergyIntolerance',
        of: ALLERGY,
        to: REFUTED,
        dated: 'recordedDate',
        freshDays: 90,
        unless: [{ same: 'thing', is: REFUTED }],
      },
    ],
  },
} as const satisfies Readonly<Record<string, ChangeType>>;
