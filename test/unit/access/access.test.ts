import { describe, expect, it } from 'vitest';
import { createAccess } from '../../../shared/access/access.ts';
import { loadPolicies } from '../../../shared/access/policy-set.ts';
import { systemViewer } from '../../../shared/access/viewer.ts';
import { createDirectory, type Organisation } from '../../../shared/directory/directory.ts';
import type { Fold, Fragment, PersonRecord } from '../../../shared/record/fold.ts';
import { emptyFold } from '../../../shared/record/fold.ts';
import { partnershipOf } from '../../partnership.ts';
import { fragment, PERSON, NOW as TODAY, texts } from './people.ts';

const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';
const RESTRICTED = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality|R';

const organisation = (id: string, told: Partial<Organisation> = {}): Organisation => ({
  id,
  kind: 'trust',
  names: [{ value: id }],
  codes: [],
  successors: [],
  ...told,
});

const directory = createDirectory([
  organisation('uhd'),
  organisation('poole', { successors: [{ organisation: 'uhd', on: '2020-10-01' }] }),
  organisation('surgery', { kind: 'gp-practice', codes: [{ value: { system: ODS, value: 'X99001' } }] }),
  organisation('council', { kind: 'council' }),
]);
const access = createAccess(loadPolicies(texts), partnershipOf(directory));

function record(...fragments: Fragment[]): PersonRecord {
  const fold: Fold = {
    ...emptyFold(PERSON),
    sequence: fragments.length,
    recordedAt: TODAY,
    fragments: new Map(fragments.map((one) => [one.fragmentId, one])),
    contributors: new Set(fragments.map(({ owner }) => owner)),
  };
  return { personId: PERSON, folds: [fold] };
}

const registeredWith = (code: string) => fragment('uhd', { type: 'Patient', section: 'demographics', codes: [`${ODS}|${code}`] });

describe('who sees a record', () => {
  it.each([
    ['an organisation that contributed', 'uhd', record(fragment('uhd')), 1],
    ['an organisation that did not', 'council', record(fragment('uhd')), 0],
    ['an organisation that is not in the directory', 'nobody', record(fragment('uhd')), 0],
    ['the registered practice, before it contributes', 'surgery', record(fragment('uhd'), registeredWith('X99001')), 2],
    ['a practice that is not the registered one', 'surgery', record(fragment('uhd'), registeredWith('X99002')), 0],
    ['who took over from a contributor', 'uhd', record(fragment('poole')), 1],
    ['a client that still speaks for a predecessor', 'poole', record(fragment('uhd')), 1],
    [
      'another contributor: all but what is restricted',
      'council',
      record(fragment('council'), fragment('uhd', { labels: [RESTRICTED] })),
      1,
    ],
    [
      'the source itself: also what is restricted',
      'uhd',
      record(fragment('council'), fragment('uhd', { labels: [RESTRICTED] })),
      2,
    ],
    ['anyone, of nobody', 'uhd', record(), 0],
  ])('%s', (_who, organisation, person, seen) => {
    const view = access.view(systemViewer(organisation), person, TODAY);
    expect(view.fragments).toHaveLength(seen);
    expect(view.permitted).toBe(seen > 0);
    const total = [...Object.values(view.shown), ...Object.values(view.withheld)].reduce((sum, number) => sum + number, 0);
    expect(total).toBe(person.folds[0]!.fragments.size);
  });

  it('does not show an old version of what is withheld now', () => {
    const open = fragment('uhd');
    const person = record(fragment('council'), { ...open, labels: [RESTRICTED], version: 2 });
    expect(access.view(systemViewer('council'), person, TODAY).sees(open)).toBe(false);
    expect(access.view(systemViewer('uhd'), person, TODAY).sees(open)).toBe(true);
  });

  it('tells of a fragment only those who may see it', () => {
    const hidden = fragment('uhd', { labels: [RESTRICTED] });
    const open = fragment('council');
    const person = record(hidden, open, registeredWith('X99001'));
    expect(access.audience(person, open, TODAY)).toEqual(['council', 'surgery', 'uhd']);
    expect(access.audience(person, hidden, TODAY)).toEqual(['uhd']);
  });

  it('remembers nothing past what it was asked about: a new contribution changes the answer', () => {
    const before = record(fragment('uhd'));
    expect(access.view(systemViewer('council'), before, TODAY).permitted).toBe(false);
    expect(
      access.view(systemViewer('council'), record(...before.folds[0]!.fragments.values(), fragment('council')), TODAY).permitted,
    ).toBe(true);
  });

  it('lets every partner look up a directory', () => {
    expect(access.mayLookUp(systemViewer('council'), 'uhd', TODAY)).toBe(true);
  });
});
