import type { Definitions } from './definitions.ts';

const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';

/** Elements that every resource or data type has and that no search parameter and no summary asks for. */
const LEFT_OUT: ReadonlySet<string> = new Set(['extension', 'modifierExtension', 'contained']);

/**
 * What search and summaries have to know of elements: one row of text per resource type, backbone element (`Observation.component`) and data type,
 * elements parted by `;`, each `<name> <type>|<type> <flags> <system>`. Flags: `s` in the summary, `m` mandatory or a modifier, `-` none.
 * The system is that of the codes of an element of type `code`.
 */
export function elementRows(definitions: Definitions): Record<string, string> {
  const rows: Record<string, string[]> = {};
  for (const structure of definitions.structures) {
    if (structure.kind !== 'resource' && structure.kind !== 'complex-type') continue;
    for (const element of structure.snapshot?.element ?? []) {
      const dot = element.path.lastIndexOf('.');
      const name = element.path.slice(dot + 1);
      if (dot < 0 || LEFT_OUT.has(name) || element.max === '0') continue;
      const parent = element.path.slice(0, dot);
      rows[parent] ??= [];
      rows[parent].push(rowOf(name, element, definitions));
    }
  }
  return Object.fromEntries(
    Object.keys(rows)
      .sort()
      .map((type) => [type, rows[type]!.join(';')]),
  );
}

function rowOf(name: string, element: fhir4.ElementDefinition, definitions: Definitions): string {
  const flags = `${element.isSummary ? 's' : ''}${element.isModifier || (element.min ?? 0) > 0 ? 'm' : ''}`;
  const system = systemOf(element, definitions);
  return [name, typesOf(element), flags === '' ? '-' : flags, ...(system === undefined ? [] : [system])].join(' ');
}

function typesOf(element: fhir4.ElementDefinition): string {
  if (element.contentReference !== undefined) return element.contentReference.slice(1);
  const codes = (element.type ?? []).map(
    ({ code, extension }) =>
      extension?.find(({ url }) => url === FHIR_TYPE)?.valueUrl ?? code.replace(/^.*System\.String$/, 'string'),
  );
  const isBackbone = codes.length === 1 && (codes[0] === 'BackboneElement' || codes[0] === 'Element');
  return isBackbone ? element.path : codes.join('|');
}

/** The one code system that all codes of an element come from, when its binding tells. */
function systemOf({ type, binding }: fhir4.ElementDefinition, { valueSets }: Definitions): string | undefined {
  if (type?.[0]?.code !== 'code' || binding?.strength !== 'required') return undefined;
  const { include = [] } = valueSets.get(binding.valueSet?.split('|')[0] ?? '')?.compose ?? {};
  const systems = new Set(include.map(({ system }) => system));
  return systems.size === 1 ? [...systems][0] : undefined;
}
