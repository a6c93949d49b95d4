import { codeSetOf } from './code-rows.ts';
import type { Definitions } from './definitions.ts';

/** Elements that the package adds to R4, of its own or from later versions of FHIR. Nobody may send them. */
const NOT_IN_R4: ReadonlySet<string> = new Set(
  (
    'Meta.project Meta.author Meta.onBehalfOf Meta.account Meta.accounts Meta.compartment Meta.deleted Binary.url ' +
    'DeviceDefinition.classification DeviceDefinition.bodySite HealthcareService.offeredIn ObservationDefinition.publisher ' +
    'ResearchStudy.name ResearchStudy.label ResearchStudy.studyDesign ResearchStudy.region ResearchStudy.descriptionSummary ' +
    'ResearchStudy.classifier ResearchStudy.associatedParty ResearchStudy.progressStatus ResearchStudy.whyStopped ' +
    'ResearchStudy.recruitment ResearchStudy.comparisonGroup ResearchStudy.outcomeMeasure ResearchStudy.result ' +
    'ResearchStudy.objective.description'
  ).split(' '),
);

/** Elements of which the package has the R5 form in place of that of R4 (http://hl7.org/fhir/R4/evidencevariable.html). */
const AS_IN_R4: Readonly<Record<string, string>> = {
  'EvidenceVariable.characteristic':
    'BackboneElement description?string definition[x]!Reference(Group)|canonical|CodeableConcept|Expression|DataRequirement|TriggerDefinition ' +
    'usageContext*UsageContext exclude?boolean participantEffective[x]?dateTime|Period|Duration|Timing timeFromStart?Duration groupMeasure?code',
};

/**
 * One row of text per type and per nested element, in the order of the definitions. How to read one:
 *
 * ```
 * "Observation": "DomainResource status!code=observation-status value[x]?Quantity|string subject?Reference(Patient/Group) component*@"
 * ```
 *
 * First what it inherits from (`-`: nothing). Then each element: its name; `[x]` when the type is part of the JSON name; how often (`?` 0..1, `!` 1..1, `*`
 * 0..*, `+` 1..*); its types, with what a reference may point at and the name of a required set of codes. `@` is a row of its own
 * (`Observation.component`), `@Observation.referenceRange` somebody else's.
 */
export function structureRows(definitions: Definitions): Record<string, string> {
  const rows = new Map<string, string[]>();
  for (const structure of definitions.structures) {
    if (structure.kind === 'primitive-type' || structure.type === 'MetadataResource') continue;
    rows.set(structure.type, [baseOf(structure)]);
    for (const element of structure.snapshot?.element ?? []) addElement(rows, definitions, element);
  }
  return Object.fromEntries([...rows].map(([path, row]) => [path, AS_IN_R4[path] ?? row.join(' ')]));
}

/** Whether the element, or one that it stands in, is no part of R4. */
const isForeign = (path: string): boolean =>
  NOT_IN_R4.has(path) ||
  (path.includes('.') && isForeign(path.slice(0, path.lastIndexOf('.')))) ||
  Object.keys(AS_IN_R4).some((replaced) => path.startsWith(`${replaced}.`));

const lastOf = (path: string, separator: string): string => path.slice(path.lastIndexOf(separator) + 1);

const baseOf = ({ baseDefinition }: fhir4.StructureDefinition): string => lastOf(baseDefinition ?? '-', '/');

function addElement(rows: Map<string, string[]>, definitions: Definitions, element: fhir4.ElementDefinition): void {
  const { path } = element;
  const dot = path.lastIndexOf('.');
  // An inherited element stands in the row of the type that it comes from.
  if (dot < 0 || isForeign(path) || element.base?.path.split('.')[0] !== path.split('.')[0]) return;
  if (isNested(element)) rows.set(path, [element.type![0]!.code]);
  rows.get(path.slice(0, dot))!.push(lastOf(path, '.') + cardinality(element) + typesOf(definitions, element));
}

const isNested = ({ type }: fhir4.ElementDefinition): boolean =>
  type?.length === 1 && (type[0]!.code === 'BackboneElement' || type[0]!.code === 'Element');

function cardinality({ path, min, max }: fhir4.ElementDefinition): string {
  if (max !== '1' && max !== '*') throw new Error(`${path} occurs at most ${max} times, which a row cannot say`);
  if (max === '*') return min === 0 ? '*' : '+';
  return min === 0 ? '?' : '!';
}

function typesOf(definitions: Definitions, element: fhir4.ElementDefinition): string {
  if (element.contentReference !== undefined) return `@${lastOf(element.contentReference, '#')}`;
  if (isNested(element)) return '@';
  return element.type!.map((type) => typeName(element, type) + targetsOf(type) + codesOf(definitions, element, type)).join('|');
}

const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';

function typeName({ path }: fhir4.ElementDefinition, { code, profile, extension }: fhir4.ElementDefinitionType): string {
  // The definitions call it a string, and the text of the specification an id (http://hl7.org/fhir/R4/resource.html#id).
  if (path === 'Resource.id') return 'id';
  if (profile?.[0]?.endsWith('/SimpleQuantity')) return 'SimpleQuantity';
  if (!code.startsWith('http:')) return code;
  const type = extension?.find(({ url }) => url === FHIR_TYPE);
  return type?.valueUrl ?? type?.valueUri ?? 'string';
}

function targetsOf({ code, targetProfile = [] }: fhir4.ElementDefinitionType): string {
  const targets = targetProfile.map((profile) => lastOf(profile, '/'));
  return code !== 'Reference' || targets.length === 0 || targets.includes('Resource') ? '' : `(${targets.join('/')})`;
}

const CODED = new Set(['code', 'Coding', 'CodeableConcept']);

function codesOf(definitions: Definitions, { binding }: fhir4.ElementDefinition, { code }: fhir4.ElementDefinitionType): string {
  if (binding?.strength !== 'required' || binding.valueSet === undefined || !CODED.has(code)) return '';
  const codes = codeSetOf(definitions, binding.valueSet);
  return codes === undefined ? '' : `=${codes.name}`;
}
