import { describe, expect, it } from 'vitest';
import { demoNhsNumber } from '../../../infra/demo/feed.ts';
import { population } from '../../../infra/demo/population.ts';
import { isNhsNumber } from '../../../shared/fhir/nhs-number.ts';
import { validate } from '../../../shared/fhir/validate/validate.ts';

const PRACTICES = [
  { organisation: 'ammonite', code: 'X99001', name: 'Ammonite Street Surgery' },
  { organisation: 'golden-cap', code: 'X99002', name: 'Golden Cap Practice' },
];
const TODAY = new Date('2026-11-24T09:00:00Z');
/** The nine partners of the tender, as they were called then or by whoever took over. */
const TENDER = ['dorset-ccg', 'dch', 'dhc', 'rbch', 'poole-hospital', 'swasft', 'dorset-county', 'poole', 'bournemouth'];

describe('the demo population', () => {
  const people = [...population(100, PRACTICES, TODAY)];

  it('is the same every time', () => {
    expect([...population(100, PRACTICES, TODAY)]).toEqual(people);
  });

  it('has ten stories first, and as many people as asked for', () => {
    expect(people).toHaveLength(100);
    expect([...population(3, PRACTICES, TODAY)]).toEqual(people.slice(0, 3));
    expect(new Set(people.slice(0, 10).map(({ story }) => story)).size).toBe(10);
  });

  it('has only NHS numbers that are valid and that nobody has', () => {
    const numbers = people.map(({ nhsNumber }) => nhsNumber);
    expect(numbers.filter((number) => !isNhsNumber(number) || !number.startsWith('999'))).toEqual([]);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(demoNhsNumber(900_007)).toBeUndefined();
  });

  it('is told by all nine organisations of the tender and by practices', () => {
    const told = new Set(people.flatMap(({ pushes }) => pushes.map(({ organisation }) => organisation)));
    expect([...TENDER, 'ammonite', 'golden-cap'].filter((organisation) => !told.has(organisation))).toEqual([]);
  });

  it('is valid FHIR, every bundle of it', () => {
    const problems = people.flatMap(({ pushes }) => pushes.flatMap(({ bundle }) => validate(bundle)));
    expect(problems).toEqual([]);
  });

  it('never tells two things under one identifier', () => {
    for (const { pushes } of people) {
      const seen = pushes.flatMap(({ organisation, bundle }) =>
        bundle
          .entry!.filter(({ resource }) => resource!.resourceType !== 'Patient')
          .map(({ fullUrl }) => `${organisation} ${fullUrl}`),
      );
      expect(new Set(seen).size).toBe(seen.length);
    }
  });
});
