import { daysAgo } from '../told.ts';
import * as a from './resources.ts';
import { at, by, type Case, gone, LEFT, later, linking, OPEN, replacing, told } from './story.ts';

export const PERSON_CASES = {
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
      'where fewer may see it before': [
        ...by('dhc', a.patient({ deceasedBoolean: true, ...a.HIDDEN })),
        ...by('uhd', a.patient({ deceasedBoolean: true })),
      ],
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
      'though, where few may see it, somebody still says so': [
        ...by('dhc', a.patient({ deceasedBoolean: true, ...a.HIDDEN })),
        ...by('uhd', a.patient({ deceasedBoolean: true }), a.patient()),
      ],
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
      'another than one that few may see': [
        ...by('dhc', a.patient({ ...a.livesAt('3 Low Road'), ...a.HIDDEN })),
        ...by('uhd', a.patient(a.livesAt('12 High Street'))),
      ],
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
      'another after none': told(a.patient(a.registeredWith('X99001')), a.patient(), a.patient(a.registeredWith('X99002'))),
      'back, while some still name that one': [
        { by: 'uhd', ...at(daysAgo(90), a.patient(a.registeredWith('X99001'))) },
        { by: 'gp', ...at(daysAgo(60), a.patient(a.registeredWith('X99001'))) },
        { by: 'gp', ...at(daysAgo(30), a.patient(a.registeredWith('X99002'))) },
        ...by('gp', a.patient(a.registeredWith('X99001'))),
      ],
    },
    misses: {
      'its first': told(a.patient(), a.patient(a.registeredWith('X99001'))),
      'another than one that few may see': [
        ...by('dhc', a.patient({ ...a.registeredWith('X99003'), ...a.HIDDEN })),
        ...by('uhd', a.patient(a.registeredWith('X99001'))),
      ],
      'two who disagree': [
        ...by('gp', a.patient(a.registeredWith('X99001'))),
        ...by('uhd', a.patient(a.registeredWith('X99002'))),
        ...by('gp', a.patient({ ...a.registeredWith('X99001'), gender: 'female' })),
      ],
      'somebody who catches up': [
        { by: 'uhd', ...at(daysAgo(90), a.patient(a.registeredWith('X99001'))) },
        { by: 'gp', ...at(daysAgo(60), a.patient(a.registeredWith('X99001'))) },
        { by: 'gp', ...at(daysAgo(30), a.patient(a.registeredWith('X99002'))) },
        { by: 'gp', ...at(daysAgo(20), a.patient(a.registeredWith('X99003'))) },
        ...by('uhd', a.patient(a.registeredWith('X99002'))),
      ],
      'a first word that is out of date': [
        ...by('gp', a.patient(a.registeredWith('X99001')), a.patient(a.registeredWith('X99002'))),
        ...by('dhc', a.patient(a.registeredWith('X99001'))),
      ],
      'told by another': [
        ...by('gp', a.patient(a.registeredWith('X99001')), a.patient(a.registeredWith('X99002'))),
        ...by('uhd', a.patient(a.registeredWith('X99002'))),
      ],
    },
  },
  'nhs-number-changed': {
    raises: { traced: [replacing] },
    misses: {
      'its first': told(a.patient(), a.patient(a.numbered('9990000018'))),
      corrected: told(a.patient(a.numbered('9990000018')), a.patient(a.numbered('9990000026'))),
      'of one patient': [linking('link')],
    },
  },
  'persons-linked': { raises: { linked: [linking('link')] }, misses: { unlinked: [linking('link'), linking('unlink')] } },
  'persons-unlinked': { raises: { unlinked: [linking('link'), linking('unlink')] }, misses: { linked: [linking('link')] } },
  'restricted-flag-set': {
    raises: { set: told(a.patient(), a.patient(a.RESTRICTED)) },
    misses: {
      'told by another': [...by('gp', a.patient(a.RESTRICTED)), ...by('uhd', a.patient(a.RESTRICTED))],
      'told by another, whom few may see': [
        ...by('dhc', a.patient({ meta: { security: [...a.RESTRICTED.meta.security, ...a.HIDDEN.meta.security] } })),
        ...by('uhd', a.patient(a.RESTRICTED)),
      ],
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
      'the same instant, written otherwise': told(
        a.encounter('in-progress', { period: { start: '2026-11-24T09:30:00Z' } }),
        a.encounter('in-progress', { period: { start: '2026-11-24T10:30:00.000+01:00' } }),
      ),
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
} as const satisfies Readonly<Record<string, Case>>;
