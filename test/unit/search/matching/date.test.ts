import { describe, expect, it } from 'vitest';
import { dateRange } from '../../../../shared/fhir/search/matching/ranges.ts';
import { find, type Resource, refusalOf } from '../record.ts';

const observation = (id: string, effective: Readonly<Record<string, unknown>>): Resource => ({
  resourceType: 'Observation',
  id,
  ...effective,
});
const at = (dateTime: string) => observation(dateTime, { effectiveDateTime: dateTime });
const during = (id: string, start?: string, end?: string) => observation(id, { effectivePeriod: { start, end } });

describe('the examples of the R4 search page', () => {
  const until = during('until 21 Jan', undefined, '2013-01-21');
  const from21 = during('from 21 Jan', '2013-01-21');
  const from15 = during('from 15 Mar', '2013-03-15');

  it.each([
    ['eq2013-01-14', at('2013-01-14T00:00:00Z'), true],
    ['eq2013-01-14', at('2013-01-14T10:00:00Z'), true],
    ['eq2013-01-14', at('2013-01-15T00:00:00Z'), false],
    ['ne2013-01-14', at('2013-01-15T00:00:00Z'), true],
    ['ne2013-01-14', at('2013-01-14T00:00:00Z'), false],
    ['ne2013-01-14', at('2013-01-14T10:00:00Z'), false],
    ['lt2013-01-14T10:00', at('2013-01-14'), true],
    ['gt2013-01-14T10:00', at('2013-01-14'), true],
    ['ge2013-03-14', from21, true],
    ['le2013-03-14', from21, true],
    ['sa2013-03-14', from15, true],
    ['sa2013-03-14', from21, false],
    ['sa2013-03-14', until, false],
    ['eb2013-03-14', from15, false],
    ['eb2013-03-14', from21, false],
    ['eb2013-03-14', until, true],
    ['ap2013-03-14', at('2013-03-14'), true],
    ['ap2013-03-14', at('2013-01-21'), true],
    ['ap2013-03-14', at('2015-06-15'), false],
  ])('date=%s and %j: %s', (date, resource, isFound) => {
    const found = find([resource], `Observation?date=${date}`, { now: '2019-11-01T00:00:00Z' });
    expect(found.length === 1).toBe(isFound);
  });
});

describe('a date', () => {
  const resources = [
    at('2024'),
    at('2024-03'),
    at('2024-03-14'),
    at('2024-03-14T23:30:00Z'),
    at('2024-03-15T00:30:00+01:00'),
    at('2024-03-14T10:00:00.5Z'),
    during('14 to 16', '2024-03-14', '2024-03-16'),
    during('never', undefined, undefined),
    observation('instant', { effectiveInstant: '2024-03-14T10:00:00.123Z' }),
    observation('events', { effectiveTiming: { event: ['2024-03-10', '2024-03-20'] } }),
    observation('bounds', { effectiveTiming: { repeat: { boundsPeriod: { start: '2024-04-01' } } } }),
    observation('undated', {}),
  ];

  it.each([
    ['date=2024-03-14', ['2024-03-14', '2024-03-14T23:30:00Z', '2024-03-15T00:30:00+01:00', '2024-03-14T10:00:00.5Z', 'instant']],
    ['date=2024-03-14T10:00Z', ['2024-03-14T10:00:00.5Z', 'instant']],
    ['date=2024-03-14T10:00:00.123Z', ['instant']],
    ['date=2024-03-15T00:30:00%2B01:00', ['2024-03-14T23:30:00Z', '2024-03-15T00:30:00+01:00']],
    ['date=2024-03-15T00:30:00+01:00', ['2024-03-14T23:30:00Z', '2024-03-15T00:30:00+01:00']],
    [
      'date=2024-03-14,2024-04',
      ['2024-03-14', '2024-03-14T23:30:00Z', '2024-03-15T00:30:00+01:00', '2024-03-14T10:00:00.5Z', 'instant'],
    ],
    ['date=sa2024-03-16', ['bounds']],
    ['date=gt2024-03-16', ['2024', '2024-03', 'events', 'bounds']],
    ['date=ge2024-03-16', ['2024', '2024-03', '14 to 16', 'events', 'bounds']],
    ['date=ge2024-03-20&date=lt2024-03-21', ['2024', '2024-03', 'events']],
    ['date=eb2024-03-14T10:00:01Z', ['2024-03-14T10:00:00.5Z', 'instant']],
    ['date:missing=true', ['never', 'undated']],
  ])('%s finds %j', (query, ids) => {
    expect(find(resources, `Observation?${query}`)).toEqual(ids);
  });

  it('that is only words is no date', () => {
    const immunization = { resourceType: 'Immunization', id: 'childhood', occurrenceString: '2013-01-14' };
    expect(find([immunization], 'Immunization?date=2013-01-14')).toEqual([]);
  });

  it.each([
    '2024-02-30',
    '2023-02-29',
    '2024-13',
    '24-01-01',
    '2024-1-1',
    '2024-01-01T25:00:00Z',
    '2024-01-01T10',
    'yesterday',
    'xx2024-01-01',
    '01/02/2024',
    '2024-01-01|',
  ])('%s is refused, without being repeated', (value) => {
    expect(refusalOf(`Observation?date=${value}`)).toEqual(['bad-parameter Observation?date']);
  });

  it('knows leap years, the first century and fractions of seconds', () => {
    expect(dateRange('2024-02-29')).toEqual({ low: Date.parse('2024-02-29'), high: Date.parse('2024-03-01') });
    expect(dateRange('0050')).toEqual({ low: Date.parse('0050-01-01'), high: Date.parse('0051-01-01') });
    expect(dateRange('2024-01-01T00:00:00.25Z')).toEqual({
      low: Date.parse('2024-01-01T00:00:00.250Z'),
      high: Date.parse('2024-01-01T00:00:00.260Z'),
    });
  });
});
