import type { Refusal } from '../outcomes.ts';
import { dateRange } from '../search/matching/ranges.ts';
import { PAGE } from './bundle.ts';
import { countReader, type ParameterTable, type Query, type ReadParameters, readParameters } from './query-parameters.ts';

/** What is asked of a history. */
export interface HistoryQuery {
  /** At most so many versions on a page. */
  readonly count: number;
  /** Recorded at or after this instant, in milliseconds since 1970. */
  readonly sinceMs: number;
}

const PARAMETERS: ParameterTable<HistoryQuery> = {
  _count: countReader(PAGE.maxEntries),
  _since: {
    expected: 'Expected an instant such as 2026-03-01T10:00:00Z.',
    read: (value) => {
      const range = dateRange(value);
      return range === undefined ? undefined : { sinceMs: range.low };
    },
  },
};

/**
 * Reads the parameters of a history (http://hl7.org/fhir/R4/http.html#history): `_count` and `_since`. `_at` and `_list` are not supported, and
 * treated as any other parameter that is not known.
 */
export const parseHistory = (query: Query, type: string, strict: boolean): ReadParameters<HistoryQuery> | Refusal =>
  readParameters(query, PARAMETERS, { strict, at: type });
