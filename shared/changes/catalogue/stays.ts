import type { AlreadyTold, ChangeType, Condition } from '../row.ts';

const person = { version: 1, subject: 'person', theme: 'Hospital stays and attendances', told: ['whoever-may-see'] } as const;

/** Classes of an Encounter in which somebody has a bed (v3-ActCode): inpatient, acute, non-acute, observation, short stay. */
const STAY: Condition = { 'class.code': 'IMP ACUTE NONAC OBSENC SS' };
const OPEN: Condition = { status: 'in-progress onleave' };
const FINISHED: Condition = { status: 'finished' };
/** Somebody else has told that the stay is over: who lags behind has nothing new to tell of it. */
const OVER: AlreadyTold = { same: 'stay', is: FINISHED };
const SINCE = 'period.start';
const UNTIL = 'period.end period.start';

const LEAVING = 'hospitalization.dischargeDisposition.coding.code';
const EXPECTED = 'extension:plannedEndDate.valueDateTime extension:plannedEndDate.valueDate';
const FIT =
  'extension:medicallySafe.extension:status.valueCode hospitalization.extension:medicallySafe.extension:status.valueCode';

export const STAYS = {
  'ed-arrival': {
    ...person,
    urgency: 'B',
    meaning: 'The person came to an emergency department.',
    raisedBy: [
      {
        on: 'fragment',
        types: 'Encounter',
        of: { 'class.code': 'EMER' },
        to: { status: 'arrived triaged in-progress onleave finished' },
        dated: SINCE,
        freshDays: 2,
        alwaysFresh: true,
        unless: [{ same: 'stay', is: { status: 'arrived triaged in-progress onleave finished' } }],
      },
    ],
  },
  admitted: {
    ...person,
    urgency: 'A',
    meaning: 'The person was admitted to hospital.',
    note: 'A stay that is first told of once it has ended raises `discharged` alone. The same stay told by several systems (starting within 12 hours of one another, overlapping, not known to be elsewhere) is one admission.',
    raisedBy: [
      {
        on: 'fragment',
        types: 'Encounter',
        of: STAY,
        to: OPEN,
        notFrom: FINISHED,
        dated: SINCE,
        freshDays: 14,
        alwaysFresh: true,
        unless: [{ same: 'stay', is: { status: 'in-progress onleave finished' } }],
      },
    ],
  },
  transferred: {
    ...person,
    urgency: 'C',
    meaning: 'The person was moved to another ward or site during a stay.',
    note: 'Where the person is now: the last `location` that is not planned, reserved, completed or ended.',
    raisedBy: [
      {
        on: 'fragment',
        types: 'Encounter',
        of: STAY,
        from: { ...OPEN, '@place': '*' },
        to: { ...OPEN, '@place': '*' },
        changed: ['@place'],
        unless: [{ same: 'stay', is: OPEN, alike: true }, OVER],
      },
    ],
  },
  'expected-discharge-date-changed': {
    ...person,
    urgency: 'B',
    meaning: 'The day on which the person is expected to leave hospital was set or changed.',
    note: 'UK Core has no element for it: the cross-version extension `http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedEndDate` (R5 `Encounter.plannedEndDate`; HL7 v2 PV2-9).',
    raisedBy: [
      {
        on: 'fragment',
        types: 'Encounter',
        of: STAY,
        to: { ...OPEN, [EXPECTED]: '*' },
        dated: EXPECTED,
        freshDays: 1,
        alwaysFresh: true,
        unless: [{ same: 'stay', is: { ...OPEN, [EXPECTED]: '*' }, alike: true }, OVER],
        changed: [EXPECTED],
        from: {},
      },
      {
        on: 'fragment',
        types: 'Encounter',
        of: STAY,
        to: { ...OPEN, [EXPECTED]: '*' },
        notFrom: OPEN,
        dated: EXPECTED,
        freshDays: 1,
        alwaysFresh: true,
        unless: [{ same: 'stay', is: { ...OPEN, [EXPECTED]: '*' } }, OVER],
      },
    ],
  },
  'medically-fit-for-discharge': {
    ...person,
    urgency: 'B',
    meaning: 'The person is medically fit to leave hospital: what they need at home can be arranged.',
    note: 'UK Core has no element for it: the extension of Yorkshire and Humber, `…/Extension-Interweave-MedicallySafeForDischarge`, with `status` `ready`, on the Encounter or its hospitalization.',
    raisedBy: [
      {
        on: 'fragment',
        types: 'Encounter',
        of: STAY,
        to: { ...OPEN, [FIT]: 'ready' },
        dated:
          'extension:medicallySafe.extension:actualDate.valueDateTime hospitalization.extension:medicallySafe.extension:actualDate.valueDateTime',
        freshDays: 30,
        alwaysFresh: true,
        unless: [{ same: 'stay', is: { ...OPEN, [FIT]: 'ready' } }, OVER],
      },
    ],
  },
  discharged: {
    ...person,
    urgency: 'A',
    meaning: 'The person left hospital.',
    raisedBy: [
      {
        on: 'fragment',
        types: 'Encounter',
        of: STAY,
        to: FINISHED,
        dated: UNTIL,
        freshDays: 14,
        alwaysFresh: true,
        unless: [{ same: 'stay', is: FINISHED }],
      },
    ],
  },
  'admission-cancelled': {
    ...person,
    told: ['whoever-may-see', 'everyone-told-before'],
    urgency: 'A',
    meaning: 'The admission that was told did not take place.',
    corrects: ['admitted', 'transferred', 'expected-discharge-date-changed', 'medically-fit-for-discharge', 'discharged'],
    raisedBy: [
      {
        on: 'fragment',
        types: 'Encounter',
        of: STAY,
        from: { status: 'in-progress onleave finished' },
        to: { status: 'cancelled entered-in-error' },
        gone: true,
      },
    ],
  },
  'discharge-cancelled': {
    ...person,
    told: ['whoever-may-see', 'everyone-told-before'],
    urgency: 'A',
    meaning: 'The discharge that was told did not take place: the person is still in hospital.',
    corrects: ['discharged'],
    raisedBy: [{ on: 'fragment', types: 'Encounter', of: STAY, from: FINISHED, to: OPEN }],
  },
  'ambulance-non-conveyance': {
    ...person,
    urgency: 'C',
    meaning: 'An ambulance crew saw the person and left them where they were.',
    note: 'An Encounter of class FLD that has ended, with a discharge disposition other than a hospital, another place of care, or death. Without a disposition it says nothing.',
    raisedBy: [
      {
        on: 'fragment',
        types: 'Encounter',
        of: { 'class.code': 'FLD' },
        to: { ...FINISHED, [LEAVING]: 'home alt-home aadvice' },
        dated: UNTIL,
        freshDays: 7,
        alwaysFresh: true,
        unless: [{ same: 'stay', is: { ...FINISHED, [LEAVING]: 'home alt-home aadvice' } }],
      },
    ],
  },
} as const satisfies Readonly<Record<string, ChangeType>>;
