import type { ChangeName } from '../../../../shared/changes/catalogue.ts';
import type { OrganisationChangeName } from '../../../../shared/changes/organisation-events.ts';
import { daysAgo, OTHER, PERSON, type Sent, type Told } from '../told.ts';
import * as a from './resources.ts';

/** What was told, one contribution after another: what the last of them raises is looked at. */
export type Story = readonly Told[];

/** Stories whose end raises a change, and near misses whose end does not. */
export interface Case {
  readonly raises: Readonly<Record<string, Story>>;
  readonly misses: Readonly<Record<string, Story>>;
}

/** One contribution of each of these by one source. */
const by = (source: string, ...each: readonly Sent[]): Told[] => each.map((sent) => ({ by: source, send: [sent] }));
const told = (...each: readonly Sent[]): Story => by('uhd', ...each);
const gone = (sent: Sent): Story => [...told(sent), { send: [{ retract: sent.id, type: sent.resourceType }] }];
const linking = (kind: 'link' | 'unlink'): Told => ({ send: [], link: { kind, person: OTHER, survivor: PERSON } });
const at = (recorded: string, ...send: readonly Sent[]): Told => ({ at: recorded, send });

const OPEN = a.encounter('in-progress');
const LEFT = a.encounter('finished', { until: 0.1 });
const SITE = { serviceProvider: { identifier: { system: a.ODS, value: 'R0D01' } } };
const TRUST = { serviceProvider: { identifier: { system: a.ODS, value: 'R0D' } } };
const ELSEWHERE = { serviceProvider: { identifier: { system: a.ODS, value: 'RBD' } } };

/** Two contributions or more, the last long after the first, so that nothing is a first load. */
const later = (first: Sent, ...rest: readonly Sent[]): Story => [at(daysAgo(300), first), ...told(...rest)];
const unrelated: Sent = { resourceType: 'Basic', id: 'x', code: { text: 'x' } };

export const CASES: Readonly<Record<Exclude<ChangeName, OrganisationChangeName>, Case>> = {
  'ed-arrival': {
    raises: {
      arrives: told(a.encounter('arrived', { code: 'EMER' })),
      'is first told when over': told(a.encounter('finished', { code: 'EMER', until: 0.1 })),
    },
    misses: {
      planned: told(a.encounter('planned', { code: 'EMER' })),
      'moves on': told(a.encounter('arrived', { code: 'EMER' }), a.encounter('in-progress', { code: 'EMER' })),
      'long ago': told(a.encounter('finished', { code: 'EMER', since: 900, until: 899 })),
      'told by the ambulance too': [
        ...by('uhd', a.encounter('arrived', { code: 'EMER' })),
        ...by('swasft', a.encounter('triaged', { code: 'EMER', since: 0.25 })),
      ],
    },
  },
  admitted: {
    raises: {
      'pushed by a ward': told(OPEN),
      'planned before': told(a.encounter('planned'), OPEN),
      'from the emergency department': told(a.encounter('in-progress', { code: 'EMER' }), OPEN),
      'again after a cancel': told(OPEN, a.encounter('cancelled'), OPEN),
      'at another hospital': [
        ...by('uhd', a.encounter('in-progress', TRUST)),
        ...by('dch', a.encounter('in-progress', ELSEWHERE)),
      ],
      'again, after the first stay': told(
        a.encounter('finished', { since: 0.4, until: 0.3 }),
        a.encounter('in-progress', { id: 'e2' }),
      ),
      'told where fewer may see it before': [...by('uhd', a.encounter('in-progress', a.RESTRICTED)), ...by('dch', OPEN)],
    },
    misses: {
      'told by another system': [
        ...by('uhd', a.encounter('in-progress', SITE)),
        ...by('gp', a.encounter('in-progress', { since: 0.4, ...TRUST })),
      ],
      'told by the day alone': [...by('uhd', OPEN), ...by('gp', { ...OPEN, period: { start: daysAgo(0.2).slice(0, 10) } })],
      'told twice in one contribution': [
        ...told(OPEN),
        { send: [a.encounter('in-progress', { id: 'e2' }), a.encounter('in-progress', { id: 'e3' })] },
      ],
      'never closed since': told(a.encounter('in-progress', { since: 700 })),
      'first told when over': told(LEFT),
      'an outpatient': told(a.encounter('in-progress', { code: 'AMB' })),
      'a leave': told(OPEN, a.encounter('onleave')),
    },
  },
  transferred: {
    raises: {
      'to another ward': told(a.encounter('in-progress', a.ward('Ward 1')), a.encounter('in-progress', a.ward('Ward 2'))),
    },
    misses: {
      'its first ward': told(OPEN, a.encounter('in-progress', a.ward('Ward 1'))),
      'discharged from another ward': told(
        a.encounter('in-progress', a.ward('Ward 1')),
        a.encounter('finished', { until: 0.1, ...a.ward('Ward 2') }),
      ),
      'told by another system': [
        ...by('uhd', a.encounter('in-progress', a.ward('Ward 1'))),
        ...by('dhc', a.encounter('in-progress', a.ward('Ward 1'))),
        ...by('uhd', a.encounter('in-progress', a.ward('Ward 2'))),
        ...by('dhc', a.encounter('in-progress', a.ward('Ward 2'))),
      ],
    },
  },
  'expected-discharge-date-changed': {
    raises: {
      set: told(OPEN, a.encounter('in-progress', a.expected('2026-11-30'))),
      moved: told(a.encounter('in-progress', a.expected('2026-11-30')), a.encounter('in-progress', a.expected('2026-12-02'))),
      'known at admission': told(a.encounter('in-progress', a.expected('2026-11-30'))),
    },
    misses: {
      'the same day': told(
        a.encounter('in-progress', a.expected('2026-11-30')),
        a.encounter('in-progress', { ...a.expected('2026-11-30'), ...a.ward('W') }),
      ),
      'of who has left': told(LEFT, a.encounter('finished', { until: 0.1, ...a.expected('2026-11-30') })),
    },
  },
  'medically-fit-for-discharge': {
    raises: { ready: told(OPEN, a.encounter('in-progress', a.fit('ready'))) },
    misses: {
      'not ready': told(OPEN, a.encounter('in-progress', a.fit('notready'))),
      'still ready': told(
        a.encounter('in-progress', a.fit('ready')),
        a.encounter('in-progress', { ...a.fit('ready'), ...a.ward('W') }),
      ),
    },
  },
  discharged: {
    raises: { leaves: told(OPEN, LEFT), 'is first told when over': told(LEFT) },
    misses: {
      'another date': told(OPEN, LEFT, a.encounter('finished', { until: 0.15 })),
      'told by another system': [...by('uhd', LEFT), ...by('gp', LEFT)],
      'years ago': told(a.encounter('finished', { since: 900, until: 890 })),
      'an outpatient': told(a.encounter('finished', { code: 'AMB', until: 0.1 })),
    },
  },
  'admission-cancelled': {
    raises: {
      cancelled: told(OPEN, a.encounter('cancelled')),
      'in error': told(OPEN, a.encounter('entered-in-error')),
      deleted: gone(OPEN),
      'after the discharge': told(OPEN, LEFT, a.encounter('entered-in-error')),
    },
    misses: {
      'that never was': told(a.encounter('planned'), a.encounter('cancelled')),
      'first told as cancelled': told(a.encounter('cancelled')),
    },
  },
  'discharge-cancelled': {
    raises: { 'in again': told(OPEN, LEFT, OPEN) },
    misses: {
      'late admission': told(
        a.encounter('finished', { until: 0.1, meta: { lastUpdated: daysAgo(0.1) } }),
        a.encounter('in-progress', { meta: { lastUpdated: daysAgo(0.2) } }),
      ),
    },
  },
  'ambulance-non-conveyance': {
    raises: { 'left at home': told(a.encounter('finished', { code: 'FLD', until: 0.1, ...a.leaving('home') })) },
    misses: {
      'taken to hospital': told(a.encounter('finished', { code: 'FLD', until: 0.1, ...a.leaving('hosp') })),
      'nobody says': told(a.encounter('finished', { code: 'FLD', until: 0.1 })),
    },
  },
  'medicine-started': {
    raises: { new: told(a.medicine('active')), resumed: told(a.medicine('stopped'), a.medicine('active')) },
    misses: {
      'stopped in 2015': told(a.medicine('stopped', { authoredOn: '2015' })),
      'taken for years': told(a.medicine('active', { authoredOn: '2015' })),
      'the next prescription': told(a.medicine('active'), a.medicine('active', { id: 'm2' })),
      'a dose on the ward': told(a.medicine('active', { intent: 'instance-order' })),
    },
  },
  'medicine-stopped': {
    raises: { stopped: told(a.medicine('active'), a.medicine('stopped')) },
    misses: {
      'first told as stopped': told(a.medicine('stopped')),
      'another prescription goes on': told(a.medicine('active'), a.medicine('active', { id: 'm2' }), a.medicine('completed')),
    },
  },
  'medicine-changed': {
    raises: {
      'another dose': told(
        a.medicine('active', { dosageInstruction: [{ text: 'one' }] }),
        a.medicine('active', { dosageInstruction: [{ text: 'two' }] }),
      ),
    },
    misses: { 'a note': told(a.medicine('active'), a.medicine('active', { note: [{ text: 'x' }] })) },
  },
  'allergy-added': {
    raises: {
      recorded: told(a.allergy('confirmed')),
      'an old one, told later': later(unrelated, a.allergy('confirmed', { recordedDate: '2015' })),
      'where fewer may see it before': [...by('dhc', a.allergy('confirmed', a.RESTRICTED)), ...by('uhd', a.allergy('confirmed'))],
    },
    misses: {
      'in a first load, of 2015': told(a.allergy('confirmed', { recordedDate: '2015' })),
      'that somebody told': [...by('gp', a.allergy('confirmed')), ...by('uhd', a.allergy('unconfirmed'))],
      'none known': told(a.allergy('confirmed', { code: a.coded('716186003') })),
      refuted: told(a.allergy('refuted')),
    },
  },
  'allergy-changed': {
    raises: { worse: told(a.allergy('confirmed'), a.allergy('confirmed', { criticality: 'high' })) },
    misses: {
      'a note': told(a.allergy('confirmed'), a.allergy('confirmed', { note: [{ text: 'x' }] })),
      refuted: told(a.allergy('confirmed'), a.allergy('refuted')),
    },
  },
  'allergy-refuted': {
    raises: { refuted: told(a.allergy('confirmed'), a.allergy('refuted')) },
    misses: { 'in error': told(a.allergy('confirmed'), a.allergy('entered-in-error')) },
  },
  'critical-result': {
    raises: {
      high: told(a.observation('final', 'HH')),
      'becomes so': told(a.observation('final', 'N'), a.observation('corrected', 'LL')),
    },
    misses: {
      'merely high': told(a.observation('final', 'H')),
      'still critical': told(a.observation('preliminary', 'HH'), a.observation('final', 'HH')),
      'a month ago': told(a.observation('final', 'HH', { effectiveDateTime: daysAgo(30) })),
    },
  },
  'result-available': {
    raises: { final: told(a.report('preliminary'), a.report('final')) },
    misses: { preliminary: told(a.report('preliminary')), 'of last year': told(a.report('final', { issued: daysAgo(300) })) },
  },
  'discharge-summary-filed': {
    raises: { filed: told(a.summary()) },
    misses: {
      draft: told(a.summary({ docStatus: 'preliminary' })),
      'another letter': told(a.summary({ type: a.coded('1') })),
      replacing: told(a.summary({ relatesTo: [{ code: 'replaces', target: { reference: 'DocumentReference/1' } }] })),
    },
  },
  'discharge-summary-replaced': {
    raises: {
      'by another': told(a.summary({ relatesTo: [{ code: 'replaces', target: { reference: 'DocumentReference/1' } }] })),
      'by itself': told(a.summary(), a.summary({ content: [{ attachment: { title: 'second' } }] })),
    },
    misses: { 'filed first': told(a.summary()), described: told(a.summary(), a.summary({ description: 'x' })) },
  },
  'care-plan-updated': {
    raises: {
      made: told(a.plan(a.CARE, 'active')),
      changed: told(a.plan(a.CARE, 'active'), a.plan(a.CARE, 'active', { title: 'x' })),
    },
    misses: { draft: told(a.plan(a.CARE, 'draft')), 'of long ago': told(a.plan(a.CARE, 'active', { created: '2015' })) },
  },
  'end-of-life-plan-created': {
    raises: { made: told(a.plan(a.END_OF_LIFE, 'active')) },
    misses: { draft: told(a.plan(a.END_OF_LIFE, 'draft')), 'another plan': told(a.plan(a.CARE, 'active')) },
  },
  'end-of-life-plan-changed': {
    raises: { changed: told(a.plan(a.END_OF_LIFE, 'active'), a.plan(a.END_OF_LIFE, 'active', { title: 'x' })) },
    misses: { made: told(a.plan(a.END_OF_LIFE, 'active')) },
  },
  'end-of-life-plan-revoked': {
    raises: { revoked: told(a.plan(a.END_OF_LIFE, 'active'), a.plan(a.END_OF_LIFE, 'revoked')) },
    misses: {
      'first told as revoked': told(a.plan(a.END_OF_LIFE, 'revoked')),
      'in error': told(a.plan(a.END_OF_LIFE, 'active'), a.plan(a.END_OF_LIFE, 'entered-in-error')),
    },
  },
  'mental-health-crisis': {
    raises: {
      'by a flag': told(a.flag('active', 'mental-health-crisis')),
      'by a contact': told(a.encounter('in-progress', { code: 'HH', type: [a.named('mental-health-crisis')] })),
    },
    misses: {
      'a crisis plan': told(a.plan('736253002', 'active')),
      over: told(a.flag('active', 'mental-health-crisis'), a.flag('inactive', 'mental-health-crisis')),
    },
  },
  'mental-health-section-changed': {
    raises: {
      detained: told(a.encounter('in-progress', a.detained('02'))),
      'another section': told(a.encounter('in-progress', a.detained('02')), a.encounter('in-progress', a.detained('03'))),
      'informal again': told(a.encounter('in-progress', a.detained('02')), a.encounter('in-progress', a.detained('01'))),
    },
    misses: {
      informal: told(a.encounter('in-progress', a.detained('01'))),
      'the same': told(
        a.encounter('in-progress', a.detained('02')),
        a.encounter('in-progress', { ...a.detained('02'), ...a.ward('W') }),
      ),
    },
  },
  'safeguarding-concern-opened': {
    raises: { opened: told(a.flag('active', 'safeguarding')) },
    misses: {
      'of a plan': told(a.flag('active', 'safeguarding', a.ON_PLAN)),
      'another flag': told(a.flag('active', 'clinical')),
    },
  },
  'safeguarding-concern-closed': {
    raises: { closed: told(a.flag('active', 'safeguarding'), a.flag('inactive', 'safeguarding')) },
    misses: { 'first told as closed': told(a.flag('inactive', 'safeguarding')) },
  },
  'child-protection-plan-on': {
    raises: { on: told(a.flag('active', 'safeguarding', a.ON_PLAN)) },
    misses: {
      'a concern': told(a.flag('active', 'safeguarding')),
      'that somebody told': [
        ...by('uhd', a.flag('active', 'safeguarding', a.ON_PLAN)),
        ...by('dhc', a.flag('active', 'safeguarding', a.ON_PLAN)),
      ],
    },
  },
  'child-protection-plan-off': {
    raises: { off: told(a.flag('active', 'safeguarding', a.ON_PLAN), a.flag('inactive', 'safeguarding', a.ON_PLAN)) },
    misses: { 'a concern': told(a.flag('active', 'safeguarding'), a.flag('inactive', 'safeguarding')) },
  },
  'reasonable-adjustment-changed': {
    raises: {
      added: told(a.flag('active', 'NRAF')),
      ended: told(a.flag('active', 'reasonable-adjustment'), a.flag('inactive', 'reasonable-adjustment')),
    },
    misses: { 'another flag': told(a.flag('active', 'clinical')), 'first told as ended': told(a.flag('inactive', 'NRAF')) },
  },
  'care-package-started': {
    raises: { started: told(a.episode('active')), resumed: told(a.episode('onhold'), a.episode('active')) },
    misses: { waiting: told(a.episode('waitlist')), 'years ago': told(a.episode('active', { period: { start: '2015' } })) },
  },
  'care-package-suspended': {
    raises: { suspended: told(a.episode('active'), a.episode('onhold')) },
    misses: { 'first told so': told(a.episode('onhold')) },
  },
  'care-package-ended': {
    raises: { ended: told(a.episode('active'), a.episode('finished', { period: { start: '2020', end: daysAgo(1) } })) },
    misses: {
      'years ago': told(a.episode('finished', { period: { start: '2014', end: '2015' } })),
      'in error': told(a.episode('active'), a.episode('entered-in-error')),
    },
  },
  'referral-sent': {
    raises: { sent: told(a.referral('active')), 'from a draft': told(a.referral('draft'), a.referral('active')) },
    misses: {
      'a blood test': told(a.referral('active', { category: [a.named('laboratory')] })),
      'taken up again': told(a.referral('on-hold'), a.referral('active')),
    },
  },
  'referral-accepted': {
    raises: { accepted: told(a.answer('requested'), a.answer('accepted')) },
    misses: {
      'not yet': told(a.answer('received')),
      'another task': told(a.answer('accepted', { focus: { reference: 'Observation/1' } })),
    },
  },
  'referral-rejected': { raises: { rejected: told(a.answer('rejected')) }, misses: { accepted: told(a.answer('accepted')) } },
  'referral-withdrawn': {
    raises: { withdrawn: told(a.referral('active'), a.referral('revoked')) },
    misses: { done: told(a.referral('active'), a.referral('completed')) },
  },
  'appointment-booked': {
    raises: { booked: told(a.appointment('booked')), moved: told(a.appointment('booked'), a.appointment('booked', 8)) },
    misses: {
      past: told(a.appointment('booked', -30)),
      'a note': told(a.appointment('booked'), a.appointment('booked', 7, { comment: 'x' })),
    },
  },
  'appointment-cancelled': {
    raises: { cancelled: told(a.appointment('booked'), a.appointment('cancelled')) },
    misses: {
      'first told so': told(a.appointment('cancelled')),
      past: told(a.appointment('booked', -30), a.appointment('cancelled', -30)),
    },
  },
  'appointment-missed': {
    raises: { missed: told(a.appointment('noshow', -1)) },
    misses: { 'last year': told(a.appointment('noshow', -300)), kept: told(a.appointment('fulfilled', -1)) },
  },
  'died-informally-notified': {
    raises: { informal: told(a.patient(), a.patient(a.notified('1'))) },
    misses: {
      formal: told(a.patient(), a.patient(a.notified('2'))),
      'after the formal one': [...by('uhd', a.patient(a.notified('2'))), ...by('gp', a.patient(a.notified('1')))],
    },
  },
  died: {
    raises: {
      died: told(a.patient(), a.patient({ deceasedBoolean: true })),
      confirmed: told(a.patient(a.notified('1')), a.patient(a.notified('2'))),
      'long ago, told later': later(a.patient(), a.patient({ deceasedDateTime: '2020' })),
    },
    misses: {
      'told by another': [
        ...by('uhd', a.patient({ deceasedBoolean: true })),
        ...by('gp', a.patient({ deceasedDateTime: daysAgo(1) })),
      ],
      living: told(a.patient(), a.patient({ deceasedBoolean: false })),
      'in a first load, years ago': told(a.patient({ deceasedDateTime: '2015' })),
      removed: told(a.patient(), a.patient(a.notified('U'))),
    },
  },
  'death-retracted': {
    raises: {
      alive: told(a.patient({ deceasedBoolean: true }), a.patient({ deceasedBoolean: false })),
      deleted: gone(a.patient({ deceasedBoolean: true })),
    },
    misses: {
      'somebody still says so': [
        ...by('gp', a.patient({ deceasedBoolean: true })),
        ...by('uhd', a.patient({ deceasedBoolean: true }), a.patient({ deceasedBoolean: false })),
      ],
      'a hospital that never knew': [
        ...by('gp', a.patient({ deceasedBoolean: true })),
        ...by('uhd', a.patient({ deceasedBoolean: false })),
      ],
    },
  },
  'address-changed': {
    raises: { moved: told(a.patient(a.livesAt('12 High Street')), a.patient(a.livesAt('3 Low Road'))) },
    misses: {
      'its first': told(a.patient(), a.patient(a.livesAt('12 High Street'))),
      'written otherwise': told(a.patient(a.livesAt('12 High Street')), a.patient(a.livesAt('12, High St.', 'dt11aa'))),
      'for a time': told(
        a.patient(a.livesAt('12 High Street')),
        a.patient({ address: [...a.livesAt('12 High Street').address, ...a.livesAt('3 Low Road', 'BH1 1AA', 'temp').address] }),
      ),
      'told by another': [
        ...by('gp', a.patient(a.livesAt('1 Old Road')), a.patient(a.livesAt('12 High Street'))),
        ...by('uhd', a.patient(a.livesAt('1 Old Road')), a.patient(a.livesAt('12 High Street'))),
      ],
    },
  },
  'gp-changed': {
    raises: {
      moved: told(a.patient(a.registeredWith('X99001')), a.patient(a.registeredWith('X99002'))),
      none: told(a.patient(a.registeredWith('X99001')), a.patient()),
    },
    misses: {
      'its first': told(a.patient(), a.patient(a.registeredWith('X99001'))),
      'told by another': [
        ...by('gp', a.patient(a.registeredWith('X99001')), a.patient(a.registeredWith('X99002'))),
        ...by('uhd', a.patient(a.registeredWith('X99002'))),
      ],
    },
  },
  'nhs-number-changed': {
    raises: { another: told(a.patient(a.numbered('9990000018')), a.patient(a.numbered('9990000026'))) },
    misses: {
      'its first': told(a.patient(), a.patient(a.numbered('9990000018'))),
      'with spaces': told(a.patient(a.numbered('9990000018')), a.patient(a.numbered('999 000 0018'))),
    },
  },
  'persons-linked': { raises: { linked: [linking('link')] }, misses: { unlinked: [linking('link'), linking('unlink')] } },
  'persons-unlinked': { raises: { unlinked: [linking('link'), linking('unlink')] }, misses: { linked: [linking('link')] } },
  'restricted-flag-set': {
    raises: { set: told(a.patient(), a.patient(a.RESTRICTED)) },
    misses: {
      'told by another': [...by('gp', a.patient(a.RESTRICTED)), ...by('uhd', a.patient(a.RESTRICTED))],
      'a letter': told(a.summary(a.RESTRICTED)),
    },
  },
  'restricted-flag-lifted': {
    raises: { lifted: told(a.patient(a.RESTRICTED), a.patient()) },
    misses: {
      'somebody still says so': [...by('gp', a.patient(a.RESTRICTED)), ...by('uhd', a.patient(a.RESTRICTED), a.patient())],
    },
  },
  'opt-out-changed': {
    raises: {
      out: told(a.optOut('active')),
      'in again': told(a.optOut('active'), a.optOut('inactive')),
      'by deleting it': gone(a.optOut('active')),
    },
    misses: {
      draft: told(a.optOut('draft')),
      'told by another': [...by('gp', a.optOut('active')), ...by('uhd', a.optOut('active'))],
    },
  },
  'fragment-retracted': {
    raises: {
      deleted: gone(a.allergy('confirmed')),
      'in error': told(a.medicine('active'), a.medicine('entered-in-error')),
      'a cancelled visit': told(a.encounter('arrived', { code: 'EMER' }), a.encounter('cancelled', { code: 'EMER' })),
    },
    misses: { 'an admission, which is cancelled': gone(OPEN), 'first told in error': told(a.medicine('entered-in-error')) },
  },
  'fragment-corrected': {
    raises: {
      'a result': told(a.observation('final', 'N'), a.observation('corrected', 'N')),
      'a date of discharge': told(OPEN, LEFT, a.encounter('finished', { until: 0.15 })),
      'a date of admission': told(OPEN, a.encounter('in-progress', { since: 0.3 })),
      'a date of death': told(a.patient({ deceasedDateTime: '2026-11-01' }), a.patient({ deceasedDateTime: '2026-11-02' })),
    },
    misses: {
      'final after preliminary': told(a.report('preliminary'), a.report('final')),
      'first told as corrected': told(a.report('corrected')),
    },
  },
  'fragment-created': {
    raises: {
      'nothing more to tell': told({ resourceType: 'Condition', id: 'k', code: { text: 'Asthma' } }),
      'of long ago': told(a.medicine('stopped', { authoredOn: '2015' })),
    },
    misses: { 'an admission': told(OPEN) },
  },
  'fragment-updated': {
    raises: { 'nothing more to tell': told(a.medicine('active'), a.medicine('active', { note: [{ text: 'x' }] })) },
    misses: { 'a discharge': told(OPEN, LEFT), 'a first version': told(a.medicine('stopped')) },
  },
};
