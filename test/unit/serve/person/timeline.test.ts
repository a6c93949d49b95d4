import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runAtOnce } from '../../../../shared/concurrency/steps.ts';
import { createWork } from '../../../../shared/concurrency/work.ts';
import { personVersion } from '../../../../shared/fhir/person/fold.ts';
import { personTimeline } from '../../../../shared/fhir/person/timeline.ts';
import type { Fragment } from '../../../../shared/record/fold.ts';

const SUBJECTS = ['person', 'merged', 'older'] as const;

const versionOf = (subject: string, number: number, version: number, second: number, action: Fragment['action']): Fragment => ({
  subject,
  fragmentId: `p${number}`,
  type: 'Patient',
  version,
  action,
  hash: 'hash',
  section: 'demographics',
  codes: [],
  labels: [],
  owner: 'uhd',
  source: 'main',
  sequence: second,
  recordedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
  body: action === 'retracted' ? undefined : '{}',
});

/** A history in which each step changes one to three Patients of one person at once. */
const history = fc
  .array(
    fc.record({
      subject: fc.constantFrom(...SUBJECTS),
      numbers: fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 3 }),
      action: fc.constantFrom('created', 'updated', 'retracted', 'late'),
    }),
    { maxLength: 25 },
  )
  .map((steps) =>
    steps.map(({ subject, numbers, action }, second) =>
      numbers.map((number) => versionOf(subject, number, second, second, action)),
    ),
  );

const othersIn = (fragments: readonly Fragment[]) =>
  [...new Set(fragments.map(({ subject }) => subject))].filter((subject) => subject !== 'person').sort();
const namesOf = (fragments: readonly Fragment[]) =>
  fragments.map(({ subject, fragmentId, version }) => `${subject}.${fragmentId}.${version}`).sort();

describe('the history of a person', () => {
  it('agrees with a model that keeps every moment, in whatever order it is asked', () => {
    fc.assert(
      fc.property(history, fc.array(fc.nat(30), { maxLength: 8 }), (steps, asked) => {
        const current = new Map<string, Fragment>();
        const model = steps
          .filter(([first]) => first!.action !== 'late')
          .map((step) => {
            for (const version of step) current.set(`${version.subject}.${version.fragmentId}`, version);
            return [...current.values()];
          })
          .reverse();
        const { moments, fragmentsAt } = runAtOnce(personTimeline('person', steps.flat()));
        expect(moments.map(({ versionId }) => versionId)).toEqual(model.map((each) => personVersion(othersIn(each), each)));
        expect(moments.map(({ isGone }) => isGone)).toEqual(
          model.map((each) => each.every(({ action }) => action === 'retracted')),
        );
        for (const place of asked.filter((each) => each < model.length))
          expect(namesOf(fragmentsAt(place))).toEqual(namesOf(model[place]!));
      }),
    );
  });

  it('takes time in proportion to its versions, however many Patients there are', async () => {
    const versions = Array.from({ length: 20_000 }, (_, number) =>
      versionOf('person', number % 10_000, number, number, 'updated'),
    );
    const work = createWork();
    const { moments, fragmentsAt } = await work.run(personTimeline('person', versions));
    expect(moments).toHaveLength(20_000);
    expect(fragmentsAt(0)).toHaveLength(10_000);
    expect(work.visits).toBeLessThan(21_000);
    expect(work.longestSlice).toBeLessThanOrEqual(2_000);
  });
});
