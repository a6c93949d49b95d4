import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { find, type Resource } from './record.ts';

/**
 * Searches against models that are as plain as the words of the standard: no ranges of milliseconds, no index, no folding.
 */

const numbered = (resourceType: string, rest: object[]): Resource[] =>
  rest.map((each, index) => ({ resourceType, id: `r${index}`, ...each }));
const expectedIds = <T>(list: readonly T[], holds: (each: T) => boolean): string[] =>
  list.flatMap((each, index) => (holds(each) ? [`r${index}`] : []));

describe('a token search agrees with its model', () => {
  const coding = fc.record(
    { system: fc.constantFrom('urn:a', 'urn:b'), code: fc.constantFrom('x', 'y', 'z') },
    { requiredKeys: [] },
  );
  const codings = fc.array(fc.array(coding, { maxLength: 3 }), { maxLength: 12 });
  const searched = fc.record({
    system: fc.constantFrom(undefined, '', 'urn:a', 'urn:b'),
    code: fc.constantFrom('x', 'y', 'Z', ''),
    not: fc.boolean(),
  });

  it('with and without system, with and without :not', () => {
    fc.assert(
      fc.property(codings, searched, (list, { system, code, not }) => {
        fc.pre(code !== '' || (system !== undefined && system !== ''));
        const isMatch = (found: { system?: string; code?: string }) =>
          (code === '' || found.code === code.toLowerCase()) && (system === undefined || (found.system ?? '') === system);
        const resources = numbered(
          'Condition',
          list.map((each) => (each.length === 0 ? {} : { code: { coding: each } })),
        );
        const value = system === undefined ? code : `${system}|${code}`;
        const expected = expectedIds(list, (each) => each.some(isMatch) !== not);
        expect(find(resources, `Condition?code${not ? ':not' : ''}=${encodeURIComponent(value)}`)).toEqual(expected);
      }),
    );
  });
});

describe('a date search agrees with its model', () => {
  // Days and months of one year, as sets of days: what a range is, without any arithmetic on instants.
  const days = Array.from({ length: 366 }, (_, index) => new Date(Date.UTC(2024, 0, 1 + index)).toISOString().slice(0, 10));
  const date = fc.oneof(
    fc.constantFrom(...days),
    fc.constantFrom(...days).map((day) => day.slice(0, 7)),
  );
  const coveredBy = (text: string) => days.filter((day) => day.startsWith(text));
  const period = fc
    .tuple(date, date)
    .map(([one, other]) => (one < other ? { start: one, end: other } : { start: other, end: one }));
  const occurrence = fc.oneof(
    date.map((effectiveDateTime) => ({ effectiveDateTime, covered: coveredBy(effectiveDateTime) })),
    period
      .map(({ start, end }) => ({
        start,
        end,
        covered: days.filter((day) => day >= start && (day <= end || day.startsWith(end))),
      }))
      .filter(({ covered }) => covered.length > 0)
      .map(({ start, end, covered }) => ({ effectivePeriod: { start, end }, covered })),
  );

  const MODELS: Readonly<Record<string, (found: readonly string[], searched: readonly string[]) => boolean>> = {
    '': (found, searched) => found.every((day) => searched.includes(day)),
    eq: (found, searched) => found.every((day) => searched.includes(day)),
    ne: (found, searched) => !found.every((day) => searched.includes(day)),
    gt: (found, searched) => found.some((day) => day > searched.at(-1)!),
    lt: (found, searched) => found.some((day) => day < searched[0]!),
    ge: (found, searched) => found.some((day) => day >= searched[0]!),
    le: (found, searched) => found.some((day) => day <= searched.at(-1)!),
    sa: (found, searched) => found.every((day) => day > searched.at(-1)!),
    eb: (found, searched) => found.every((day) => day < searched[0]!),
  };

  it.each(Object.keys(MODELS))('with the prefix "%s"', (prefix) => {
    fc.assert(
      fc.property(fc.array(occurrence, { maxLength: 12 }), date, (list, searched) => {
        const resources = numbered(
          'Observation',
          list.map(({ covered: _, ...rest }) => rest),
        );
        const expected = expectedIds(list, ({ covered }) => MODELS[prefix]!(covered, coveredBy(searched)));
        expect(find(resources, `Observation?date=${prefix}${searched}`)).toEqual(expected);
      }),
    );
  });
});

describe('a quantity search agrees with its model', () => {
  // Thousandths as whole numbers, so that the model never rounds.
  const thousandths = fc.integer({ min: -99_999, max: 99_999 });
  const written = (value: number, digits: number) => (value / 1000).toFixed(digits);

  it.each([0, 1, 2, 3])('of numbers searched with %i decimals', (digits) => {
    fc.assert(
      fc.property(fc.array(thousandths, { maxLength: 20 }), thousandths, (list, searched) => {
        const text = written(searched, digits);
        const centre = Math.round(Number(text) * 1000);
        const half = (1000 / 10 ** digits) * 5;
        const isEqual = (value: number) => value * 10 >= centre * 10 - half && value * 10 < centre * 10 + half;
        const resources = numbered(
          'Observation',
          list.map((value) => ({ valueQuantity: { value: Number(written(value, 3)) } })),
        );
        const found = (prefix: string) => find(resources, `Observation?value-quantity=${prefix}${text}`);
        expect(found('')).toEqual(expectedIds(list, isEqual));
        expect(found('ne')).toEqual(expectedIds(list, (value) => !isEqual(value)));
        expect(found('gt')).toEqual(expectedIds(list, (value) => value > centre));
        expect(found('le')).toEqual(expectedIds(list, (value) => value <= centre));
      }),
    );
  });
});

describe('alternatives and conditions', () => {
  const statuses = fc.array(fc.constantFrom('final', 'amended', 'registered', 'preliminary'), { maxLength: 12 });
  const some = fc.uniqueArray(fc.constantFrom('final', 'amended', 'registered'), { minLength: 1 });

  it('a comma is or, a repetition is and', () => {
    fc.assert(
      fc.property(statuses, some, some, (list, one, other) => {
        const resources = numbered(
          'Observation',
          list.map((status) => ({ status })),
        );
        const expected = expectedIds(list, (status) => one.includes(status as never) && other.includes(status as never));
        expect(find(resources, `Observation?status=${one.join()}&status=${other.join()}`)).toEqual(expected);
      }),
    );
  });

  it('what is escaped is found as it was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(',', '|', '$', '\\', 'a', 'b'), minLength: 1 }), (code) => {
        const resources = numbered('Condition', [
          { code: { coding: [{ system: 'urn:a', code }] } },
          { code: { coding: [{ system: 'urn:a', code: `${code}-` }] } },
        ]);
        const escaped = code.replace(/[\\,|$]/g, '\\$&');
        expect(find(resources, `Condition?code=${encodeURIComponent(`urn:a|${escaped}`)}`)).toEqual(['r0']);
      }),
    );
  });
});
