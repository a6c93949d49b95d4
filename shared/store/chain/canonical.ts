import { createHash } from 'node:crypto';

/** A value as DynamoDB has it. Bytes are bytes where the SDK read them, and base64 where a stream handed them on. */
export type CanonicalValue = object;

/**
 * SHA-256, base64url, of what an item says: the same however the item was read, and another as soon as anything in it is.
 * What is hashed is JSON in which each value says its type and attributes stand in the order of their names.
 */
export const digestOf = (item: Readonly<Record<string, CanonicalValue>>): string => sha256(JSON.stringify(attributes(item)));

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

const attributes = (item: Readonly<Record<string, CanonicalValue>>): readonly unknown[] =>
  Object.keys(item)
    .sort()
    .map((name) => [name, canonical(item[name]!)]);

/** @throws TypeError for a value of no type that there is */
function canonical(value: CanonicalValue): readonly [type: string, value: unknown] {
  // The SDK tells of types that a value has not, as undefined.
  const typed = Object.entries(value).find(([, given]) => given !== undefined);
  if (typed === undefined) throw new TypeError('a value of an item has no type');
  const [type, given] = typed;
  switch (type) {
    case 'S':
    case 'N':
    case 'BOOL':
    case 'NULL':
      return [type, given];
    case 'B':
      return [type, base64(given)];
    case 'L':
      return [type, (given as readonly CanonicalValue[]).map(canonical)];
    case 'M':
      return [type, attributes(given as Readonly<Record<string, CanonicalValue>>)];
    case 'SS':
    case 'NS':
      return [type, [...(given as readonly string[])].sort()];
    case 'BS':
      return [type, (given as readonly unknown[]).map(base64).sort()];
    default:
      throw new TypeError('a value of an item has an unknown type');
  }
}

const base64 = (bytes: unknown): string =>
  typeof bytes === 'string' ? bytes : Buffer.from(bytes as Uint8Array).toString('base64');
