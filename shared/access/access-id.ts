import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { base32Bytes, base32Text } from '../record/base32.ts';

/** Which look: the key of its entry in the audit. */
export interface AccessKey {
  readonly person: string;
  /** ISO 8601 instant, UTC, milliseconds. */
  readonly at: string;
  /** 16 characters of base32, random. */
  readonly id: string;
}

const TAG_BYTES = 15;
const TIME_BYTES = 6;
const PERSON_CHARACTERS = 26;
const ID_CHARACTERS = 16;
const ACCESS_ID = /^[A-Za-z0-9.-]{64}$/;

/**
 * The FHIR logical id of a look (an AuditEvent). It names the entry and tells nothing: the entry's key is sealed in it, so no index is needed to find the entry, and
 * no id can be made up. It is exactly the 64 characters that FHIR allows: 33 bytes of key, encrypted with AES-256 in counter mode, and 15 bytes of tag.
 *
 * Sealed deterministically (the construction of RFC 5297: the tag is an HMAC of what is sealed, and the initial counter too), so that a look has one id for ever. That is
 * safe here, because no two looks have the same key, so no two of what is sealed are equal.
 *
 * @param key 32 bytes, the deployment's audit key
 * @returns `undefined` for an entry that is not about a person
 */
export function sealAccessId(key: Uint8Array, { person, at, id }: AccessKey): string | undefined {
  if (person.length !== PERSON_CHARACTERS || id.length !== ID_CHARACTERS) return undefined;
  const time = Buffer.alloc(TIME_BYTES);
  time.writeUIntBE(Date.parse(at), 0, TIME_BYTES);
  const plain = Buffer.concat([time, base32Bytes(person + id)]);
  const tag = tagOf(key, plain);
  return toFhir(Buffer.concat([tag, inCounterMode(createCipheriv, key, tag, plain)]));
}

/** Reads what `sealAccessId` made; `undefined` for any other text. */
export function openAccessId(key: Uint8Array, text: string): AccessKey | undefined {
  if (!ACCESS_ID.test(text)) return undefined;
  const sealed = fromFhir(text);
  const tag = sealed.subarray(0, TAG_BYTES);
  const plain = inCounterMode(createDecipheriv, key, tag, sealed.subarray(TAG_BYTES));
  if (!timingSafeEqual(tag, tagOf(key, plain))) return undefined;
  const names = base32Text(plain.subarray(TIME_BYTES));
  return {
    person: names.slice(0, PERSON_CHARACTERS),
    at: new Date(plain.readUIntBE(0, TIME_BYTES)).toISOString(),
    id: names.slice(PERSON_CHARACTERS, PERSON_CHARACTERS + ID_CHARACTERS),
  };
}

/** What tells one look from all others of the same person in the same millisecond. */
export const newAccessId = (): string => base32Text(randomBytes((ID_CHARACTERS * 5) / 8));

const subkey = (key: Uint8Array, purpose: string): Buffer => createHmac('sha256', key).update(`access id ${purpose}`).digest();

const tagOf = (key: Uint8Array, plain: Uint8Array): Buffer =>
  createHmac('sha256', subkey(key, 'tag')).update(plain).digest().subarray(0, TAG_BYTES);

function inCounterMode(
  cipher: typeof createCipheriv | typeof createDecipheriv,
  key: Uint8Array,
  tag: Uint8Array,
  bytes: Uint8Array,
): Buffer {
  const counter = Buffer.concat([tag, Buffer.alloc(16 - TAG_BYTES)]);
  return cipher('aes-256-ctr', subkey(key, 'text'), counter).update(bytes);
}

/** FHIR ids have no underscore: http://hl7.org/fhir/R4/datatypes.html#id. */
const toFhir = (bytes: Buffer): string => bytes.toString('base64url').replaceAll('_', '.');
const fromFhir = (text: string): Buffer => Buffer.from(text.replaceAll('.', '_'), 'base64url');
