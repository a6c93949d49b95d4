import type { ChangeType } from '../row.ts';

const person = { version: 1, subject: 'person', theme: 'The record itself', told: ['whoever-may-see'] } as const;
const STATUS = 'status verificationStatus.coding.code';

export const RECORD_ROWS = {
  'fragment-retracted': {
    ...person,
    told: ['whoever-may-see', 'everyone-told-before'],
    urgency: 'A',
    meaning: 'A fragment of the record no longer stands: whoever acted on it should look again.',
    correctsFragment: true,
    note: 'Where another change takes back what the fragment told (`admission-cancelled`), that one is told in its place.',
    raisedBy: [
      { on: 'version', action: 'retracted' },
      { on: 'fragment', types: '*', from: { [STATUS]: '!entered-in-error' }, to: { [STATUS]: 'entered-in-error' } },
      {
        on: 'fragment',
        types: 'Encounter',
        of: { 'class.code': '!IMP ACUTE NONAC OBSENC SS' },
        from: { status: 'arrived triaged in-progress onleave finished' },
        to: { status: 'cancelled' },
      },
    ],
  },
  'fragment-corrected': {
    ...person,
    told: ['whoever-may-see', 'everyone-told-before'],
    urgency: 'A',
    meaning: 'What a fragment of the record told was wrong, and is corrected: whoever acted on it should look again.',
    correctsFragment: true,
    raisedBy: [
      {
        on: 'fragment',
        types: 'Observation DiagnosticReport Composition',
        from: { status: 'final amended corrected appended' },
        to: { status: 'amended corrected appended' },
        repeats: true,
      },
      {
        on: 'fragment',
        types: 'Encounter',
        of: { 'class.code': 'IMP ACUTE NONAC OBSENC SS' },
        to: { status: 'finished' },
        changed: ['period.start', 'period.end'],
      },
      {
        on: 'fragment',
        types: 'Encounter',
        of: { 'class.code': 'IMP ACUTE NONAC OBSENC SS' },
        from: { status: 'in-progress onleave' },
        to: { status: 'in-progress onleave' },
        changed: ['period.start'],
      },
      { on: 'person', fact: 'death-date', when: 'other' },
    ],
  },
  'fragment-created': {
    ...person,
    urgency: 'D',
    meaning: 'A fragment was added to the record, and nothing else is told of it.',
    raisedBy: [{ on: 'version', action: 'created' }],
  },
  'fragment-updated': {
    ...person,
    urgency: 'D',
    meaning:
      'A fragment of the record has a new version, and nothing else is told of it. A fragment that was retracted before stands again.',
    raisedBy: [{ on: 'version', action: 'updated' }],
  },
} as const satisfies Readonly<Record<string, ChangeType>>;
