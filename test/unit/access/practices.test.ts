import { describe, expect, it } from 'vitest';
import type { Fragment, PersonRecord } from '../../../shared/record/fold.ts';
import type { Ruler } from '../../../shared/record/rulings.ts';
import { codeOf, giving, newAccess, recordOf, ruled, viewerIn } from './people.ts';

const access = newAccess();

/** A statement that a practice is the registered one, by an organisation, recorded on a day of 2026. */
const says = (owner: string, practice: string, on: string, told: { from?: string; to?: string } = {}): Fragment =>
  giving(
    owner,
    'registered-practice',
    { names: [practice.includes('|') ? practice : codeOf(practice)], since: instant(on), ...told },
    { recordedAt: instant(on), type: 'Patient', ...(owner === 'pds' ? { source: 'pds' } : {}) },
  );

const instant = (on: string): string => `2026-${on}T09:00:00.000Z`;

type Standing = 'confirmed' | 'established' | 'claimed' | undefined;

/** How a practice stands to the person of a record on a day. */
function standing(record: PersonRecord, practice: string, on: string): Standing {
  const { relationships } = access.view(viewerIn('gp', { organisation: practice }), record, instant(on));
  if (relationships.includes('confirmed-practice')) return 'confirmed';
  if (relationships.includes('established-practice')) return 'established';
  return relationships.includes('registered-practice') ? 'claimed' : undefined;
}

/** The same of several practices. */
const standings = (record: PersonRecord, on: string) => ['surgery', 'harbour'].map((practice) => standing(record, practice, on));

const LEEDS = 'https://fhir.nhs.uk/Id/ods-organization-code|B86999';

describe('a claim to be the registered practice', () => {
  it('counts at once, by the practice’s own word or another’s for it, and is settled after fourteen days', () => {
    for (const owner of ['surgery', 'ours']) {
      const record = recordOf(says(owner, 'surgery', '10-01'));
      expect(standing(record, 'surgery', '10-01')).toBe('claimed');
      expect(standing(record, 'surgery', '10-14')).toBe('claimed');
      expect(standing(record, 'surgery', '10-15')).toBe('established');
    }
  });

  it('is as old as its first recording, whatever it says of the day on which the registration began', () => {
    const record = recordOf(says('surgery', 'surgery', '10-01', { from: '1999-01-01' }));
    expect(standing(record, 'surgery', '10-02')).toBe('claimed');
  });

  it('is never confirmed by silence', () => {
    expect(standing(recordOf(says('surgery', 'surgery', '01-01')), 'surgery', '11-01')).toBe('established');
  });

  it('is confirmed by a source that traces NHS numbers, and not by that of the practice itself', () => {
    const own = says('surgery', 'surgery', '10-01');
    expect(standing(recordOf(own, says('pds', 'surgery', '10-02')), 'surgery', '10-02')).toBe('confirmed');
    const itself = { ...says('pds', 'pds', '10-01') };
    expect(standing(recordOf(itself), 'pds', '10-02')).toBe('claimed');
  });

  it.each<[Ruler, Standing]>([
    ['person', 'confirmed'],
    ['records-office', 'confirmed'],
    ['practice', 'claimed'],
    ['organisation', 'claimed'],
  ])('is confirmed by a ruling of the %s: %s', (by, expected) => {
    const record = ruled(recordOf(says('surgery', 'surgery', '10-01')), {
      ...{ fact: 'practice', about: 'surgery', decision: 'confirmed', by },
      recordedAt: instant('10-03'),
    });
    expect(standing(record, 'surgery', '10-04')).toBe(expected);
  });
});

describe('a claim that competes with a practice that is there', () => {
  const confirmed = [says('surgery', 'surgery', '01-01'), says('pds', 'surgery', '01-01')];
  const claim = says('harbour', 'harbour', '10-01');

  it('counts likewise, and the earlier practice stays', () => {
    expect(standings(recordOf(...confirmed, claim), '10-02')).toEqual(['confirmed', 'claimed']);
    expect(standings(recordOf(...confirmed, says('ours', 'harbour', '10-01')), '10-02')).toEqual(['confirmed', 'claimed']);
  });

  it('has the earlier one leave, 28 days later, once it is uncontested for fourteen', () => {
    const record = recordOf(...confirmed, claim);
    expect(standings(record, '10-15')).toEqual(['confirmed', 'established']);
    expect(standings(record, '11-11')).toEqual(['confirmed', 'established']);
    expect(standings(record, '11-12')).toEqual([undefined, 'established']);
  });

  it('is not settled by silence where another organisation makes it, and the earlier practice says that it is the one', () => {
    const record = recordOf(...confirmed, says('ours', 'harbour', '10-01'));
    expect(standings(record, '12-01')).toEqual(['confirmed', 'claimed']);
  });

  it.each<[Ruler, Standing]>([
    ['practice', 'claimed'],
    ['organisation', 'established'],
    ['person', undefined],
    ['records-office', undefined],
  ])('that the %s contests is: %s', (by, expected) => {
    const contest = { fact: 'practice', about: 'harbour', decision: 'contested', by, recordedAt: instant('10-05') } as const;
    expect(standing(ruled(recordOf(...confirmed, claim), contest), 'harbour', '10-20')).toBe(expected);
  });

  it('that was contested for an earlier claim can be made again', () => {
    const contest = { fact: 'practice', about: 'harbour', decision: 'contested', by: 'practice' } as const;
    const record = ruled(recordOf(...confirmed, claim), { ...contest, recordedAt: instant('09-01') });
    expect(standing(record, 'harbour', '10-20')).toBe('established');
  });

  it('is not settled where a tracing source has named another practice since', () => {
    const record = recordOf(says('surgery', 'surgery', '01-01'), claim, says('pds', 'surgery', '10-03'));
    expect(standings(record, '12-01')).toEqual(['confirmed', undefined]);
  });

  it('is confirmed by a tracing source: the earlier one leaves then', () => {
    const record = recordOf(...confirmed, claim, says('pds', 'harbour', '10-03'));
    expect(standings(record, '10-04')).toEqual(['confirmed', 'confirmed']);
    expect(standings(record, '10-31')).toEqual([undefined, 'confirmed']);
  });

  it('is no reason for the earlier practice to come back where some source still names it', () => {
    const record = recordOf(...confirmed, says('ours', 'surgery', '02-01'), says('pds', 'harbour', '10-03'));
    expect(standings(record, '12-01')).toEqual([undefined, 'confirmed']);
  });

  it('does not have a former practice named again by a system that joined late', () => {
    const record = recordOf(
      says('harbour', 'harbour', '01-01'),
      says('pds', 'harbour', '01-01'),
      says('ours', 'surgery', '10-01'),
    );
    expect(standings(record, '12-01')).toEqual(['claimed', 'confirmed']);
  });
});

describe('a practice that ends its own registration', () => {
  const ended = says('surgery', 'surgery', '01-01', { to: instant('10-05') });
  const traced = says('pds', 'surgery', '01-01');

  it('confirms the one practice that had claimed the person by then', () => {
    const record = recordOf(ended, traced, says('harbour', 'harbour', '10-01'));
    expect(standings(record, '10-04')).toEqual(['confirmed', 'claimed']);
    expect(standings(record, '10-06')).toEqual(['confirmed', 'confirmed']);
    expect(standings(record, '11-03')).toEqual([undefined, 'confirmed']);
  });

  it('confirms nobody who claims the person later', () => {
    expect(standing(recordOf(ended, traced, says('harbour', 'harbour', '10-06')), 'harbour', '10-07')).toBe('claimed');
  });

  it('confirms none of two that claim the person', () => {
    const record = recordOf(ended, traced, says('harbour', 'harbour', '10-01'), says('council', 'council', '10-02'));
    expect(standing(record, 'harbour', '10-06')).toBe('claimed');
  });

  it('passes on no more than it had: a chain of claims confirms nobody', () => {
    const record = recordOf(ended, says('harbour', 'harbour', '10-01'));
    expect(standing(record, 'harbour', '10-06')).toBe('established');
    const fresh = says('surgery', 'surgery', '10-03', { to: instant('10-05') });
    expect(standing(recordOf(fresh, says('harbour', 'harbour', '10-04')), 'harbour', '10-06')).toBe('claimed');
  });

  it('ends what others said of it before', () => {
    const record = recordOf(ended, says('ours', 'surgery', '02-01'));
    expect(standing(record, 'surgery', '11-01')).toBe('established');
    expect(standing(record, 'surgery', '11-03')).toBe(undefined);
  });
});

describe('a practice that is no partner', () => {
  it('never blocks: a claim beside it counts at once, and is settled', () => {
    const record = recordOf(says('pds', LEEDS, '01-01'), says('harbour', 'harbour', '10-01'));
    expect(standing(record, 'harbour', '10-01')).toBe('claimed');
    expect(standing(record, 'harbour', '10-15')).toBe('established');
    expect(access.practices(record, instant('10-02'))).toEqual(['B86999', 'harbour']);
  });

  it('ends an earlier practice once a tracing source names it', () => {
    const record = recordOf(says('surgery', 'surgery', '01-01'), says('pds', 'surgery', '01-01'), says('pds', LEEDS, '10-01'));
    expect(standing(record, 'surgery', '10-28')).toBe('confirmed');
    expect(standing(record, 'surgery', '10-29')).toBe(undefined);
  });
});

describe('a restricted person', () => {
  it('keeps the practice that a tracing source names no longer, for it leaves that out', () => {
    const record = recordOf(says('surgery', 'surgery', '01-01'), says('pds', 'surgery', '01-01', { to: instant('06-01') }));
    expect(standing(record, 'surgery', '11-01')).toBe('confirmed');
  });
});
