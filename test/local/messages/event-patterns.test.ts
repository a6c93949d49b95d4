import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runningVerdicts } from '../../../infra/local/events/agreement/verdicts.ts';
import { compilePattern, InvalidEventPattern } from '../../../infra/local/events/pattern/pattern.ts';
import cases from '../../fixtures/event-patterns.json' with { type: 'json' };

interface ValidCase {
  readonly about: string;
  readonly pattern?: unknown;
  readonly patternText?: string;
  readonly matches: readonly unknown[];
  readonly misses: readonly unknown[];
}

describe('an event pattern', () => {
  it.each(cases.valid as readonly ValidCase[])('$about', ({ pattern, patternText, matches, misses }) => {
    const isMatch = compilePattern(patternText ?? pattern);
    for (const event of matches) expect([event, isMatch(event)]).toEqual([event, true]);
    for (const event of misses) expect([event, isMatch(event)]).toEqual([event, false]);
  });

  it.each(cases.invalid)('is refused with its place: $about', ({ pattern, reason, line, column }) => {
    const failure = failureOf(pattern);
    expect(failure).toMatchObject({ code: 'InvalidEventPatternException', line, column });
    expect(failure!.message).toBe(`Event pattern is not valid. Reason: ${reason} at [line: ${line}, column: ${column}]`);
  });

  it('says the same as a rule of a running bus', async () => {
    const valid = (cases.valid as readonly ValidCase[]).flatMap(({ about, pattern, patternText, matches, misses }) => {
      const text = patternText ?? JSON.stringify(pattern);
      const rows = [...matches.map((event) => ({ event, match: true })), ...misses.map((event) => ({ event, match: false }))];
      return rows.map(({ event, match }) => ({ about, pattern: text, event: JSON.stringify(event), match }));
    });
    const invalid = cases.invalid.map(({ about, pattern }) => ({ about, pattern, event: '{}', invalid: true as const }));
    const rows = [...valid, ...invalid];
    const verdicts = await runningVerdicts(rows);
    const found = rows.map((row, index) => [row.about, row.event, verdicts[index]]);
    expect(found).toEqual(rows.map((row) => [row.about, row.event, 'match' in row ? row.match : 'invalid']));
  });

  it('stops multiplying alternatives at a thousand', () => {
    const or = (prefix: string) => ({ $or: Array.from({ length: 11 }, (_, n) => ({ [`${prefix}${n}`]: [1] })) });
    const pattern = JSON.stringify({ a: or('a'), b: or('b'), c: or('c') });
    expect(failureOf(pattern)!.message).toContain('more than 1000 combinations');
  });

  it('agrees with the plainest reading of texts, prefixes, negations and absence, whatever the event', () => {
    const text = fc.constantFrom('', 'a', 'ab', 'abc', 'b', 'ba');
    const value = fc.oneof(text, fc.constant(undefined));
    fc.assert(
      fc.property(text, value, (wanted, given) => {
        const event = given === undefined ? {} : { f: given };
        const holds = (expression: unknown) => compilePattern({ f: [expression] })(event);
        expect(holds(wanted)).toBe(given === wanted);
        expect(holds({ prefix: wanted })).toBe(given?.startsWith(wanted) ?? false);
        expect(holds({ suffix: wanted })).toBe(given?.endsWith(wanted) ?? false);
        if (wanted !== '') expect(holds({ wildcard: `*${wanted}*` })).toBe(given?.includes(wanted) ?? false);
        expect(holds({ 'anything-but': wanted })).toBe(given !== undefined && given !== wanted);
        expect(holds({ exists: false })).toBe(given === undefined);
      }),
    );
  });

  it('takes wildcards apart in linear time', () => {
    const isMatch = compilePattern({ a: [{ wildcard: `${'*a'.repeat(50)}*b` }] });
    // Were every way of taking it apart tried, this would never end.
    expect(isMatch({ a: 'a'.repeat(200_000) })).toBe(false);
  });
});

function failureOf(pattern: string): InvalidEventPattern | undefined {
  try {
    compilePattern(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidEventPattern) return error;
    throw error;
  }
}
