import { parseJson } from '../json.ts';
import { type ElementRow, elementsOf, jsonNames } from '../tables/elements.ts';
import type { Json, SearchEntry } from './entry.ts';
import type { SearchPlan } from './plan.ts';

/** A resource that was cut down says so (http://hl7.org/fhir/R4/resource.html#simple-tags). */
const SUBSETTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };

/** What tells a resource from any other is always answered; an element that changes the meaning of others is never left out. */
const ALWAYS: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta', 'modifierExtension']);

/** Elements that the table of elements leaves out because every resource has them. */
export const COMMON_ELEMENTS: ReadonlySet<string> = new Set(['id', 'extension', 'modifierExtension', 'contained']);

type Chooser = (element: ElementRow) => boolean;

/**
 * The JSON of a match as the search wants it: whole, byte for byte as it is kept, or cut down by `_summary` or `_elements`
 * (http://hl7.org/fhir/R4/search.html#summary, #elements). What was cut down is tagged `SUBSETTED` and keeps mandatory elements and modifiers. `_elements` names
 * elements of the type that was searched, so it leaves what was included whole.
 */
export function answeredBody(
  { type, body }: Pick<SearchEntry, 'type' | 'body'>,
  plan: Pick<SearchPlan, 'type' | 'summary' | 'elements'>,
): string {
  const { summary, elements } = plan;
  if (summary === 'true') return cutDown(body, type, ({ inSummary, kept }) => inSummary || kept, true);
  if (summary === 'text') return cutDown(body, type, ({ name, kept }) => name === 'text' || kept, false);
  if (summary === 'data') return cutDown(body, type, ({ name }) => name !== 'text', false, COMMON_ELEMENTS);
  if (elements === undefined || type !== plan.type) return body;
  const named = namesOf(elements);
  return cutDown(body, type, ({ name, kept }) => kept || named.has(name), false, named);
}

const knownNames = new WeakMap<readonly string[], ReadonlySet<string>>();

/** Made once for all resources of an answer. */
function namesOf(elements: readonly string[]): ReadonlySet<string> {
  const names = knownNames.get(elements) ?? new Set(elements);
  knownNames.set(elements, names);
  return names;
}

/** @param deep whether backbone elements are cut down as well */
function cutDown(body: string, type: string, chosen: Chooser, deep: boolean, common: ReadonlySet<string> = new Set()): string {
  // Parsed so that decimals stay as they were written: 1.50 is not 1.5 (http://hl7.org/fhir/R4/datatypes.html#decimal).
  const resource = parseJson(Buffer.from(body)) as Json;
  const cut = cutElement(resource, type, chosen, deep, common);
  const text = JSON.stringify({ ...cut, meta: tagged(resource.meta as Json | undefined) });
  // A reference to what is contained means nothing without it.
  if (cut.contained !== undefined || resource.contained === undefined || !text.includes('"reference":"#')) return text;
  return JSON.stringify({ ...cut, meta: tagged(resource.meta as Json | undefined), contained: resource.contained });
}

const tagged = (meta: Json = {}): Json => ({ ...meta, tag: [...((meta.tag as readonly Json[] | undefined) ?? []), SUBSETTED] });

function cutElement(value: Json, type: string, chosen: Chooser, deep: boolean, common: ReadonlySet<string>): Json {
  const nested = new Map<string, string>();
  for (const element of elementsOf(type).values()) {
    if (chosen(element)) for (const [name, elementType] of jsonNames(element)) nested.set(name, elementType);
  }
  const kept: Record<string, unknown> = {};
  for (const [key, child] of Object.entries(value)) {
    const name = key.startsWith('_') ? key.slice(1) : key;
    const childType = nested.get(name);
    if (deep && childType?.includes('.')) kept[key] = each(child, (item) => cutElement(item, childType, chosen, deep, common));
    else if (childType !== undefined || ALWAYS.has(name) || common.has(name)) kept[key] = child;
  }
  return kept;
}

const each = (value: unknown, change: (item: Json) => Json): unknown =>
  Array.isArray(value) ? value.map((item) => change(item as Json)) : change(value as Json);
