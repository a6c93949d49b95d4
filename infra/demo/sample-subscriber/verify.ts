/**
 * Checks who sent a webhook: Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks, "Verifying signatures").
 * Needs Node and nothing else: copy it.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far the sender's clock and ours may be apart: what is older may be a replay of something that was overheard. */
const MOST_SECONDS_APART = 5 * 60;

/** A request as it came. The body is what was sent, byte for byte: JSON that was parsed and written again has another signature. */
export interface Received {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/** Who sent it is certain: then `id` is the same whenever this signal comes again. Else what is wrong with it. */
export type Verdict = { readonly id: string } | { readonly problem: string };

/**
 * @param secrets as `$secret` gives them (`whsec_…`); while they rotate there are several, and a signature by any of them will do
 * @param now milliseconds since the epoch
 */
export function verify({ headers, body }: Received, secrets: readonly string[], now: number): Verdict {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headers[name]);
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return { problem: 'not signed' };
  const secondsApart = Math.abs(now / 1_000 - Number(timestamp));
  if (!/^\d+$/.test(timestamp) || secondsApart > MOST_SECONDS_APART) return { problem: 'not sent within the last five minutes' };
  const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  const given = signatures.split(' ').flatMap((each) => (each.startsWith('v1,') ? [Buffer.from(each.slice(3), 'base64')] : []));
  const isOurs = secrets.map((secret) => signatureOf(content, secret)).some((ours) => given.some((each) => isSame(each, ours)));
  return isOurs ? { id } : { problem: 'signed with none of our secrets' };
}

function signatureOf(content: Buffer, secret: string): Buffer {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return createHmac('sha256', key).update(content).digest();
}

/** Takes as long whether the first byte differs or the last: else a signature could be guessed byte by byte. */
const isSame = (one: Buffer, other: Buffer): boolean => one.length === other.length && timingSafeEqual(one, other);
