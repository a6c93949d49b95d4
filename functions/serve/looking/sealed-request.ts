import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { AccessKey } from '../../../shared/access/access-id.ts';
import type { Caller, HttpRequest } from '../../../shared/lambda/http.ts';
import type { SourceFreshness } from './freshness.ts';

/** What was asked in a look, as far as the answer depends on it. */
export interface AskedThen {
  readonly method: string;
  readonly path: readonly string[];
  readonly query: HttpRequest['query'];
  readonly headers: HttpRequest['headers'];
  readonly fhirUrl: string;
  readonly caller: Caller;
  /** Whether they were told that some information is withheld. */
  readonly saidWithheld: boolean;
  /** Sources of which they were told that they are stale. */
  readonly stale: readonly SourceFreshness[];
}

/** Headers that an answer depends on. Those of conditional requests decide only whether it is sent once more: what was confirmed to somebody was shown to them. */
const HEADERS = ['accept', 'prefer'] as const;

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals what was asked: AES-256-GCM (NIST SP 800-38D) with a random nonce over compressed JSON. The query may hold an NHS number, so that who reads the audit's table learns
 * no more than what it says; and it opens for the entry that it was sealed for alone.
 * @param key 32 bytes, the deployment's audit key
 */
export function sealRequest(key: Uint8Array, request: AskedThen, entry: AccessKey): Uint8Array {
  const { method, path, query, headers, fhirUrl, caller, saidWithheld, stale } = request;
  const kept = Object.fromEntries(HEADERS.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])));
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv).setAAD(boundTo(entry));
  const plain = deflateRawSync(JSON.stringify([method, path, query, kept, fhirUrl, caller, saidWithheld, stale]));
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** @returns `undefined` for what was not sealed for this entry by this deployment */
export function openRequest(key: Uint8Array, sealed: Uint8Array, entry: AccessKey): AskedThen | undefined {
  if (sealed.length <= IV_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(boundTo(entry)).setAuthTag(sealed.subarray(-TAG_BYTES));
  const opened = decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  const [method, path, query, headers, fhirUrl, caller, saidWithheld, stale = []] = JSON.parse(inflateRawSync(opened).toString());
  return { method, path, query, headers, fhirUrl, caller, saidWithheld, stale };
}

const boundTo = ({ person, at, id }: AccessKey): Buffer => Buffer.from(JSON.stringify([person, at, id]));
