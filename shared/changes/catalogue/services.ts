import type { ChangeType, Condition } from '../row.ts';

const person = {
  version: 1,
  subject: 'person',
  theme: 'Services, referrals and appointments',
  told: ['whoever-may-see'],
} as const;

const RUNNING: Condition = { status: 'active onhold' };

/** As `shared/fhir/grounds`: a request for a test sends a specimen, or the person for an hour, and refers nobody. */
const REFERRAL: Condition = {
  intent: 'proposal plan directive order original-order',
  'category.coding.code': '!laboratory imaging 108252007 363679005',
};
/** The answer to a referral: a Task whose focus it is. */
const ANSWER: Condition = { 'focus.reference focus.type': 'ServiceRequest ServiceRequest/*' };
const ANSWERED = 'lastModified authoredOn';

const PENDING: Condition = { status: 'proposed pending booked waitlist arrived checked-in' };

export const SERVICE_ROWS = {
  'care-package-started': {
    ...person,
    urgency: 'C',
    meaning: 'A package of care, or the care of a team, began or was taken up again.',
    note: 'An EpisodeOfCare, whoever tells of it: home care, reablement, the caseload of a community team.',
    raisedBy: [
      {
        on: 'fragment',
        types: 'EpisodeOfCare',
        to: { status: 'active' },
        dated: 'period.start',
        freshDays: 30,
        alwaysFresh: true,
        notFrom: { status: 'onhold' },
      },
      { on: 'fragment', types: 'EpisodeOfCare', from: { status: 'onhold' }, to: { status: 'active' } },
    ],
  },
  'care-package-suspended': {
    ...person,
    urgency: 'C',
    meaning: 'A package of care, or the care of a team, was put on hold.',
    raisedBy: [{ on: 'fragment', types: 'EpisodeOfCare', from: { status: 'active' }, to: { status: 'onhold' } }],
  },
  'care-package-ended': {
    ...person,
    urgency: 'C',
    meaning: 'A package of care, or the care of a team, came to its end.',
    raisedBy: [
      {
        on: 'fragment',
        types: 'EpisodeOfCare',
        to: { status: 'finished' },
        dated: 'period.end period.start',
        freshDays: 30,
        alwaysFresh: true,
      },
      { on: 'fragment', types: 'EpisodeOfCare', from: RUNNING, to: { status: 'cancelled' } },
    ],
  },
  'referral-sent': {
    ...person,
    urgency: 'C',
    meaning: 'The person was referred to a service.',
    raisedBy: [
      {
        on: 'fragment',
        types: 'ServiceRequest',
        of: REFERRAL,
        to: { status: 'active' },
        notFrom: { status: 'on-hold completed revoked' },
        dated: 'authoredOn',
        freshDays: 30,
        alwaysFresh: true,
      },
    ],
  },
  'referral-accepted': {
    ...person,
    urgency: 'C',
    meaning: 'The service to which the person was referred will see them.',
    note: 'A Task whose `focus` is the ServiceRequest, as in the Booking and Referral Standard.',
    raisedBy: [
      {
        on: 'fragment',
        types: 'Task',
        of: ANSWER,
        to: { status: 'accepted ready in-progress completed' },
        dated: ANSWERED,
        freshDays: 30,
        alwaysFresh: true,
      },
    ],
  },
  'referral-rejected': {
    ...person,
    urgency: 'C',
    meaning: 'The service to which the person was referred will not see them: somebody should refer them elsewhere.',
    raisedBy: [
      {
        on: 'fragment',
        types: 'Task',
        of: ANSWER,
        to: { status: 'rejected failed' },
        dated: ANSWERED,
        freshDays: 30,
        alwaysFresh: true,
      },
    ],
  },
  'referral-withdrawn': {
    ...person,
    told: ['whoever-may-see', 'everyone-told-before'],
    urgency: 'C',
    meaning: 'The referral of the person was withdrawn.',
    corrects: ['referral-sent'],
    raisedBy: [
      { on: 'fragment', types: 'ServiceRequest', of: REFERRAL, from: { status: 'active on-hold' }, to: { status: 'revoked' } },
    ],
  },
  'appointment-booked': {
    ...person,
    urgency: 'C',
    meaning: 'An appointment was booked for the person, or moved to another time.',
    raisedBy: [
      {
        on: 'fragment',
        types: 'Appointment',
        to: { status: 'booked' },
        notFrom: { status: 'arrived checked-in fulfilled' },
        dated: 'start',
        freshDays: 1,
        alwaysFresh: true,
      },
      {
        on: 'fragment',
        types: 'Appointment',
        to: { status: 'booked' },
        changed: ['start'],
        dated: 'start',
        freshDays: 1,
        alwaysFresh: true,
      },
    ],
  },
  'appointment-cancelled': {
    ...person,
    told: ['whoever-may-see', 'everyone-told-before'],
    urgency: 'B',
    meaning: 'An appointment of the person was cancelled: nobody need go.',
    corrects: ['appointment-booked'],
    raisedBy: [
      {
        on: 'fragment',
        types: 'Appointment',
        from: PENDING,
        to: { status: 'cancelled' },
        dated: 'start',
        freshDays: 1,
        alwaysFresh: true,
      },
    ],
  },
  'appointment-missed': {
    ...person,
    urgency: 'C',
    meaning: 'The person did not come to an appointment.',
    raisedBy: [
      { on: 'fragment', types: 'Appointment', to: { status: 'noshow' }, dated: 'start', freshDays: 30, alwaysFresh: true },
    ],
  },
} as const satisfies Readonly<Record<string, ChangeType>>;
