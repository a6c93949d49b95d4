import { type Issue, type Refusal, refuseAll } from '../outcomes.ts';

/** Query parameters, in their order. */
export type Query = readonly (readonly [name: string, value: string])[];

/** How one parameter of an interaction or operation is read. */
export interface ParameterReader<Values> {
  /**
   * Reads one value; `undefined` when it cannot be read.
   * @param earlier what was read before, of a parameter that may come several times
   */
  read(value: string, earlier: Partial<Values>): Partial<Values> | undefined;
  /** Whether it may come with several values. Otherwise a second, different one is refused. */
  readonly repeats?: boolean;
  /** What a value looks like, for the reader of a refusal. */
  readonly expected?: string;
}

/** The parameters that are known, by name. */
export type ParameterTable<Values> = Readonly<Record<string, ParameterReader<Values>>>;

/** Parameters, read. */
export interface ReadParameters<Values> {
  readonly values: Partial<Values>;
  /** The parameters that were taken into account. */
  readonly applied: Query;
  /** Parameters that are not known, unless they were to be refused. */
  readonly ignored: readonly Issue[];
}

/**
 * Reads the parameters of an interaction or operation other than a search, by a table.
 *
 * A parameter that is sent again with the same value counts once. A second value never replaces the first: where
 * only one is allowed, both are refused (`repeated-parameter`).
 *
 * @param strict `Prefer: handling=strict`: a parameter that is not known is refused (http://hl7.org/fhir/R4/search.html#errors)
 * @param at what the parameters are of, for the expression of an issue: `AuditEvent`
 * @returns every problem, as `bad-parameter`, `repeated-parameter` and `unknown-parameter`
 */
export function readParameters<Values>(
  query: Query,
  table: ParameterTable<Values>,
  { strict, at }: { readonly strict: boolean; readonly at?: string },
): ReadParameters<Values> | Refusal {
  const problems: Issue[] = [];
  const ignored: Issue[] = [];
  const applied: (readonly [string, string])[] = [];
  const seen = new Set<string>();
  let values: Partial<Values> = {};
  for (const [name, value] of withoutRepeats(query)) {
    const reader = Object.hasOwn(table, name) ? table[name] : undefined;
    const isRepeated = seen.has(name) && reader?.repeats !== true;
    seen.add(name);
    const read = isRepeated ? undefined : reader?.read(value, values);
    if (reader === undefined) {
      (strict ? problems : ignored).push(issueOf(strict ? 'unknown-parameter' : 'ignored-parameter', name, at));
    } else if (read === undefined) {
      problems.push(
        issueOf(isRepeated ? 'repeated-parameter' : 'bad-parameter', name, at, isRepeated ? undefined : reader.expected),
      );
    } else {
      values = { ...values, ...read };
      applied.push([name, value]);
    }
  }
  return refuseAll(problems) ?? { values, applied, ignored };
}

/** A parameter that is sent again with the same value says nothing new. */
export const withoutRepeats = (query: Query): Query => [
  ...new Map(query.map((parameter) => [JSON.stringify(parameter), parameter])).values(),
];

function issueOf(code: Issue['code'], name: string, at: string | undefined, expected?: string): Issue {
  const shown = shownName(name);
  const expression = at === undefined || shown === undefined ? at : `${at}?${shown}`;
  const diagnostics = expected ?? (at === undefined ? shown : undefined);
  return { code, ...(expression === undefined ? {} : { expression }), ...(diagnostics === undefined ? {} : { diagnostics }) };
}

/** Names are repeated to the sender, unless they look like something that was meant for a value. */
const shownName = (name: string): string | undefined => (/^[A-Za-z_][A-Za-z:._-]{0,80}$/.test(name) ? name : undefined);

/** Reads a whole number, as `_count` is. @param most what a larger number is taken for */
export const countReader = (most: number, least: 0 | 1 = 0): ParameterReader<{ readonly count: number }> => ({
  expected: least === 0 ? 'Expected a whole number.' : 'Expected a whole number above 0.',
  read: (value) => (/^\d{1,9}$/.test(value) && Number(value) >= least ? { count: Math.min(Number(value), most) } : undefined),
});
