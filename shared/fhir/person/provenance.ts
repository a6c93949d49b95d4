import { versionIdOf } from '../../record/opaque-versions.ts';
import { maskedElement } from '../whereabouts/masks.ts';
import type { Element } from './elements.ts';
import { type Json, type PatientSource, sourceId } from './source.ts';

/** FHIRPaths within the person that came from one source. */
export type SourceElements = readonly string[];

/** HL7 extensions pack: narrows a reference to an element of what it points at, by FHIRPath. */
const TARGET_PATH = 'http://hl7.org/fhir/StructureDefinition/targetPath';

/** A contained Provenance that says which elements came from which version of which contributor's Patient. */
export function sourceProvenance(number: number, source: PatientSource, paths: SourceElements): Json {
  const { fragment, contributor } = source;
  return {
    resourceType: 'Provenance',
    id: `source-${number}`,
    target: [{ extension: paths.map((path) => ({ url: TARGET_PATH, valueString: path })), reference: '#' }],
    recorded: fragment.recordedAt,
    agent: [{ who: contributor.isHidden ? maskedElement() : organisationOf(source) }],
    entity: [{ role: 'source', what: { reference: `Patient/${sourceId(source)}/_history/${versionIdOf(fragment)}` } }],
  };
}

const organisationOf = ({ fragment, contributor }: PatientSource): Json => ({
  type: 'Organization',
  ...(contributor.code === undefined ? {} : { identifier: contributor.code }),
  display: contributor.name ?? fragment.owner,
});

/**
 * A source's contained resources come along when a kept element points at them, under ids that cannot clash with those of another source
 * (http://hl7.org/fhir/R4/references.html#contained).
 */
export function carryContained(
  elements: readonly Element[],
  ranked: readonly PatientSource[],
): { contained: readonly Json[]; elements: readonly Element[] } {
  const holders = ranked.filter(({ resource }) => Array.isArray(resource.contained));
  if (holders.length === 0) return { contained: [], elements };
  const contained: Json[] = [];
  let kept = elements;
  for (const [index, source] of holders.entries()) {
    const rename = (id: string) => `${index + 1}-${id}`.slice(0, 64);
    kept = kept.map((element) => mapSourceValues(element, source, (value) => renameReferences(value, rename)));
    const parts = new Map((source.resource.contained as readonly Json[]).map((part) => [String(part.id), part]));
    for (const id of reachable(elements, source, parts)) {
      contained.push({ ...(renameReferences(parts.get(id), rename) as Json), id: rename(id) });
    }
  }
  return { contained, elements: kept };
}

/** The ids of contained resources that what was taken from a source points at, directly or by way of one another. */
function reachable(elements: readonly Element[], source: PatientSource, parts: ReadonlyMap<string, Json>): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (value: unknown): unknown =>
    renameReferences(value, (id) => {
      if (parts.has(id) && !found.has(id)) {
        found.add(id);
        visit(parts.get(id));
      }
      return id;
    });
  for (const element of elements) mapSourceValues(element, source, visit);
  return found;
}

/** Applies a change to what came from one source: a whole element, or the items of a merged list. */
function mapSourceValues(element: Element, source: PatientSource, change: (value: unknown) => unknown): Element {
  const { paths, value } = element;
  if (Array.isArray(value) && paths.length === value.length && paths[0]?.path.endsWith('[0]')) {
    return { ...element, value: value.map((item, index) => (paths[index]?.source === source ? change(item) : item)) };
  }
  return paths[0]?.source === source ? { ...element, value: change(value) } : element;
}

/** A copy in which every reference to a contained resource (`#id`) has another id; raw numbers are kept as they are. */
function renameReferences(value: unknown, rename: (id: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renameReferences(item, rename));
  if (typeof value !== 'object' || value === null || JSON.isRawJSON(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => {
      const local = name === 'reference' && typeof part === 'string' && part.startsWith('#') && part !== '#';
      return [name, local ? `#${rename(part.slice(1))}` : renameReferences(part, rename)];
    }),
  );
}
