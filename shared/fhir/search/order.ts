import type { Steps } from '../../concurrency/steps.ts';
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
    code: parameter.code,
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
 * Sorts by the keys in turn. What has no value for a key comes last, whichever way it is sorted; what is alike in all
 * keys comes by id, so that the order is the same on every page. Without keys the order of the record stands.
 */
export function* sortEntries(entries: readonly SearchEntry[], keys: readonly SortKey[]): Steps<readonly SearchEntry[]> {
  if (keys.length === 0 || entries.length < 2) return entries;
  const rows: Row[] = [];
  for (const entry of entries) {
    yield keys.length;
    rows.push({ entry, values: keys.map((key) => key.key(entry)) });
  }
  const sorted = yield* mergeSort(rows, rowOrder(keys));
  return sorted.map(({ entry }) => entry);
}

/** An entry with its values for the keys. */
interface Row {
  readonly entry: SearchEntry;
  readonly values: readonly (string | number | undefined)[];
}

type Order = (one: Row, other: Row) => number;

const rowOrder =
  (keys: readonly SortKey[]): Order =>
  (one, other) => {
    for (const [index, { descending }] of keys.entries()) {
      const order = compareOptional(one.values[index], other.values[index], descending);
      if (order !== 0) return order;
    }
    return compareKeys(one.entry.id, other.entry.id);
  };

function compareOptional(one: string | number | undefined, other: string | number | undefined, descending: boolean): number {
  if (one === undefined || other === undefined) return (one === undefined ? 1 : 0) - (other === undefined ? 1 : 0);
  return descending ? compareKeys(other, one) : compareKeys(one, other);
}

/** Few enough for the engine's own sort to be short. */
const SHORT_LIST = 512;

/** `Array.sort` cannot pause, so long lists are sorted in parts that are then merged. */
function* mergeSort(rows: readonly Row[], order: Order): Steps<readonly Row[]> {
  if (rows.length <= SHORT_LIST) {
    yield rows.length;
    return rows.toSorted(order);
  }
  const half = rows.length >> 1;
  const [left, right] = [yield* mergeSort(rows.slice(0, half), order), yield* mergeSort(rows.slice(half), order)];
  const merged: Row[] = [];
  for (let at = 0, other = 0; at + other < rows.length; ) {
    const isLeft = other >= right.length || (at < left.length && order(left[at]!, right[other]!) <= 0);
    merged.push(isLeft ? left[at++]! : right[other++]!);
    if ((at + other) % SHORT_LIST === 0) yield SHORT_LIST / 8;
  }
  return merged;
}
