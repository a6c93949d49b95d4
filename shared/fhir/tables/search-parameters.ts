import generated from './generated/search-parameters.json' with { type: 'json' };

/** A search parameter of R4 for one base type (http://hl7.org/fhir/R4/searchparameter-registry.html). */
export interface SearchParameterRow {
  readonly code: string;
  readonly type: string;
  /** FHIRPath; only the alternatives that start at the base type. */
  readonly expression: string;
  /** Types that a reference may point at; absent: any. */
  readonly target?: readonly string[];
  /** The parts of a composite, each relative to what `expression` selects. */
  readonly component?: readonly { readonly code: string; readonly type: string; readonly expression: string }[];
}

const rows = new Map(Object.entries(generated as Record<string, readonly SearchParameterRow[]>));
const none: readonly SearchParameterRow[] = [];

/** Every search parameter of a resource type: those of all resources first, then its own by code. Unknown type: those of all resources. */
export const searchParametersOf = (type: string): readonly SearchParameterRow[] => [
  ...(rows.get('Resource') ?? none),
  ...(type === 'Resource' ? none : (rows.get(type) ?? none)),
];
