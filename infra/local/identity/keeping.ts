import { createPrivateKey, generateKeyPairSync, type JsonWebKey, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { JWK } from 'oidc-provider';
import { keepOnce } from '../data-folder/json-file.ts';

/** What the identity service keeps for ever, in files that only their owner can read. */
export interface Keeping {
  /** The private key that signs tokens. */
  readonly signingKey: JWK;
  readonly cookieKey: string;
  secretOf(clientId: string): string;
}

const SECRET_LENGTH = 51;
const SECRET_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Makes keys and client secrets the first time, and finds them again ever after. */
export function openKeeping(dataDir: string): Keeping {
  const folder = join(dataDir, 'identity');
  const { signingKey, cookieKey } = keepOnce<{ signingKey: JWK; cookieKey: string }>(
    join(folder, 'keys.json'),
    (kept) => isPrivateKey(kept.signingKey) && typeof kept.cookieKey === 'string',
    () => ({ signingKey: makeKey(), cookieKey: randomBytes(32).toString('base64url') }),
  );
  return {
    signingKey,
    cookieKey,
    secretOf: (clientId) =>
      keepOnce<{ secret: string }>(
        join(folder, `client-${clientId}.json`),
        ({ secret }) => typeof secret === 'string',
        () => ({ secret: makeSecret() }),
      ).secret,
  };
}

/** A key to sign tokens with. */
export function makeKey(): JWK {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...(privateKey.export({ format: 'jwk' }) as JWK), alg: 'RS256', use: 'sig', kid: randomUUID() };
}

/** Whether a value that was read from a file is a key of `makeKey`, as far as Node can tell. */
export function isPrivateKey(value: unknown): value is JWK {
  try {
    return createPrivateKey({ key: value as JsonWebKey, format: 'jwk' }).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}

const makeSecret = (): string =>
  Array.from({ length: SECRET_LENGTH }, () => SECRET_ALPHABET[randomInt(SECRET_ALPHABET.length)]).join('');

/** The half of a key that everybody may have. */
export const publicKey = ({ kty, n, e, alg, use, kid }: JWK) => ({
  kty: kty!,
  n: n as string,
  e: e as string,
  alg: alg!,
  use: use!,
  kid: kid!,
});
