import type { SearchEntry } from './entry.ts';
import type { Values } from './matching/values.ts';
import { type Parameter, type ParameterType, parametersOf } from './parameters.ts';
import type { SortKey } from './plan.ts';

type KeyReader<T extends ParameterType> = (value: Values[T]) => string | number | undefined;

/** What each type of parameter is sorted by. */
const KEYS: { readonly [T in ParameterType]: KeyReader<T> } = {
  token: ({ code }) => code,
  string: ({ squashed }) => squashed,
  date: ({ low, high }) => (low === -Infinity ? high : low),
  number: ({ low, high }) => (low === -Infinity ? high : low),
  quantity: ({ low, high }) => (low === -Infinity ? high : low),
  reference: ({ type, id, text }) => (id === undefined ? text : `${type}/${id}`),
  uri: (value) => value,
};

/**
 * The keys of `_sort`, such as `-date,code`: parameters of the type, each with `-` for the greatest first. Of several values that
 * stand in one resource the least counts, or the greatest with `-` (http://hl7.org/fhir/R4/search.html#sort).
 *
 * @returns for each key what it is, or `undefined` for one by which this type cannot be sorted
 */
export const sortKeys = (type: string, text: string): readonly (SortKey | undefined)[] =>
  text
    .split(',')
    .map((rule) => rule.trim())
    .filter((rule) => rule !== '')
    .map((rule) => {
      const descending = rule.startsWith('-');
      const parameter = parametersOf(type).get(descending ? rule.slice(1) : rule);
      return parameter === undefined || parameter.type === 'composite' ? undefined : sortKey(parameter, descending);
    });

function sortKey(parameter: Exclude<Parameter, { type: 'composite' }>, descending: boolean): SortKey {
  const read = KEYS[parameter.type] as KeyReader<ParameterType>;
  const order = descending ? -1 : 1;
  return {
    descending,
    key: (entry) => {
      let least: string | number | undefined;
      for (const value of parameter.values(entry)) {
        const key = read(value);
        if (key !== undefined && (least === undefined || compareKeys(key, least) * order < 0)) least = key;
      }
      return least;
    },
  };
}

const compareKeys = (one: string | number, other: string | number): number => (one < other ? -1 : one > other ? 1 : 0);

/**
 * Sorts by the keys in turn. What has no value for a key comes last, whichever way it is sorted; what is alike in all keys comes by id, so that
 * the order is the same on every page. Without keys the order of the record stands.
 */
export function sortEntries(entries: readonly SearchEntry[], keys: readonly SortKey[]): readonly SearchEntry[] {
  if (keys.length === 0 || entries.length < 2) return entries;
  const rows = entries.map((entry) => ({ entry, values: keys.map((key) => key.key(entry)) }));
  rows.sort((one, other) => {
    for (const [index, { descending }] of keys.entries()) {
      const order = compareOptional(one.values[index], other.values[index], descending);
      if (order !== 0) return order;
    }
    return compareKeys(one.entry.id, other.entry.id);
  });
  return rows.map(({ entry }) => entry);
}

function compareOptional(one: string | number | undefined, other: string | number | undefined, descending: boolean): number {
  if (one === undefined || other === undefined) return (one === undefined ? 1 : 0) - (other === undefined ? 1 : 0);
  return descending ? compareKeys(other, one) : compareKeys(one, other);
}
