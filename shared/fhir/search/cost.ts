import type { Issue } from '../outcomes.ts';
import type { Criterion, Inclusion, SortKey } from './plan.ts';

/** What of a search decides its cost. */
interface Parts {
  readonly criteria: readonly Criterion[];
  readonly inclusions: readonly Inclusion[];
  readonly sort: readonly SortKey[];
}

/** A search by so many keys or conditions costs a fraction of a second in the largest record. */
const FEW_KEYS = 3;
const FEW_CONDITIONS = 20;

const INCLUDE = 'Include fewer references, by name, without :iterate, or a smaller _count.';
const FOLLOWED = 'Ask what this condition asks in a search of its own, then search by the ids that it finds.';
const COMPARED = 'Give fewer values.';
const CONDITIONS = `Give at most ${FEW_CONDITIONS} conditions.`;
const KEYS = `Sort by at most ${FEW_KEYS} parameters.`;

/** What of a search can make it cost too much, and how to narrow each. It follows from the request alone. */
export function costlyParts(type: string, { criteria, inclusions, sort }: Parts): readonly Issue[] {
  const included = new Set(inclusions.map(({ reverse }) => `${type}?${reverse ? '_revinclude' : '_include'}`));
  const followed = new Set(criteria.filter(({ settle }) => settle !== undefined).map(({ at }) => at));
  const compared = new Set(criteria.filter(({ weight, at }) => weight > 1 && !followed.has(at)).map(({ at }) => at));
  return [
    ...issuesAt(included, INCLUDE),
    ...issuesAt(followed, FOLLOWED),
    ...issuesAt(compared, COMPARED),
    ...issuesAt(criteria.length > FEW_CONDITIONS ? [type] : [], CONDITIONS),
    ...issuesAt(sort.length > FEW_KEYS ? [`${type}?_sort`] : [], KEYS),
  ];
}

const issuesAt = (expressions: Iterable<string>, diagnostics: string): Issue[] =>
  [...expressions].map((expression) => ({ code: 'too-costly', expression, diagnostics }));
