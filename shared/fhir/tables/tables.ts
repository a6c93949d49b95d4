import codes from './generated/codes.json' with { type: 'json' };
import primitives from './generated/primitives.json' with { type: 'json' };
import structure from './generated/structure.json' with { type: 'json' };

/** An element as a row tells it. */
export interface ElementRow {
  /** Without `[x]`. */
  readonly name: string;
  /** Whether the type is part of the name in JSON (`valueQuantity`). */
  readonly choice: boolean;
  readonly required: boolean;
  readonly repeats: boolean;
  readonly types: readonly ElementType[];
}

/** A type that an element may have. */
export interface ElementType {
  /** A data type, a primitive, `Resource`, or the path of a nested element (`Observation.component`). */
  readonly type: string;
  /** What a reference may point at; `undefined`: anything. */
  readonly targets?: readonly string[];
  /** Name of the set that a code must come from: see `codeSet`. */
  readonly codes?: string;
}

/** A row, read. */
export interface StructureRow {
  /** The type that it inherits elements from. */
  readonly base: string | undefined;
  readonly elements: readonly ElementRow[];
}

// Null prototypes: a type that somebody sent may be called `constructor`.
const structureRows: Readonly<Record<string, string | undefined>> = Object.assign(Object.create(null), structure);
const codeRows: Readonly<Record<string, string | undefined>> = Object.assign(Object.create(null), codes);

/** Types whose form is a text, a number or a boolean. */
export const primitiveForms: Readonly<Record<string, string>> = primitives;

/** Every row's name: types, and nested elements as paths. */
export const structureNames = (): readonly string[] => Object.keys(structure);

/** Reads the row of a type or nested element; `undefined` when R4 has none. The grammar is that of `structureRows` in `structure-rows.ts`. */
export function structureOf(type: string): StructureRow | undefined {
  const row = structureRows[type];
  if (row === undefined) return undefined;
  const [base, ...elements] = row.split(' ');
  return { base: base === '-' ? undefined : base, elements: elements.map((element) => readElement(type, element)) };
}

const ELEMENT = /^(\w+)(\[x\])?([?!*+])(.+)$/;
const TYPE = /^(@?[\w.]*)(?:\(([\w/]+)\))?(?:=(.+))?$/;

function readElement(owner: string, text: string): ElementRow {
  const [, name, choice, often, types] = ELEMENT.exec(text)!;
  return {
    name: name!,
    choice: choice !== undefined,
    required: often === '!' || often === '+',
    repeats: often === '*' || often === '+',
    types: types!.split('|').map((type) => readType(`${owner}.${name}`, type)),
  };
}

function readType(path: string, text: string): ElementType {
  const [, type, targets, codes] = TYPE.exec(text)!;
  return {
    type: type === '@' ? path : type!.startsWith('@') ? type!.slice(1) : type!,
    ...(targets === undefined ? {} : { targets: targets.split('/') }),
    ...(codes === undefined ? {} : { codes }),
  };
}

/** A set of codes: of all its systems, and by `system|code`. Both empty when the set has a form and no list. */
export interface CodeSetRow {
  readonly codes: ReadonlySet<string>;
  readonly tokens: ReadonlySet<string>;
}

/** Reads a set of codes by the name that a row gives it. */
export function codeSet(name: string): CodeSetRow {
  const groups = (codeRows[name] ?? '').split('|').map((group) => group.split(' '));
  return {
    codes: new Set(groups.flatMap(([, ...all]) => all)),
    tokens: new Set(groups.flatMap(([system, ...all]) => all.map((code) => `${system}|${code}`))),
  };
}
