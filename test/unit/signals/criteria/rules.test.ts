import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../../../infra/local/events/pattern/pattern.ts';
import { compileCriteria } from '../../../../shared/signals/criteria/compile.ts';
import { hasProblems } from '../../../../shared/signals/criteria/criteria.ts';
import { DIRECTORY, holds, MEANT, routing, textOf, tree } from './arbitrary.ts';

const compiled = (text: string, organisation = 'council') => {
  const result = compileCriteria(text, { organisation, directory: DIRECTORY });
  if (hasProblems(result)) throw new Error(JSON.stringify(result.problems));
  return result;
};
const pattern = (text: string, organisation?: string) => JSON.parse(compiled(text, organisation).pattern);
const event = (facets: unknown, audience: readonly string[] = ['council']) => ({
  source: 'chesil.record',
  detail: { audience, routing: facets },
});

describe('the rule of a subscription', () => {
  it('matches exactly those events for which the criteria hold', () => {
    const seen = { met: 0, unmet: 0, never: 0 };
    fc.assert(
      fc.property(tree, fc.nat(19), fc.array(routing, { minLength: 8, maxLength: 8 }), (criteria, style, events) => {
        const result = compileCriteria(textOf(criteria, style), { organisation: 'council', directory: DIRECTORY });
        if (hasProblems(result)) {
          expect(result.problems.map(({ at }) => at)).toEqual([undefined]);
          seen.never++;
          // What can never hold is refused; what is too much for a rule may hold.
          if (result.problems[0]!.code === 'bad-criteria')
            for (const facets of events) expect(holds(criteria, facets)).toBe(false);
          return;
        }
        const matches = compilePattern(result.pattern);
        for (const facets of events) {
          const isMet = holds(criteria, facets);
          expect(matches(event(facets))).toBe(isMet);
          expect(matches(event(facets, ['practice', 'both']))).toBe(false);
          seen[isMet ? 'met' : 'unmet']++;
        }
      }),
      { numRuns: 2_000 },
    );
    expect(Math.min(seen.met, seen.unmet, seen.never)).toBeGreaterThan(50);
  });

  it('is the same however the criteria are written', () => {
    fc.assert(
      fc.property(tree, fc.nat(19), fc.nat(19), (criteria, one, other) => {
        const read = (style: number) =>
          compileCriteria(textOf(criteria, style), { organisation: 'council', directory: DIRECTORY });
        const problemOf = (result: ReturnType<typeof read>) => (hasProblems(result) ? result.problems[0]!.code : result.pattern);
        expect(problemOf(read(one))).toBe(problemOf(read(other)));
      }),
    );
  });

  it('asks for the audience, and for what the criteria say', () => {
    expect(pattern("eventType='fragment-created' AND urgency='C'")).toEqual({
      source: ['chesil.record'],
      detail: { audience: ['council'], routing: { eventType: ['fragment-created'], urgency: ['C'] } },
    });
    expect(pattern("urgency='A' AND (section='allergies' OR eventType='persons-linked')").detail.routing).toEqual({
      urgency: ['A'],
      $or: [{ eventType: ['persons-linked'] }, { section: ['allergies'] }],
    });
  });

  it('joins AND closer than OR', () => {
    expect(pattern("urgency='A' OR urgency='B' AND section='allergies'").detail.routing).toEqual({
      $or: [{ urgency: ['A'] }, { urgency: ['B'], section: ['allergies'] }],
    });
  });

  it('writes the values of one field as one list', () => {
    expect(pattern("eventType='fragment-created' OR eventType='fragment-updated'").detail.routing).toEqual({
      eventType: ['fragment-created', 'fragment-updated'],
    });
  });

  it('hears for whoever takes over as well', () => {
    expect(pattern("urgency='A'", 'north').detail.audience).toEqual(['both', 'north']);
    expect(pattern("urgency='A'", 'both').detail.audience).toEqual(['both']);
  });

  it('means by an organisation those that it came from and went into, by any of their codes', () => {
    for (const name of ['north', 'RN0', 'rn0', 'RB0', 'both'])
      expect(pattern(`source='${name}'`).detail.routing.source).toEqual(['*', 'both', 'north', 'south']);
  });

  it('lets through every filter by place whoever may not be placed', () => {
    const matches = compilePattern(compiled("generalpractitioner='P81001' AND source='council'").pattern);
    expect(matches(event({ generalpractitioner: ['*'], source: ['*'] }))).toBe(true);
    expect(matches(event({ generalpractitioner: ['J81999'], source: ['*'] }))).toBe(false);
  });

  it('hears what a change takes back', () => {
    const matches = compilePattern(compiled("eventType='fragment-created' AND urgency='C'").pattern);
    expect(matches(event({ eventType: ['fragment-retracted', 'fragment-created'], urgency: ['A', 'C'] }))).toBe(true);
  });

  it('leaves the persons of a Group to be looked up', () => {
    expect(compiled("person='Group/abc' AND urgency='A'")).toEqual({
      pattern: compiled("urgency='A'").pattern,
      panel: 'abc',
    });
    expect(compiled("(urgency='A' AND (section='allergies' AND person=Group/abc))").panel).toBe('abc');
    expect(pattern("person='Group/abc'")).toEqual({ source: ['chesil.record'], detail: { audience: ['council'] } });
  });

  it.each(Object.entries(MEANT))('reads every value of %s', (field, values) => {
    for (const value of Object.keys(values)) expect(pattern(`${field}='${value}'`).detail.routing[field]).toBeDefined();
  });
});
