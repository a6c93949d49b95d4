import type { ChangeType, Condition } from '../row.ts';

const person = { version: 1, subject: 'person', theme: 'Results and documents', told: ['whoever-may-see'] } as const;

const OBSERVED = 'effectiveDateTime effectivePeriod.end effectivePeriod.start effectiveInstant issued';

/** SNOMED CT and LOINC: discharge summary, inpatient final discharge letter, hospital discharge summary. */
const SUMMARY: Condition = {
  'type.coding.code': '373942005 824331000000106 18842-5 34105-7',
  docStatus: '!preliminary entered-in-error',
};
const FILED: Condition = { status: 'current final amended' };

export const RESULT_ROWS = {
  'critical-result': {
    ...person,
    urgency: 'A',
    meaning: 'A result is critical: somebody should act on it at once.',
    note: '`Observation.interpretation`, or that of a component: HH, LL, AA (v3-ObservationInterpretation), or the older HU, LU.',
    raisedBy: [
      {
        on: 'fragment',
        types: 'Observation',
        to: {
          status: 'preliminary final amended corrected',
          'interpretation.coding.code component.interpretation.coding.code': 'HH LL AA HU LU',
        },
        dated: OBSERVED,
        freshDays: 7,
        alwaysFresh: true,
      },
    ],
  },
  'result-available': {
    ...person,
    urgency: 'C',
    meaning: 'A report of an investigation is there to be read.',
    raisedBy: [
      {
        on: 'fragment',
        types: 'DiagnosticReport',
        to: { status: 'final amended corrected appended' },
        dated: 'issued effectiveDateTime effectivePeriod.end effectivePeriod.start',
        freshDays: 30,
        alwaysFresh: true,
      },
    ],
  },
  'discharge-summary-filed': {
    ...person,
    urgency: 'C',
    meaning: 'The summary of a stay was filed.',
    raisedBy: [
      {
        on: 'fragment',
        types: 'DocumentReference Composition',
        of: { ...SUMMARY, 'relatesTo.code': '!replaces' },
        to: FILED,
        dated: 'date',
        freshDays: 30,
        alwaysFresh: true,
      },
    ],
  },
  'discharge-summary-replaced': {
    ...person,
    told: ['whoever-may-see', 'everyone-told-before'],
    urgency: 'C',
    meaning: 'The summary of a stay was replaced: whoever read the one before should read this one.',
    corrects: ['discharge-summary-filed'],
    raisedBy: [
      {
        on: 'fragment',
        types: 'DocumentReference Composition',
        of: { ...SUMMARY, 'relatesTo.code': 'replaces' },
        to: FILED,
        dated: 'date',
        freshDays: 30,
        alwaysFresh: true,
      },
      {
        on: 'fragment',
        types: 'DocumentReference Composition',
        of: SUMMARY,
        to: FILED,
        changed: ['content', 'section', 'relatesTo'],
      },
    ],
  },
} as const satisfies Readonly<Record<string, ChangeType>>;
