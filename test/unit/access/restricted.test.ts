import { describe, expect, it } from 'vitest';
import type { Role } from '../../../shared/access/roles.ts';
import type { Fragment } from '../../../shared/record/fold.ts';
import { codeOf, fragment, giving, grantOf, linked, NOW, newAccess, recordOf, SOMEBODY_ELSE, viewerIn } from './people.ts';

const access = newAccess();
const NURSE = viewerIn('clinician');

const bodied = (owner: string, type: string, told: object, more: Partial<Fragment> = {}): Fragment =>
  fragment(owner, { type, body: JSON.stringify({ resourceType: type, ...told }), ...more });

const flagged = giving('elsewhere', 'restricted');
const admitted = giving('ours', 'encounter', { from: '2026-11-18' });
const home = { address: [{ line: ['5 Beacon Lane'], city: 'Christchurch', postalCode: 'BH23 9ZZ' }] };
const theirs = bodied('elsewhere', 'Patient', { name: [{ family: 'Fleet' }], ...home }, { section: 'demographics' });
const own = bodied('ours', 'Patient', { name: [{ family: 'Fleet' }], ...home }, { section: 'demographics' });
const note = bodied('elsewhere', 'Condition', { code: { text: 'Migraine, worse at 5 Beacon Lane' } }, { section: 'problems' });

describe('a person whose whereabouts nobody is to learn', () => {
  const record = recordOf(flagged, admitted, theirs, own, note);
  const view = access.view(NURSE, record, NOW);
  const told = (one: Fragment) => view.show(one)?.body ?? '';

  it('is shown with who they are and how they are, and without where', () => {
    expect(told(theirs)).toContain('Fleet');
    expect(told(theirs)).not.toMatch(/Beacon|Christchurch|BH23/);
    expect(told(note)).not.toMatch(/Beacon/);
    expect(view.fragments.find(({ fragmentId }) => fragmentId === theirs.fragmentId)).toBe(view.show(theirs));
  });

  it('is shown to a source as that source told it', () => {
    expect(view.show(own)).toBe(own);
    expect(view.decisions).toMatchObject({ 'demographics elsewhere': 'redacted', 'demographics ours': 'shown' });
  });

  it('is known to have something left out, so that nobody calls a copy from before current', () => {
    expect(view.redacts).toBe(true);
    expect(access.view(NURSE, recordOf(admitted, theirs), NOW).redacts).toBe(false);
    expect(access.isRestricted(record, NOW)).toBe(true);
  });

  it('is found by no older version either, nor by whoever breaks the glass, nor by the person’s own telephone', () => {
    const before = { ...theirs, version: 1, body: JSON.stringify({ resourceType: 'Patient', ...home }) };
    expect(view.show(before)?.body).not.toMatch(/Beacon|BH23/);
    const broken = access.view(NURSE, record, NOW, [grantOf(NURSE, 'break-glass')]);
    expect(broken.show(theirs)?.body).not.toMatch(/Beacon|BH23/);
    expect(access.view(viewerIn('person'), record, NOW).show(theirs)?.body).not.toMatch(/Beacon|BH23/);
  });

  it('is restricted as a whole when one of their linked records says so', () => {
    const other = { ...theirs, subject: SOMEBODY_ELSE };
    const whole = linked(recordOf(flagged, admitted), recordOf(other));
    expect(access.view(NURSE, whole, NOW).show(other)?.body).not.toMatch(/Beacon/);
  });

  it('is shown in a replay as they were shown then, to the byte', () => {
    const again = access.recallView(NURSE, record, view.decisions, NOW);
    expect(again.fragments.map(({ body }) => body)).toEqual(view.fragments.map(({ body }) => body));
    expect(again.redacts).toBe(true);
  });

  it('is no longer restricted when the flag has ended', () => {
    const lifted = recordOf(giving('elsewhere', 'restricted', { to: '2026-11-19' }), admitted, theirs);
    expect(access.view(NURSE, lifted, NOW).show(theirs)).toBe(theirs);
  });
});

describe('whom else to ring', () => {
  const contact = [{ name: { family: 'Aunt' }, telecom: [{ value: '07700 900123' }] }];
  const patient = bodied('elsewhere', 'Patient', { multipleBirthInteger: 2, contact }, { section: 'demographics' });
  // Another organisation tells that `elsewhere` cares for the person, so that its word makes a proxy.
  const acting = giving('elsewhere', 'proxy', { names: [SOMEBODY_ELSE] });
  const referred = giving('third', 'encounter', { from: '2026-11-18', names: [codeOf('elsewhere')] });
  const record = recordOf(patient, acting, referred, admitted);
  const told = (role: Role) => access.view(viewerIn(role), record, NOW).show(patient)?.body;

  it('is shown in a Patient to nobody who does not see that section', () => {
    expect(JSON.parse(told('proxy')!)).toEqual({ resourceType: 'Patient', multipleBirthInteger: 2 });
    expect(told('clinician')).toContain('Aunt');
  });

  it('is so too where a look is shown again', () => {
    for (const role of ['proxy', 'clinician'] as const) {
      const { decisions } = access.view(viewerIn(role), record, NOW);
      expect(access.recallView(viewerIn(role), record, decisions, NOW).show(patient)?.body).toBe(told(role));
    }
  });
});

describe('a restriction whose end comes before its beginning', () => {
  it('stands, for one of the two is a slip of the pen', () => {
    const optedOut = giving('third', 'opt-out', { from: '2026-12-01', to: '2026-01-01' });
    expect(access.view(NURSE, recordOf(optedOut, admitted, theirs), NOW).sees(theirs)).toBe(false);
  });
});

describe('what a person asked to seal', () => {
  it('is not told of by what asks it', () => {
    const sealed = fragment('elsewhere', { section: 'problems' });
    const seal = giving('elsewhere', 'sealed', { names: [sealed.fragmentId] });
    const record = recordOf(sealed, seal, admitted);
    expect(access.view(NURSE, record, NOW).sees(seal)).toBe(false);
    const self = viewerIn('person');
    expect(access.view(self, record, NOW).sees(seal)).toBe(true);
  });

  it('is withheld by itself alone, in every version, until the seal ends', () => {
    const [sealed, open] = [fragment('elsewhere', { section: 'problems' }), fragment('elsewhere', { section: 'problems' })];
    const seal = (to?: string) => giving('elsewhere', 'sealed', { names: [sealed.fragmentId], ...(to && { to }) });
    const seen = (to?: string) => {
      const view = access.view(NURSE, recordOf(sealed, open, seal(to), admitted), NOW);
      return [view.sees(sealed), view.sees({ ...sealed, version: 0 }), view.sees(open), view.classOf(sealed)];
    };
    expect(seen()).toEqual([false, false, true, 'problems elsewhere sealed']);
    expect(seen('2026-11-20T09:00:00Z')).toEqual([true, true, true, 'problems elsewhere']);
  });
});

describe('an opt-out', () => {
  it('stops what is told of the person, at the next contribution, but to each source of its own', () => {
    const [one, other] = [fragment('elsewhere'), fragment('third')];
    const optedOut = giving('ours', 'opt-out');
    expect(access.audience(recordOf(one, other), one, NOW)).toEqual(['elsewhere', 'third']);
    expect(access.audience(recordOf(one, other, optedOut), one, NOW)).toEqual(['elsewhere']);
  });
});
