import type { ChangeType, Condition } from '../row.ts';

const person = { version: 1, subject: 'person', theme: 'Plans', told: ['whoever-may-see'] } as const;

const PLANS = 'CarePlan DocumentReference Composition';
const CARE: Condition = { '@section': 'care-plans' };
const END_OF_LIFE: Condition = { '@section': 'end-of-life' };
const STANDS: Condition = { status: 'active current final amended', docStatus: '!preliminary entered-in-error' };
const MADE = 'created date period.start';

export const PLAN_ROWS = {
  'care-plan-updated': {
    ...person,
    urgency: 'C',
    meaning: 'A care, support or contingency plan was made, changed or ended.',
    raisedBy: [
      { on: 'fragment', types: PLANS, of: CARE, to: STANDS, dated: MADE, freshDays: 30 },
      { on: 'fragment', types: PLANS, of: CARE, from: STANDS, to: { status: '!entered-in-error' }, repeats: true },
    ],
  },
  'end-of-life-plan-created': {
    ...person,
    urgency: 'A',
    meaning: 'There is a plan for the end of life or for an emergency (ReSPECT): it says what is to be done and what is not.',
    note: 'A CarePlan, DocumentReference or Composition in the section of end of life: by the codes of `shared/fhir/sections.ts`.',
    raisedBy: [{ on: 'fragment', types: PLANS, of: END_OF_LIFE, to: STANDS, dated: MADE, freshDays: 90 }],
  },
  'end-of-life-plan-changed': {
    ...person,
    urgency: 'A',
    meaning: 'A plan for the end of life or for an emergency (ReSPECT) was changed.',
    corrects: ['end-of-life-plan-created'],
    raisedBy: [{ on: 'fragment', types: PLANS, of: END_OF_LIFE, from: STANDS, to: STANDS, repeats: true }],
  },
  'end-of-life-plan-revoked': {
    ...person,
    told: ['whoever-may-see', 'everyone-told-before'],
    urgency: 'A',
    meaning: 'A plan for the end of life or for an emergency (ReSPECT) no longer holds.',
    note: 'A plan that another has replaced (`superseded`) is not revoked: the other is told of.',
    corrects: ['end-of-life-plan-created', 'end-of-life-plan-changed'],
    raisedBy: [{ on: 'fragment', types: PLANS, of: END_OF_LIFE, from: STANDS, to: { status: 'revoked completed' } }],
  },
} as const satisfies Readonly<Record<string, ChangeType>>;
