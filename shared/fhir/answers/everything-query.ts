import { type CareSpan, careSpanOf, isBefore, overlaps } from '../care-dates/care-span.ts';
import { isKnownType } from '../compartment.ts';
import { type Issue, isRefusal, type Refusal } from '../outcomes.ts';
import { type ParameterTable, readParameters } from './query-parameters.ts';

/** What is asked of `$everything`. */
export interface EverythingQuery {
  /** `_type`: only these types of resource. */
  readonly types?: ReadonlySet<string>;
  /** `_since`: recorded at or after this instant, in milliseconds since 1970. */
  readonly sinceMs?: number;
  /** `start`, `end`: dates of care, inclusive, possibly partial. */
  readonly start?: string;
  readonly end?: string;
  /** `_count`: at most so many matches on a page. */
  readonly count?: number;
  /** `_at`: the record as it was. */
  readonly at?: { readonly number: number } | { readonly instant: string };
  /** Parameters that are not known, unless they were to be refused. */
  readonly ignored: readonly Issue[];
}

/** FHIR R4 `date` and `instant` (http://hl7.org/fhir/R4/datatypes.html#primitive). */
const DATE = /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))$/;

const NUMBER = /^-?\d+$/;

type Reading = Partial<Omit<EverythingQuery, 'ignored'>> | undefined;

/** How each parameter is read; `undefined` when its value cannot be. */
const PARAMETERS: Readonly<Record<string, (value: string) => Reading>> = {
  _type: (value) => {
    const types = value.split(',');
    return types.every(isKnownType) ? { types: new Set(types) } : undefined;
  },
  _since: (value) => instant(value, (sinceMs) => ({ sinceMs })),
  start: (value) => (DATE.test(value) ? { start: value } : undefined),
  end: (value) => (DATE.test(value) ? { end: value } : undefined),
  _count: (value) => (/^\d{1,6}$/.test(value) ? { count: Number(value) } : undefined),
  _at: (value) => {
    if (NUMBER.test(value)) return { at: { number: Number(value) } };
    return instant(value, (atMs) => ({ at: { instant: new Date(atMs).toISOString() } }));
  },
};

/** An unescaped "+" of a query string arrives as a space. */
function instant(value: string, read: (timeMs: number) => Reading): Reading {
  const text = value.replace(' ', '+');
  const timeMs = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : read(timeMs);
}

/**
 * Reads the parameters of `$everything` (http://hl7.org/fhir/R4/operation-patient-everything.html), and `_at`, which is ours: an instant, or the
 * number of a contribution.
 * @param strict whether a parameter that is not known is refused
 */
export function parseEverything(query: readonly (readonly [string, string])[], strict: boolean): EverythingQuery | Refusal {
  const read = readParameters(query, TABLE, { strict });
  return isRefusal(read) ? read : { ...read.values, ignored: read.ignored };
}

/** `_type` may come several times: 0..* in the definition of the operation. */
const TABLE: ParameterTable<EverythingQuery> = {
  ...Object.fromEntries(Object.entries(PARAMETERS).map(([name, read]) => [name, { read }])),
  _type: {
    repeats: true,
    read: (value, { types: earlier = new Set() }) => {
      const read = PARAMETERS._type?.(value);
      return read?.types === undefined ? undefined : { types: new Set([...earlier, ...read.types]) };
    },
  },
};

/** What of a fragment tells whether it is asked for. */
interface Datable {
  readonly recordedAt: string;
  readonly date?: string;
  readonly type?: string;
  readonly body?: string | undefined;
}

/**
 * Whether a fragment was recorded since, and its time of care overlaps the one that is asked for. What bears no date
 * (a name) is always part of the picture.
 */
export function isWithin({ sinceMs, start, end }: EverythingQuery, fragment: Datable): boolean {
  const { recordedAt, date } = fragment;
  if (sinceMs !== undefined && Date.parse(recordedAt) < sinceMs) return false;
  if (date === undefined) return true;
  // The manifest is enough for what falls between the two: the body is read only for the rest.
  const isBetween = !(start !== undefined && isBefore(date, start)) && !(end !== undefined && isBefore(end, date));
  return isBetween || overlaps(careSpanOfFragment(fragment, date), start, end);
}

const remembered = new WeakMap<Datable, CareSpan>();

function careSpanOfFragment(fragment: Datable, date: string): CareSpan {
  const known = remembered.get(fragment);
  if (known !== undefined) return known;
  const { type = '', body } = fragment;
  const span = careSpanOf(body === undefined ? {} : JSON.parse(body), type, date);
  remembered.set(fragment, span);
  return span;
}
