import type { ChangeType, Condition } from '../row.ts';

const person = {
  version: 1,
  subject: 'person',
  theme: 'Mental health, safeguarding, adjustments',
  told: ['whoever-may-see'],
} as const;
const leads = { ...person, told: ['named-leads'] } as const;

const ACTIVE: Condition = { status: 'active' };
const INACTIVE: Condition = { status: 'inactive' };
const SINCE = 'period.start';

const ON_PLAN = '342191000000101'; // subject to child protection plan
const CONCERN: Condition = { '@section': 'safeguarding', 'code.coding.code': `!${ON_PLAN}` };
const PLAN: Condition = { 'code.coding.code': ON_PLAN };

const LEGAL_STATUS = 'extension:LegalStatus.extension:legalStatusClassification.valueCodeableConcept.coding.code';
const CRISIS = 'mental-health-crisis';

const ADJUSTMENTS: readonly Condition[] = [
  { '@section': 'individual-requirements', 'category.coding.code': '!NRAF' },
  { 'category.coding.code': 'NRAF' },
];

export const RISK_ROWS = {
  'mental-health-crisis': {
    ...person,
    urgency: 'A',
    meaning: 'The person is in a mental health crisis.',
    note: 'No national code is certain: a Flag whose category, or a contact whose type or reason, is coded `mental-health-crisis`.',
    raisedBy: [
      {
        on: 'fragment',
        types: 'Flag',
        of: { 'category.coding.code code.coding.code': CRISIS },
        to: ACTIVE,
        dated: SINCE,
        freshDays: 7,
        alwaysFresh: true,
      },
      {
        on: 'fragment',
        types: 'Encounter',
        of: { 'type.coding.code reasonCode.coding.code serviceType.coding.code': CRISIS },
        to: { status: 'arrived triaged in-progress finished' },
        dated: SINCE,
        freshDays: 7,
        alwaysFresh: true,
        unless: [{ same: 'stay', is: { status: 'arrived triaged in-progress finished' } }],
      },
    ],
  },
  'mental-health-section-changed': {
    ...person,
    urgency: 'A',
    meaning: 'The person was detained under the Mental Health Act, or under another section of it, or is no longer.',
    note: '`Extension-UKCore-LegalStatus` of the Encounter, its `legalStatusClassification`: 01 is informal, 98 not applicable, 99 not known.',
    raisedBy: [
      {
        on: 'fragment',
        types: 'Encounter',
        to: { status: 'in-progress onleave', [LEGAL_STATUS]: '* but 01 98 99' },
        notFrom: { [LEGAL_STATUS]: '* but 01 98 99' },
        dated: SINCE,
        freshDays: 30,
      },
      {
        on: 'fragment',
        types: 'Encounter',
        from: { [LEGAL_STATUS]: '* but 01 98 99' },
        to: { status: 'in-progress onleave finished' },
        changed: [LEGAL_STATUS],
      },
    ],
  },
  'safeguarding-concern-opened': {
    ...leads,
    urgency: 'A',
    meaning: 'A safeguarding concern was raised about the person.',
    raisedBy: [{ on: 'fragment', types: 'Flag', of: CONCERN, to: ACTIVE, dated: SINCE, freshDays: 90 }],
  },
  'safeguarding-concern-closed': {
    ...leads,
    urgency: 'A',
    meaning: 'A safeguarding concern about the person was closed.',
    corrects: ['safeguarding-concern-opened'],
    raisedBy: [{ on: 'fragment', types: 'Flag', of: CONCERN, from: ACTIVE, to: INACTIVE }],
  },
  'child-protection-plan-on': {
    ...leads,
    urgency: 'A',
    meaning: 'A child protection plan was made for the person.',
    raisedBy: [
      {
        on: 'fragment',
        types: 'Flag',
        of: PLAN,
        to: ACTIVE,
        dated: SINCE,
        freshDays: 90,
        unless: [{ same: 'thing', is: ACTIVE }],
      },
    ],
  },
  'child-protection-plan-off': {
    ...leads,
    urgency: 'A',
    meaning: 'The person is no longer on a child protection plan.',
    corrects: ['child-protection-plan-on'],
    raisedBy: [{ on: 'fragment', types: 'Flag', of: PLAN, from: ACTIVE, to: INACTIVE, unless: [{ same: 'thing', is: ACTIVE }] }],
  },
  'reasonable-adjustment-changed': {
    ...person,
    urgency: 'C',
    meaning: 'What the person needs so that care can reach them was added, changed or ended.',
    note: 'A Flag whose category is `reasonable-adjustment`, or NRAF as the national flag has it.',
    raisedBy: ADJUSTMENTS.flatMap((of) => [
      { on: 'fragment', types: 'Flag', of, to: ACTIVE, dated: SINCE, freshDays: 90 } as const,
      { on: 'fragment', types: 'Flag', of, from: ACTIVE, to: { status: 'active inactive' }, repeats: true } as const,
    ]),
  },
} as const satisfies Readonly<Record<string, ChangeType>>;
