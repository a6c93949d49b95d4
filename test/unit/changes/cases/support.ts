import { daysAgo } from '../told.ts';
import * as a from './resources.ts';
import { by, type Case, told } from './story.ts';

export const SUPPORT_CASES = {
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
} as const satisfies Readonly<Record<string, Case>>;
