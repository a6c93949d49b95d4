import { describe, expect, it } from 'vitest';
import type { Viewer } from '../../../shared/access/viewer.ts';
import type { Ground, GroundKind } from '../../../shared/record/contribution.ts';
import type { Fragment } from '../../../shared/record/fold.ts';
import { codeOf, fragment, giving, linked, NOW, newAccess, recordOf, SOMEBODY_ELSE, viewerIn } from './people.ts';

const access = newAccess();
const NURSE = viewerIn('clinician');

/** What relationships somebody has with the person of a record at an instant. */
const reasonsOf = (fragments: readonly Fragment[], at: string, viewer: Viewer = NURSE) =>
  access.view(viewer, recordOf(...fragments), at).relationships;

describe('a relationship stands from its first second until its last', () => {
  // London is an hour ahead of UTC from 29 March to 25 October 2026.
  it.each<
    [
      what: string,
      kind: GroundKind,
      from: string | undefined,
      to: string | undefined,
      begins: string | undefined,
      ends: string | undefined,
    ]
  >([
    [
      'an encounter that has ended',
      'encounter',
      '2026-01-10T10:00:00Z',
      '2026-01-12T10:00:00Z',
      '2026-01-10T10:00:00.000Z',
      '2026-04-12T10:00:00.000Z',
    ],
    [
      'an encounter that is open',
      'encounter',
      '2026-01-10T10:00:00Z',
      undefined,
      '2026-01-10T10:00:00.000Z',
      '2027-02-14T10:00:00.000Z',
    ],
    [
      'an encounter with an offset',
      'encounter',
      '2026-07-10T10:00:00+01:00',
      '2026-07-10T12:00:00+01:00',
      '2026-07-10T09:00:00.000Z',
      '2026-10-08T11:00:00.000Z',
    ],
    ['an encounter in a year', 'encounter', '2025', '2025', '2025-01-01T00:00:00.000Z', '2026-04-01T00:00:00.000Z'],
    [
      'an encounter that ended in a month',
      'encounter',
      '2026-05',
      '2026-06',
      '2026-04-30T23:00:00.000Z',
      '2026-09-28T23:00:00.000Z',
    ],
    [
      'an encounter that ended on a day',
      'encounter',
      '2026-02-01',
      '2026-02-01',
      '2026-02-01T00:00:00.000Z',
      '2026-05-03T00:00:00.000Z',
    ],
    [
      'an encounter on the day on which summer begins',
      'encounter',
      '2026-03-29',
      '2026-03-29',
      '2026-03-29T00:00:00.000Z',
      '2026-06-27T23:00:00.000Z',
    ],
    [
      'an encounter on the day on which summer ends',
      'encounter',
      '2026-10-25',
      '2026-10-25',
      '2026-10-24T23:00:00.000Z',
      '2027-01-24T00:00:00.000Z',
    ],
    [
      'an encounter of a year that is open',
      'encounter',
      '2026',
      undefined,
      '2026-01-01T00:00:00.000Z',
      '2028-02-05T00:00:00.000Z',
    ],
    [
      'an encounter that says only when it ended',
      'encounter',
      undefined,
      '2026-02-01T00:00:00Z',
      undefined,
      '2026-05-02T00:00:00.000Z',
    ],
    [
      'an encounter that is to end in a lifetime',
      'encounter',
      '2026-10-01T10:00:00Z',
      '2099-10-01T10:00:00Z',
      '2026-10-01T10:00:00.000Z',
      '2028-02-03T10:00:00.000Z',
    ],
    ['an encounter that says nothing of when', 'encounter', undefined, undefined, undefined, '2027-12-06T09:00:00.000Z'],
    [
      'a caseload',
      'caseload',
      '2026-01-10T10:00:00Z',
      '2026-01-20T10:00:00Z',
      '2026-01-10T10:00:00.000Z',
      '2026-04-20T10:00:00.000Z',
    ],
    ['a caseload that is open', 'caseload', '2010-01-10T10:00:00Z', undefined, '2010-01-10T10:00:00.000Z', undefined],
    [
      'a referral that is done',
      'referral',
      '2026-01-10T10:00:00Z',
      '2026-01-10T10:00:00Z',
      '2026-01-10T10:00:00.000Z',
      '2026-04-10T10:00:00.000Z',
    ],
    [
      'a referral that is open',
      'referral',
      '2026-01-10T10:00:00Z',
      undefined,
      '2026-01-10T10:00:00.000Z',
      '2027-02-14T10:00:00.000Z',
    ],
    [
      'an appointment',
      'appointment',
      '2026-06-29T10:00:00Z',
      '2026-06-29T10:30:00Z',
      '2026-06-01T10:00:00.000Z',
      '2026-07-27T10:30:00.000Z',
    ],
    [
      'an appointment of a year that nobody meant',
      'appointment',
      '2026-11-29T10:00:00Z',
      '2062-11-29T10:30:00Z',
      '2026-11-01T10:00:00.000Z',
      '2027-01-24T10:00:00.000Z',
    ],
    [
      'an appointment without an end',
      'appointment',
      '2026-06-29T10:00:00Z',
      undefined,
      '2026-06-01T10:00:00.000Z',
      '2026-07-27T10:00:00.000Z',
    ],
  ])('%s', (_, kind, from, to, begins, ends) => {
    const ground = { names: [codeOf('ours')], ...(from && { from }), ...(to && { to }) };
    const fragments = [giving('elsewhere', kind, ground, { recordedAt: '2026-11-01T09:00:00.000Z' })];
    const standsAt = (ms: number) => reasonsOf(fragments, new Date(ms).toISOString()).includes(kind);
    if (begins !== undefined) expect([standsAt(Date.parse(begins) - 1), standsAt(Date.parse(begins))]).toEqual([false, true]);
    else expect(standsAt(Date.parse('1990-01-01'))).toBe(true);
    if (ends !== undefined) expect([standsAt(Date.parse(ends) - 1), standsAt(Date.parse(ends))]).toEqual([true, false]);
    else expect(standsAt(Date.parse('2090-01-01'))).toBe(true);
  });

  it('of an ambulance service for seven days after the call', () => {
    const call = giving('service', 'encounter', { from: '2026-11-01T10:00:00Z', to: '2026-11-01T12:00:00Z' });
    const paramedic = viewerIn('paramedic', { organisation: 'service' });
    expect(reasonsOf([call], '2026-11-08T11:59:59.999Z', paramedic)).toEqual(['contributor', 'emergency-call']);
    expect(reasonsOf([call], '2026-11-08T12:00:00.000Z', paramedic)).toEqual(['contributor']);
  });

  it('and is shown no longer by a view that was remembered', () => {
    const [visit, pulse] = [
      giving('ours', 'encounter', { from: '2026-01-01', to: '2026-01-01T12:00:00Z' }),
      fragment('elsewhere'),
    ];
    const record = recordOf(visit, pulse);
    expect(access.view(NURSE, record, '2026-04-01T11:59:59.000Z').sees(pulse)).toBe(true);
    expect(access.view(NURSE, record, '2026-04-01T12:00:00.000Z').sees(pulse)).toBe(false);
    expect(access.view(NURSE, record, '2026-04-01T11:59:59.000Z').sees(pulse)).toBe(true);
  });
});

describe('a relationship', () => {
  it('belongs to the organisation that contributed the fragment where that names none', () => {
    expect(reasonsOf([giving('ours', 'encounter', { from: '2026-11-18' })], NOW)).toEqual(['contributor', 'encounter']);
  });

  it('belongs to whoever took over, from the day on which they did', () => {
    const gp = viewerIn('gp', { organisation: 'surgery' });
    const visit = giving('old-surgery', 'encounter', { from: '2026-11-01' });
    expect(reasonsOf([visit], '2026-11-19T12:00:00.000Z', gp)).toEqual([]);
    expect(reasonsOf([visit], '2026-11-20T12:00:00.000Z', gp)).toEqual(['contributor', 'encounter']);
    expect(reasonsOf([giving('elsewhere', 'referral', { names: [codeOf('old-ours')], from: '2026-11-01' })], NOW)).toEqual([
      'referral',
    ]);
  });

  it.each<[what: string, told: Partial<Fragment>, names: string[]]>([
    ['a fragment that was retracted', { action: 'retracted' }, [codeOf('ours')]],
    ['an organisation that takes no part', {}, ['https://fhir.nhs.uk/Id/ods-organization-code|ZZZ99']],
    ['what is no identifier', {}, ['ours']],
  ])('does not come of %s', (_, told, names) => {
    expect(reasonsOf([giving('elsewhere', 'encounter', { from: '2026-11-01', names }, told)], NOW)).toEqual([]);
  });

  it('does not come of a date that cannot be read', () => {
    expect(reasonsOf([giving('elsewhere', 'encounter', { from: 'lately', names: [codeOf('ours')] })], NOW)).toEqual([]);
  });

  it('counts for the whole person: for what was contributed about each of the persons that are linked', () => {
    const visit = giving('ours', 'encounter', { from: '2026-11-18' });
    const other = fragment('elsewhere', { subject: SOMEBODY_ELSE });
    const apart = recordOf(other);
    expect(access.view(NURSE, apart, NOW).permitted).toBe(false);
    expect(access.view(NURSE, linked(apart, recordOf(visit)), NOW).sees(other)).toBe(true);
    expect(access.view(NURSE, apart, NOW).permitted).toBe(false);
  });
});

describe('the registered practice', () => {
  const GP = viewerIn('gp', { organisation: 'surgery' });
  const registered = (owner: string, practice: string, from?: string, to?: string) =>
    giving(
      owner,
      'registered-practice',
      { names: [codeOf(practice)], ...(from && { from }), ...(to && { to }) },
      { type: 'Patient' },
    );
  const isRegistered = (fragments: readonly Fragment[], at: string) =>
    reasonsOf(fragments, at, GP).includes('registered-practice');

  it('keeps its relationship for 28 days after a registration that has ended', () => {
    const ended = [registered('ours', 'surgery', '2010-01-01', '2026-10-31')];
    expect(isRegistered(ended, '2026-11-28T23:59:59.000Z')).toBe(true);
    expect(isRegistered(ended, '2026-11-29T00:00:00.000Z')).toBe(false);
  });

  it('that has ended itself does not speak against where a hospital says that the person went', () => {
    const moved = [registered('harbour', 'harbour', '2020-01-01', '2025-01-01'), registered('ours', 'surgery', '2025-01-01')];
    expect(isRegistered(moved, NOW)).toBe(true);
  });

  it('is told by the codes of a Patient in manifests that were written before there were grounds', () => {
    expect(isRegistered([fragment('ours', { type: 'Patient', section: 'demographics', codes: [codeOf('surgery')] })], NOW)).toBe(
      true,
    );
    expect(isRegistered([fragment('ours', { codes: [codeOf('surgery')] })], NOW)).toBe(false);
  });
});

describe('somebody who acts for a person', () => {
  const seen = (...fragments: Fragment[]) =>
    newAccess().view(viewerIn('proxy'), recordOf(fragment('third', { section: 'problems' }), ...fragments), NOW).permitted;
  const named = giving('ours', 'proxy', { names: [SOMEBODY_ELSE] });

  const cares = (told: Partial<Ground>) => giving('third', 'caseload', { names: [codeOf('ours')], ...told });

  it('does so by the word of an organisation that cares for them, as another tells', () => {
    expect(seen(named, cares({ from: '2026-01-01' }))).toBe(true);
  });

  it('does not by the word of one that has only contributed, or cares for them no more', () => {
    expect(seen(named)).toBe(false);
    expect(seen(named, cares({ from: '2025-01-01', to: '2025-06-01' }))).toBe(false);
  });

  it.each(['encounter', 'caseload', 'referral', 'appointment'] as const)(
    'does not by the word of one that alone has told of its %s',
    (kind) => {
      expect(seen(named, giving('ours', kind, { from: '2026-11-18' }))).toBe(false);
    },
  );

  it('does by the word of one that has become part of another which does', () => {
    const former = giving('old-ours', 'proxy', { names: [SOMEBODY_ELSE] });
    expect(seen(former, cares({ from: '2026-01-01' }))).toBe(true);
  });
});
