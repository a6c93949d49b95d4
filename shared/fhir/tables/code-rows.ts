import type { Definitions } from './definitions.ts';

/** The codes that a required binding allows. */
export interface CodeSet {
  /** Short name: the end of the value set's address. */
  readonly name: string;
  /** By code system; `undefined` when the set is too large to list, or is not published with FHIR (media types, currencies, units). */
  readonly systems: ReadonlyMap<string, readonly string[]> | undefined;
}

/** The sets that cannot be listed but have a form that can be checked (see `validate/codes.ts`). The others are not checked. */
const WITH_A_FORM: ReadonlySet<string> = new Set(['mimetypes', 'currencies']);

/** The set of codes behind the address of a value set; `undefined` when nothing can be checked. */
export function codeSetOf(definitions: Definitions, address: string): CodeSet | undefined {
  const url = address.split('|')[0]!;
  const name = url.slice(url.lastIndexOf('/') + 1);
  const systems = systemsOf(definitions, url);
  return systems === undefined && !WITH_A_FORM.has(name) ? undefined : { name, systems };
}

/**
 * Every set that a required binding of R4 names, by short name: `"administrative-gender": "http://hl7.org/fhir/administrative-gender male
 * female other unknown"`, one such group per code system, separated by `|`. Empty: the set has a form, not a list.
 */
export function codeRows(definitions: Definitions): Record<string, string> {
  const rows = new Map<string, string>();
  const elements = definitions.structures.flatMap(({ snapshot }) => snapshot?.element ?? []);
  for (const { binding } of elements) {
    if (binding?.strength !== 'required' || binding.valueSet === undefined) continue;
    const set = codeSetOf(definitions, binding.valueSet);
    if (set === undefined) continue;
    const row = [...(set.systems ?? [])].map(([system, codes]) => [system, ...codes].join(' ')).join('|');
    if ((rows.get(set.name) ?? row) !== row) throw new Error(`two sets of codes are called ${set.name}`);
    rows.set(set.name, row);
  }
  return Object.fromEntries([...rows].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function systemsOf({ valueSets, codeSystems }: Definitions, url: string): Map<string, string[]> | undefined {
  const { include = [], exclude } = valueSets.get(url)?.compose ?? {};
  if (include.length === 0 || exclude !== undefined) return undefined;
  const systems = new Map<string, string[]>();
  for (const { system, concept, filter, valueSet } of include) {
    const codeSystem = codeSystems.get(system ?? '');
    if (system === undefined || filter !== undefined || valueSet !== undefined) return undefined;
    if (concept === undefined && codeSystem?.content !== 'complete') return undefined;
    const codes = concept?.map(({ code }) => code) ?? allCodes(codeSystem?.concept);
    systems.set(system, [...(systems.get(system) ?? []), ...codes]);
  }
  return systems;
}

const allCodes = (concepts: readonly fhir4.CodeSystemConcept[] = []): string[] =>
  concepts.flatMap(({ code, concept }) => [code, ...allCodes(concept)]);
