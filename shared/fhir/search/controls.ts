import { isKnownType } from '../compartment.ts';
import type { Issue } from '../outcomes.ts';
import { elementsOf } from '../tables/elements.ts';
import { sortKeys } from './order.ts';
import { parametersOf } from './parameters.ts';
import type { Inclusion, SearchPlan, SortKey, Summary } from './plan.ts';
import { COMMON_ELEMENTS } from './summary.ts';

/** What the parameters about the answer come to (http://hl7.org/fhir/R4/search.html#return). */
export interface Controls {
  sort: SortKey[];
  inclusions: Inclusion[];
  elements: string[] | undefined;
  count: number | undefined;
  summary: Summary | undefined;
  total: SearchPlan['total'];
}

export const noControls = (): Controls => ({
  sort: [],
  inclusions: [],
  elements: undefined,
  count: undefined,
  summary: undefined,
  total: undefined,
});

/**
 * Takes one value of a parameter into account.
 * @returns `'unknown'` for what there is no such thing to sort by or to include, an explanation for a value that cannot be read
 */
type Control = (
  value: string,
  controls: Controls,
  type: string,
  modifier: string,
) => 'unknown' | { readonly expected: string } | undefined;

const SUMMARIES: ReadonlySet<string> = new Set(['true', 'text', 'data', 'count', 'false']);
const TOTALS: ReadonlySet<string> = new Set(['none', 'estimate', 'accurate']);
const ONCE = { expected: 'Expected once.' };

/** Every parameter that is about the answer and not about what is searched for. */
const CONTROLS: Readonly<Record<string, Control>> = {
  _sort: (value, controls, type) => {
    const keys = sortKeys(type, value);
    for (const key of keys)
      if (key !== undefined && !controls.sort.some((known) => isSameKey(known, key))) controls.sort.push(key);
    return keys.includes(undefined) ? 'unknown' : undefined;
  },
  _count: (value, controls) => {
    if (controls.count !== undefined) return ONCE;
    if (!/^\d{1,9}$/.test(value)) return { expected: 'Expected a whole number.' };
    controls.count = Number(value);
    return undefined;
  },
  _summary: (value, controls) => {
    if (controls.summary !== undefined) return ONCE;
    if (!SUMMARIES.has(value)) return { expected: 'Expected true, text, data, count or false.' };
    controls.summary = value as Summary;
    return undefined;
  },
  _total: (value, controls) => {
    if (controls.total !== undefined) return ONCE;
    if (!TOTALS.has(value)) return { expected: 'Expected none, estimate or accurate.' };
    controls.total = value as SearchPlan['total'];
    return undefined;
  },
  _elements: (value, controls, type) => {
    const names = [...new Set(value.split(',').map((name) => name.trim().replace(new RegExp(`^${type}\\.`), '')))];
    const known = names.filter((name) => COMMON_ELEMENTS.has(name) || elementsOf(type).has(name));
    controls.elements = [...(controls.elements ?? []), ...known];
    return known.length < names.length ? 'unknown' : undefined;
  },
  _include: (value, controls, _type, modifier) => include(value, controls, { reverse: false, iterate: modifier !== '' }),
  _revinclude: (value, controls, _type, modifier) => include(value, controls, { reverse: true, iterate: modifier !== '' }),
  // Contained resources are answered inside those that contain them, which is what "false" says.
  _contained: (value) => (value === 'false' ? undefined : 'unknown'),
  // How the answer is written is for whoever writes it.
  _format: () => undefined,
  _pretty: () => undefined,
};

const isSameKey = (one: SortKey, other: SortKey): boolean => one.code === other.code && one.descending === other.descending;

/** `recurse` is what STU3 called `iterate`. */
const MODIFIERS: Readonly<Record<string, ReadonlySet<string>>> = {
  _include: new Set(['', 'iterate', 'recurse']),
  _revinclude: new Set(['', 'iterate', 'recurse']),
};

/** What is done with a parameter about the answer; `undefined` when it is none of those. */
export function controlOf(name: string): { readonly control: Control; readonly modifier: string } | undefined {
  const [code = '', modifier = '', ...more] = name.split(':');
  const control = Object.hasOwn(CONTROLS, code) ? CONTROLS[code] : undefined;
  if (control === undefined || more.length > 0) return undefined;
  return (MODIFIERS[code]?.has(modifier) ?? modifier === '') ? { control, modifier } : undefined;
}

/** `*`, `Source:*`, `Source:parameter` or `Source:parameter:Target` (http://hl7.org/fhir/R4/search.html#include). */
function include(value: string, controls: Controls, how: Pick<Inclusion, 'reverse' | 'iterate'>): 'unknown' | undefined {
  if (value === '*') {
    controls.inclusions.push(how);
    return undefined;
  }
  const [source = '', code = '', target, ...more] = value.split(':');
  if (!isKnownType(source) || (target !== undefined && !isKnownType(target)) || more.length > 0) return 'unknown';
  const parameter = parametersOf(source).get(code);
  if (code !== '*' && parameter?.type !== 'reference') return 'unknown';
  controls.inclusions.push({
    ...how,
    source,
    ...(code === '*' ? {} : { parameter: code }),
    ...(target === undefined ? {} : { target }),
  });
  return undefined;
}

/** What cannot be asked for together (http://hl7.org/fhir/R4/search.html#summary). */
export function contradictions({ summary, elements, inclusions }: Controls, type: string): Issue[] {
  const issues: Issue[] = [];
  if (summary === 'text' && inclusions.length > 0)
    issues.push({
      code: 'bad-parameter',
      expression: `${type}?_summary`,
      diagnostics: 'A summary of text includes nothing else.',
    });
  if (elements !== undefined && summary !== undefined && summary !== 'false' && summary !== 'count')
    issues.push({
      code: 'bad-parameter',
      expression: `${type}?_elements`,
      diagnostics: 'Expected either _elements or _summary.',
    });
  return issues;
}
