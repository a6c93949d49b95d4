import { type Criteria, FACETS, type Facet } from './criteria.ts';

/** What an event must have to be chosen: of each facet that is named, one of these values. */
export type Choice = Readonly<Partial<Record<Facet, readonly string[]>>>;

/** What a test of one facet lets through. */
export type ValuesOf = (
  test: Criteria & { kind: 'is' },
) => { readonly facet: Facet; readonly values: readonly string[] } | undefined;

/** So many alternatives are never written by hand, nor do so many fit into a rule. */
const MOST_CHOICES = 500;

/**
 * Criteria as alternatives, as few as can be: a rule of EventBridge names each facet once.
 *
 * An event has one value of each facet; where its routing holds several (what it takes back or corrects has its own), criteria hold if they do for any. So
 * `eventType='a' AND eventType='b'` never holds, and has no alternative.
 *
 * @param valuesOf `undefined` for a test that is no facet and always holds here
 * @returns no alternative where the criteria can never hold; `undefined` where there are too many
 */
export function choicesOf(criteria: Criteria, valuesOf: ValuesOf): readonly Choice[] | undefined {
  if (criteria.kind === 'is') {
    const found = valuesOf(criteria);
    return [found === undefined ? {} : { [found.facet]: [...found.values] }];
  }
  let choices: readonly Choice[] = criteria.kind === 'and' ? [{}] : [];
  for (const part of criteria.of) {
    const next = choicesOf(part, valuesOf);
    if (next === undefined) return undefined;
    const joined = criteria.kind === 'and' ? bothOf(choices, next) : [...choices, ...next];
    if (joined.length > MOST_CHOICES) return undefined;
    choices = simplified(joined);
  }
  return choices;
}

const bothOf = (some: readonly Choice[], others: readonly Choice[]): readonly Choice[] =>
  some.length * others.length > MOST_CHOICES * 4
    ? Array.from({ length: MOST_CHOICES + 1 }, () => ({}))
    : some.flatMap((one) => others.flatMap((other) => meet(one, other) ?? []));

/** What both let through; `undefined` where nothing can. */
function meet(one: Choice, other: Choice): Choice | undefined {
  const met: Partial<Record<Facet, readonly string[]>> = { ...one };
  for (const facet of facetsOf(other)) {
    const values = one[facet] === undefined ? other[facet]! : one[facet].filter((value) => other[facet]!.includes(value));
    if (values.length === 0) return undefined;
    met[facet] = values;
  }
  return met;
}

export const facetsOf = (choice: Choice): readonly Facet[] => FACETS.filter((facet) => choice[facet] !== undefined);

/** Alternatives that differ in one facet become one; one that lets through less than another goes. */
function simplified(choices: readonly Choice[]): readonly Choice[] {
  let current = choices;
  for (;;) {
    const merged = FACETS.reduce(mergedBy, current);
    if (merged.length === current.length) return withoutNarrower(merged);
    current = merged;
  }
}

function mergedBy(choices: readonly Choice[], facet: Facet): readonly Choice[] {
  const groups = Map.groupBy(choices, (choice) => (choice[facet] === undefined ? nameOf(choice) : nameOf(choice, facet)));
  return [...groups.values()].map((alike) => {
    const values = alike.flatMap((choice) => choice[facet] ?? []);
    return values.length === 0 ? alike[0]! : { ...alike[0], [facet]: [...new Set(values)].sort() };
  });
}

/** The same for the same alternative, but for one facet. */
const nameOf = (choice: Choice, but?: Facet): string =>
  JSON.stringify(facetsOf(choice).map((facet) => [facet, facet === but ? '' : [...choice[facet]!].sort()]));

const withoutNarrower = (choices: readonly Choice[]): readonly Choice[] =>
  choices.filter(
    (one, index) => !choices.some((other, at) => at !== index && isWithin(one, other) && (at < index || !isWithin(other, one))),
  );

/** Whether whatever one lets through, the other does too. */
const isWithin = (one: Choice, other: Choice): boolean =>
  facetsOf(other).every((facet) => one[facet]?.every((value) => other[facet]!.includes(value)) ?? false);
