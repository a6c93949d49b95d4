import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Subject } from '../../record/identity.ts';
import { type Refusal, refuse } from '../outcomes.ts';

/** Where a reader is in an answer of several pages. It is sealed into the address of the next page. */
export interface Cursor {
  /** What is being paged through, such as `Observation`, `Patient/<id>/$everything` or `Observation/<id>/_history`. */
  readonly path: string;
  /** The parameters of the first request, as they came (without the cursor). */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** The record is read as it stood at these sequence numbers, so that pages neither repeat nor skip what changes meanwhile. */
  readonly sequences: Readonly<Record<Subject, number>>;
  /** ISO 8601 instant of the first page: what "now" means to the search on every page. */
  readonly at: string;
  /** How many matches earlier pages held. */
  readonly offset: number;
}

/** Whom a page address was given to: nobody else can use it. */
export interface CursorHolder {
  /** Internal id of the organisation. */
  readonly organisation: string;
  readonly client: string;
  /** A member of staff, or the person who is signed in: those who use the same client are not each other. */
  readonly staff?: string;
  readonly person?: string;
}

const IV_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

/** The position of a page is padded to a multiple of this: its length must not tell how large its numbers are. */
const POSITION_BYTES = 256;

/**
 * Seals a cursor into text for an address: AES-256-GCM (NIST SP 800-38D) over JSON, base64url, so it can neither be read nor changed, and an NHS
 * number that was searched for stays out of sight. What was asked is compressed; the position is padded, since sequence numbers count what is withheld too.
 * Each holder has a key of their own, derived from the deployment's: what one was given does not open for another.
 *
 * The nonce is made from what is sealed (an HMAC of it, under a key of its own), so the same page has the same address for the same holder, and an answer that is made
 * again for the audit is the same to the byte. That is safe: a nonce comes twice only with the very same plaintext, which then gives the very same text and tells no more than
 * that it is the same page (the reasoning of synthetic nonces, RFC 8452, section 1); that two different plaintexts share the 96 bits is as unlikely as with random ones.
 *
 * @param key 32 bytes, the deployment's cursor key
 */
export function sealCursor(key: Uint8Array, cursor: Cursor, holder: CursorHolder): string {
  const plain = packed(cursor);
  const iv = createHmac('sha256', keyOf(key, holder, 'nonce'))
    .update(plain)
    .digest()
    .subarray(0, IV_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(key, holder), iv);
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

/**
 * Opens what `sealCursor` made.
 * @returns the cursor; `bad-cursor` for any other text, and for one that was given to somebody else
 */
export function openCursor(key: Uint8Array, text: string, holder: CursorHolder): Cursor | Refusal {
  const sealed = Buffer.from(text, 'base64url');
  // Decoding forgives characters that mean nothing; an address that was not given out as it stands is refused all the same.
  if (sealed.length <= IV_BYTES + TAG_BYTES || sealed.toString('base64url') !== text) return refuse('bad-cursor');
  const decipher = createDecipheriv(CIPHER, keyOf(key, holder), sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const opened = decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES));
  try {
    decipher.final();
  } catch {
    return refuse('bad-cursor');
  }
  return unpacked(opened);
}

/** The length of the question (2 bytes), the question compressed, and the position with spaces behind it. */
function packed({ path, query, at, ...position }: Cursor): Buffer {
  const question = deflateRawSync(JSON.stringify([path, query, at]));
  const text = JSON.stringify(position);
  const bytes = Math.ceil(text.length / POSITION_BYTES) * POSITION_BYTES;
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(question.byteLength);
  return Buffer.concat([length, question, Buffer.from(text.padEnd(bytes))]);
}

function unpacked(plain: Buffer): Cursor {
  const end = LENGTH_BYTES + plain.readUInt16BE();
  const [path, query, at] = JSON.parse(inflateRawSync(plain.subarray(LENGTH_BYTES, end)).toString());
  return { path, query, at, ...JSON.parse(plain.subarray(end).toString()) };
}

const LENGTH_BYTES = 2;

const keyOf = (key: Uint8Array, { organisation, client, staff, person }: CursorHolder, purpose = 'cursor'): Buffer =>
  createHmac('sha256', key)
    .update(JSON.stringify([purpose, organisation, client, staff, person]))
    .digest();
