import { createPrivateKey, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A part of a token: its header, or its claims. */
export type Part = Readonly<Record<string, unknown>>;

/** The key with which the system signs: whoever runs the machine can read it, so tokens of every kind can be made. */
export function readSigningKey(dataDir: string): KeyObject {
  const kept = JSON.parse(readFileSync(join(dataDir, 'identity', 'keys.json'), 'utf8')) as { signingKey: JsonWebKey };
  return createPrivateKey({ key: kept.signingKey, format: 'jwk' });
}

export const encode = (part: Part): string => Buffer.from(JSON.stringify(part)).toString('base64url');

export const decode = (part = ''): Part => JSON.parse(Buffer.from(part, 'base64url').toString()) as Part;

/** A token of these parts. */
export function signed(header: Part, claims: Part, key: KeyObject): string {
  const content = `${encode(header)}.${encode(claims)}`;
  return `${content}.${sign('sha256', Buffer.from(content), key).toString('base64url')}`;
}
