import { ALPHABET } from './base32.ts';
import type { FragmentVersion } from './contribution.ts';

/** What names a version: ids and hashes are random, so no compressor shortens them; as bytes they take 22 in place of 32 characters. */
type Name = Pick<FragmentVersion, 'fragmentId' | 'hash'>;

/** Reads packed names by their place. */
export interface Names {
  id(index: number): string;
  hash(index: number): string;
  /** Whether one of these ids is among them. */
  hasAny(ids: ReadonlySet<string>): boolean;
  /** What follows the names. */
  readonly rest: Buffer;
}

const COUNT_BYTES = 3;
const ID_BYTES = 10;
const HASH_BYTES = 12;
const HASH = /^[\w-]{16}$/;

/**
 * The number of names (3 bytes), every id (10 bytes each), every hash (12 bytes each).
 * @throws RangeError when an id or a hash has not the form that `contribution.ts` gives it.
 */
export function packNames(names: readonly Name[]): Buffer {
  const bytes = Buffer.alloc(COUNT_BYTES + names.length * (ID_BYTES + HASH_BYTES));
  let at = bytes.writeUIntBE(names.length, 0, COUNT_BYTES);
  for (const { fragmentId } of names) at = writeId(bytes, at, fragmentId);
  for (const { hash } of names) {
    if (!HASH.test(hash)) throw new RangeError('a hash is 16 characters of base64url');
    at += bytes.write(hash, at, 'base64url');
  }
  return bytes;
}

/** Reads what `packNames` wrote at the beginning of `bytes`. */
export function openNames(bytes: Buffer): Names {
  const count = bytes.readUIntBE(0, COUNT_BYTES);
  const hashesAt = COUNT_BYTES + count * ID_BYTES;
  return {
    id: (index) => readId(bytes, COUNT_BYTES + index * ID_BYTES),
    hasAny: (ids) => hasAnyId(bytes.subarray(COUNT_BYTES, hashesAt), ids),
    hash: (index) => bytes.toString('base64url', hashesAt + index * HASH_BYTES, hashesAt + (index + 1) * HASH_BYTES),
    rest: bytes.subarray(hashesAt + count * HASH_BYTES),
  };
}

const ID = /^[a-z2-7]{16}$/;

/** More than these are sooner read one by one than searched for one after the other. */
const FEW_IDS = 4;

function hasAnyId(bytes: Buffer, ids: ReadonlySet<string>): boolean {
  if (ids.size <= FEW_IDS) return [...ids].some((id) => hasId(bytes, id));
  for (let at = 0; at < bytes.byteLength; at += ID_BYTES) if (ids.has(readId(bytes, at))) return true;
  return false;
}

function hasId(ids: Buffer, id: string): boolean {
  if (!ID.test(id)) return false;
  const wanted = Buffer.alloc(ID_BYTES);
  writeId(wanted, 0, id);
  let at = ids.indexOf(wanted);
  // The same bytes may stand across two ids.
  while (at >= 0 && at % ID_BYTES !== 0) at = ids.indexOf(wanted, at + 1);
  return at >= 0;
}

/** The two characters of each value of ten bits. */
const PAIRS = Array.from({ length: 1024 }, (_, bits) => ALPHABET[bits >> 5]! + ALPHABET[bits & 31]!);
const ID_CHARACTERS = (ID_BYTES * 8) / 5;

function readId(bytes: Buffer, at: number): string {
  let id = '';
  for (let half = at; half < at + ID_BYTES; half += 5) {
    const [a, b, c, d, e] = [bytes[half]!, bytes[half + 1]!, bytes[half + 2]!, bytes[half + 3]!, bytes[half + 4]!];
    id +=
      PAIRS[(a << 2) | (b >> 6)]! +
      PAIRS[((b & 63) << 4) | (c >> 4)]! +
      PAIRS[((c & 15) << 6) | (d >> 2)]! +
      PAIRS[((d & 3) << 8) | e]!;
  }
  return id;
}

function writeId(bytes: Buffer, at: number, id: string): number {
  if (id.length !== ID_CHARACTERS) throw notAnId();
  let bits = 0;
  let value = 0;
  let place = at;
  for (const character of id) {
    const five = ALPHABET.indexOf(character);
    if (five < 0) throw notAnId();
    value = ((value << 5) | five) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[place++] = value >> bits;
    }
  }
  return place;
}

const notAnId = () => new RangeError('a fragmentId is 16 characters of base32');
