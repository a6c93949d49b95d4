import { daysAgo, fragmentId } from '../told.ts';
import * as a from './resources.ts';
import { by, type Case, ELSEWHERE, gone, LEFT, later, OPEN, SITE, TRUST, told, unrelated } from './story.ts';

export const TREATMENT_CASES = {
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
      'which somebody told whom the person has since asked to keep it': [
        ...by('dhc', OPEN),
        ...by('gp', a.sealing('Encounter', fragmentId('dhc', 'Encounter', OPEN.id))),
        ...by('uhd', OPEN),
      ],
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
    raises: {
      stopped: told(a.medicine('active'), a.medicine('stopped')),
      'which others have as current': [
        ...by('gp', a.medicine('active')),
        ...by('uhd', a.medicine('active'), a.medicine('stopped')),
      ],
    },
    misses: {
      'first told as stopped': told(a.medicine('stopped')),
      'a course in hospital of what the practice prescribes': [
        ...by('gp', a.medicine('active')),
        ...by('uhd', a.medicine('active'), a.medicine('completed')),
      ],
      'for a stronger one of the same': told(a.medicine('active'), a.medicine('active', { id: 'm2' }), a.medicine('stopped')),
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
} as const satisfies Readonly<Record<string, Case>>;
