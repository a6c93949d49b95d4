import generated from './generated/elements.json' with { type: 'json' };

/** An element of a resource, backbone element or data type of R4. */
export interface ElementRow {
  /** Name without `[x]`. */
  readonly name: string;
  /** Whether it is a choice of types, so that its JSON names end in the type (`valueQuantity`). */
  readonly choice: boolean;
  /** Data types, or the path of a backbone element (`Observation.component`). */
  readonly types: readonly string[];
  readonly inSummary: boolean;
  /** Mandatory or a modifier: a resource that was cut down keeps it. */
  readonly kept: boolean;
  /** System of the codes of an element of type `code`. */
  readonly system?: string;
}

const rows = new Map(Object.entries(generated as Record<string, string>));
const read = new Map<string, ReadonlyMap<string, ElementRow>>();

/** The elements of a resource type, backbone path or data type by name; empty for a primitive and for what R4 does not have. */
export function elementsOf(type: string): ReadonlyMap<string, ElementRow> {
  let elements = read.get(type);
  if (elements === undefined) {
    const row = rows.get(type);
    elements = new Map(row?.split(';').map(elementOf));
    read.set(type, elements);
  }
  return elements;
}

/** The names that an element has in JSON, with the type of each: one, or one for each type of a choice. */
export const jsonNames = ({ name, choice, types }: ElementRow): readonly (readonly [name: string, type: string])[] =>
  choice ? types.map((type) => [`${name}${type[0]!.toUpperCase()}${type.slice(1)}`, type]) : [[name, types[0]!]];

function elementOf(text: string): [name: string, element: ElementRow] {
  const [given = '', types = '', flags = '', system] = text.split(' ');
  const choice = given.endsWith('[x]');
  const name = choice ? given.slice(0, -3) : given;
  const element = {
    name,
    choice,
    types: types.split('|'),
    inSummary: flags.includes('s'),
    kept: flags.includes('m'),
    ...(system === undefined ? {} : { system }),
  };
  return [name, element];
}
