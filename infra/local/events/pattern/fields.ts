/** A leaf of an event. */
export type Leaf = string | number | boolean | null;

/** Which element of which array a value stands in: array id and index, outermost first. */
export type Membership = readonly (readonly [array: number, index: number])[];

export interface Field {
  readonly value: Leaf;
  readonly membership: Membership;
}

/** The leaves of an event by dotted path: `{"a":{"b":1}}` and `{"a.b":1}` have the same. */
export type Fields = ReadonlyMap<string, readonly Field[]>;

const NOWHERE: Membership = [];

/** Flattens an event. Empty objects and arrays have no leaf, so to a pattern they do not exist. */
export function fieldsOf(event: unknown): Fields {
  const fields = new Map<string, Field[]>();
  let arrays = 0;

  const walk = (value: unknown, path: string, membership: Membership): void => {
    if (Array.isArray(value)) walkArray(value, path, membership);
    else if (typeof value === 'object' && value !== null) walkObject(value as Record<string, unknown>, `${path}.`, membership);
    else if (value !== undefined) add(path, { value: value as Leaf, membership });
  };

  const walkObject = (value: Readonly<Record<string, unknown>>, prefix: string, membership: Membership): void => {
    for (const name of Object.keys(value)) walk(value[name], prefix + name, membership);
  };

  const walkArray = (items: readonly unknown[], path: string, membership: Membership): void => {
    const array = arrays++;
    for (const [index, item] of items.entries()) {
      // Plain values of an array belong to no element: any of them may stand beside any other field.
      const nested = typeof item === 'object' && item !== null;
      walk(item, path, nested ? [...membership, [array, index]] : membership);
    }
  };

  const add = (path: string, field: Field): void => {
    const found = fields.get(path);
    if (found === undefined) fields.set(path, [field]);
    else found.push(field);
  };

  if (typeof event === 'object' && event !== null && !Array.isArray(event))
    walkObject(event as Record<string, unknown>, '', NOWHERE);
  return fields;
}

/** Both memberships together, or `undefined` when they stand in different elements of the same array. */
export function joinMemberships(one: Membership, other: Membership): Membership | undefined {
  if (other.length === 0 || one === other) return one;
  if (one.length === 0) return other;
  const added: (readonly [number, number])[] = [];
  for (const pair of other) {
    const held = one.find(([array]) => array === pair[0]);
    if (held === undefined) added.push(pair);
    else if (held[1] !== pair[1]) return undefined;
  }
  return added.length === 0 ? one : [...one, ...added];
}
