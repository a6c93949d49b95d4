import fc from 'fast-check';
import { createDirectory } from '../../../../shared/directory/directory.ts';

const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';
const organisation = (id: string, code: string, successors: readonly string[] = []) => ({
  id,
  kind: 'trust' as const,
  names: [{ value: id }],
  codes: [{ value: { system: ODS, value: code } }],
  successors: successors.map((each) => ({ organisation: each, on: '2020-10-01' })),
});

/** Two trusts that became one, and two that stand alone. */
export const DIRECTORY = createDirectory([
  organisation('north', 'RN0', ['both']),
  organisation('south', 'RS0', ['both']),
  organisation('both', 'RB0'),
  organisation('practice', 'P81001'),
  organisation('council', 'E06000059'),
]);

/** What is meant by each value: written out by hand, for the tests to hold the code against. */
export const MEANT: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  eventType: {
    'fragment-created': ['fragment-created'],
    'fragment-updated-1': ['fragment-updated'],
    'uk.chesil.persons-linked.1': ['persons-linked'],
  },
  urgency: { A: ['A'], B: ['B'], C: ['C'] },
  section: { allergies: ['allergies'], encounters: ['encounters'] },
  source: { north: ['north', 'both', 'south'], RB0: ['north', 'both', 'south'], council: ['council'] },
  generalpractitioner: { P81001: ['practice'], practice: ['practice'], j81999: ['J81999'] },
};

/** What the routing of events can hold. `*` is what may not be told. */
const ROUTED: Readonly<Record<string, readonly string[]>> = {
  eventType: ['fragment-created', 'fragment-updated', 'persons-linked', 'fragment-retracted'],
  urgency: ['A', 'B', 'C', 'D'],
  section: ['allergies', 'encounters', 'documents'],
  source: ['north', 'south', 'both', 'council', 'practice', '*'],
  generalpractitioner: ['practice', 'J81999', 'J00000', '*'],
};

export type Tree =
  | { readonly field: string; readonly value: string }
  | { readonly join: 'AND' | 'OR'; readonly of: readonly Tree[] };

const leaf: fc.Arbitrary<Tree> = fc
  .constantFrom(...Object.entries(MEANT).flatMap(([field, values]) => Object.keys(values).map((value) => ({ field, value }))))
  .map((test) => test);

export const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree; node: Tree }>((tie) => ({
  tree: fc.oneof({ maxDepth: 3, depthSize: 'small' }, leaf, tie('node')),
  node: fc.record({
    join: fc.constantFrom('AND' as const, 'OR' as const),
    of: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
  }),
})).tree;

export const routing = fc.record(
  Object.fromEntries(
    Object.entries(ROUTED).map(([field, values]) => [field, fc.uniqueArray(fc.constantFrom(...values), { maxLength: 3 })]),
  ),
);

/** Criteria as somebody could write them: quotes of both kinds or none, words in any case, blanks anywhere. */
export const textOf = (criteria: Tree, style: number): string => {
  const quote = ["'", '"', ''][style % 3]!;
  const space = style % 2 === 0 ? ' ' : '  ';
  const write = (part: Tree): string => {
    if ('field' in part) return `${part.field}${space}=${quote}${part.value}${quote}`;
    const join = style % 5 === 0 ? part.join.toLowerCase() : part.join;
    return part.of
      .map((each) => (style % 4 === 0 || 'join' in each ? `(${write(each)})` : write(each)))
      .join(`${space}${join}${space}`);
  };
  return write(criteria);
};

const EVERYTHING = Object.fromEntries(
  Object.entries(ROUTED).map(([field, values]) => [field, [...values.filter((value) => value !== '*')]]),
);

/**
 * Whether criteria hold for an event, worked out without the code: for some choice of one value of each field. What may not be told could be any.
 */
export function holds(criteria: Tree, facets: Readonly<Record<string, readonly string[]>>): boolean {
  const fields = [...new Set(testsOf(criteria).map(({ field }) => field))];
  const values = (field: string) => (facets[field] ?? []).flatMap((value) => (value === '*' ? EVERYTHING[field]! : [value]));
  const tryAll = (left: readonly string[], chosen: Readonly<Record<string, string>>): boolean => {
    const [field, ...rest] = left;
    if (field === undefined) return isTrue(criteria, chosen);
    // A field of which the event says nothing meets no test of it, and stops none of another.
    return [...values(field), ''].some((value) => tryAll(rest, { ...chosen, [field]: value }));
  };
  return tryAll(fields, {});
}

const testsOf = (part: Tree): readonly { field: string; value: string }[] =>
  'field' in part ? [part] : part.of.flatMap(testsOf);

function isTrue(part: Tree, chosen: Readonly<Record<string, string>>): boolean {
  if ('field' in part) return MEANT[part.field]![part.value]!.includes(chosen[part.field]!);
  return part.join === 'AND' ? part.of.every((each) => isTrue(each, chosen)) : part.of.some((each) => isTrue(each, chosen));
}
