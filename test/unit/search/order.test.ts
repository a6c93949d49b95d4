import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { find, type Resource, recordOf, searchCounted, searchIn } from './record.ts';

const observations: readonly Resource[] = [
  { resourceType: 'Observation', id: 'b', effectiveDateTime: '2024-03-02', status: 'final', valueQuantity: { value: 10 } },
  { resourceType: 'Observation', id: 'undated', status: 'amended' },
  { resourceType: 'Observation', id: 'a', effectiveDateTime: '2024-03-02', status: 'amended', valueQuantity: { value: 9 } },
  { resourceType: 'Observation', id: 'year', effectiveDateTime: '2024', status: 'final', valueString: 'x' },
  {
    resourceType: 'Observation',
    id: 'open',
    effectivePeriod: { end: '2024-02-01' },
    meta: { lastUpdated: '2024-05-01T00:00:00.000Z' },
  },
];

describe('_sort', () => {
  it.each([
    ['', ['b', 'undated', 'a', 'year', 'open']],
    ['_sort=date', ['year', 'open', 'a', 'b', 'undated']],
    ['_sort=-date', ['a', 'b', 'open', 'year', 'undated']],
    ['_sort=status,-date', ['a', 'undated', 'b', 'year', 'open']],
    ['_sort=status&_sort=-date', ['a', 'undated', 'b', 'year', 'open']],
    ['_sort=value-quantity', ['a', 'b', 'open', 'undated', 'year']],
    ['_sort=-_id', ['year', 'undated', 'open', 'b', 'a']],
    ['_sort=_lastUpdated', ['open', 'a', 'b', 'undated', 'year']],
    ['_sort=status,-date,status,-date&_sort=status', ['a', 'undated', 'b', 'year', 'open']],
  ])('%s', (query, ids) => {
    expect(find(observations, `Observation?${query}`)).toEqual(ids);
  });

  it('takes the least of several values, or the greatest for the reverse', () => {
    const patients: readonly Resource[] = [
      { resourceType: 'Patient', id: 'az', name: [{ family: 'Adams' }, { family: 'Zeal' }] },
      { resourceType: 'Patient', id: 'm', name: [{ family: 'Moore' }] },
    ];
    expect(find(patients, 'Patient?_sort=family')).toEqual(['az', 'm']);
    expect(find(patients, 'Patient?_sort=-family')).toEqual(['az', 'm']);
  });

  const resource = fc
    .record({
      effectiveDateTime: fc.option(fc.constantFrom('2024', '2024-01', '2024-01-02', '2024-01-02T10:00:00Z', '2023-12-31'), {
        nil: undefined,
      }),
      status: fc.constantFrom('final', 'amended', 'registered'),
      valueQuantity: fc.option(fc.record({ value: fc.integer({ min: -3, max: 3 }) }), { nil: undefined }),
    })
    .map((rest) => ({ resourceType: 'Observation', ...rest }));
  const resources = fc
    .array(resource, { maxLength: 30 })
    .map((list) => list.map((each, index): Resource => ({ ...each, id: `o${index}` })));
  const sort = fc.uniqueArray(fc.constantFrom('date', '-date', 'status', '-status', 'value-quantity', '-value-quantity'), {
    minLength: 1,
    selector: (key) => key.replace('-', ''),
  });

  it('gives one order, whatever order the record has', () => {
    fc.assert(
      fc.property(resources, sort, fc.integer(), (list, keys, seed) => {
        const address = `Observation?_sort=${keys.join()}`;
        const shuffled = list
          .map((each, index) => [(index * 7919 + seed) % 31, each] as const)
          .sort(([one], [other]) => one - other);
        expect(
          find(
            shuffled.map(([, each]) => each),
            address,
          ),
        ).toEqual(find(list, address));
      }),
    );
  });

  it('parts into pages that together are the whole, each match once', () => {
    fc.assert(
      fc.property(resources, sort, fc.integer({ min: 1, max: 7 }), (list, keys, count) => {
        const record = recordOf(list);
        const pages: string[] = [];
        for (let offset = 0; offset < list.length; offset += count) {
          // Each page is a search of its own, as it is for a server that remembers nothing between them.
          const { matches } = searchIn(record, `Observation?_sort=${keys.join()}`);
          pages.push(...matches.slice(offset, offset + count).map(({ id }) => id));
        }
        expect(pages).toHaveLength(list.length);
        expect(new Set(pages)).toEqual(new Set(list.map(({ id }) => id)));
      }),
    );
  });

  it('puts a long list in the order of a short one, in steps', async () => {
    const many = Array.from(
      { length: 5_000 },
      (_, index): Resource => ({
        resourceType: 'Observation',
        id: `o${index}`,
        effectiveDateTime: `20${String((index * 37) % 100).padStart(2, '0')}`,
        status: index % 3 === 0 ? 'final' : 'amended',
      }),
    );
    const year = ({ effectiveDateTime }: Resource) => String(effectiveDateTime);
    const expected = many.toSorted(
      (one, other) =>
        String(one.status).localeCompare(String(other.status)) ||
        year(other).localeCompare(year(one)) ||
        (one.id < other.id ? -1 : 1),
    );
    const { found, work } = await searchCounted(many, 'Observation?_sort=status,-date');
    expect(found).toEqual(expected.map(({ id }) => id));
    expect(work.longestSlice).toBeLessThan(3_000);
  });
});
