import { createHmac } from 'node:crypto';

/** A key that signatures are made with: Standard Webhooks, "Signature scheme", symmetric. */
export interface SigningKey {
  /** `whsec_` and 24 to 64 bytes in base64. */
  readonly secret: string;
  /** ISO 8601 instant. */
  readonly createdAt: string;
  /** ISO 8601 instant from which it signs nothing more: it was replaced, and the overlap is over. */
  readonly until?: string;
}

/** What a secret of Secrets Manager says of a subscription. */
export interface SigningKeys {
  readonly keys: readonly SigningKey[];
}

/** What is signed. */
export interface Signed {
  /** The same however often it is sent. */
  readonly id: string;
  readonly body: string;
}

const PREFIX = 'whsec_';

/** Keys that sign at an instant. */
export const keysAt = ({ keys }: SigningKeys, nowMs: number): readonly SigningKey[] =>
  keys.filter(({ until }) => until === undefined || Date.parse(until) > nowMs);

/**
 * Headers of Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): an attempt is signed
 * when it is made, with every key that stands, so that a receiver who still has the old one, or has the new one already, can verify it.
 * @param nowMs when the attempt is made, milliseconds since the epoch
 */
export function signatureHeaders(
  { id, body }: Signed,
  keys: readonly SigningKey[],
  nowMs: number,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const signatures = keys.map(({ secret }) => `v1,${signatureOf(secret, `${id}.${timestamp}.${body}`)}`);
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

const signatureOf = (secret: string, content: string): string =>
  createHmac('sha256', Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64'))
    .update(content)
    .digest('base64');
