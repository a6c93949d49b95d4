import { isKnownType } from '../compartment.ts';
import { type ElementRow, type ElementType, structureOf } from '../tables/tables.ts';
import { type AllowedCodes, allowedCodes } from './codes.ts';
import type { Invariant } from './invariants/invariant.ts';
import { invariantsOf } from './invariants/invariants.ts';
import { PRIMITIVES, type PrimitiveCheck } from './primitives.ts';

/** How one JSON property is checked. */
export interface Property {
  readonly name: string;
  /** The data type, or the path of a nested element. `Resource`: any resource. */
  readonly type: string;
  /** Set for a primitive; the others have a `shape`. */
  readonly primitive: PrimitiveCheck | undefined;
  /** Read when it is first needed: types refer to each other. */
  shape: Shape | undefined;
  readonly repeats: boolean;
  /** `value` of `value[x]`: only one property of a group may be there. */
  readonly group: string | undefined;
  readonly codes: AllowedCodes | undefined;
  readonly targets: ReadonlySet<string> | undefined;
}

/** An element that must be there, by any of its names in JSON. */
export interface Requirement {
  readonly name: string;
  /** Property names, with and without the `_` that carries extensions of a primitive. */
  readonly names: readonly string[];
}

/** A type or nested element, ready to check objects against. */
export interface Shape {
  readonly type: string;
  readonly isResource: boolean;
  readonly properties: ReadonlyMap<string, Property>;
  readonly required: readonly Requirement[];
  readonly invariants: readonly Invariant[];
}

const shapes = new Map<string, Shape>();

/** The shape of a data type, resource or nested element of R4. Compiled on first use and kept: there are about 700. */
export function shapeOf(type: string): Shape {
  const known = shapes.get(type);
  if (known !== undefined) return known;
  const shape = compile(type);
  shapes.set(type, shape);
  return shape;
}

/** Profiles of the specification that are used like types: what they add is an invariant. */
const PROFILES: Readonly<Record<string, string>> = { SimpleQuantity: 'Quantity' };

function compile(type: string): Shape {
  const row = structureOf(PROFILES[type] ?? type);
  if (row === undefined) throw new Error(`the tables have no row for ${type}`);
  const base = row.base === undefined ? undefined : shapeOf(row.base);
  return {
    type,
    isResource: isKnownType(type),
    properties: new Map([
      ...(base?.properties ?? []),
      ...row.elements.flatMap(propertiesOf).map((one) => [one.name, one] as const),
    ]),
    required: [...(base?.required ?? []), ...row.elements.filter(({ required }) => required).map(requirementOf)],
    invariants: [...(base?.invariants ?? []), ...(type in PROFILES ? invariantsOf(PROFILES[type]!) : []), ...invariantsOf(type)],
  };
}

const jsonName = ({ name, choice }: ElementRow, { type }: ElementType): string => {
  if (!choice) return name;
  const shown = PROFILES[type] ?? type;
  return name + shown[0]!.toUpperCase() + shown.slice(1);
};

const propertiesOf = (element: ElementRow): Property[] =>
  element.types.map((type) => ({
    name: jsonName(element, type),
    type: type.type,
    primitive: PRIMITIVES.get(type.type),
    shape: undefined,
    repeats: element.repeats,
    group: element.choice ? element.name : undefined,
    codes: type.codes === undefined ? undefined : allowedCodes(type.codes),
    targets: type.targets === undefined ? undefined : new Set(type.targets),
  }));

const requirementOf = (element: ElementRow): Requirement => ({
  name: element.name,
  names: element.types.flatMap((type) => [jsonName(element, type), `_${jsonName(element, type)}`]),
});
