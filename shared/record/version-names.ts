import { createHmac, createSecretKey } from 'node:crypto';
import { base32Text } from './base32.ts';
import type { Subject } from './identity.ts';
import { uuidOf } from './uuid.ts';

/** What names one version of one fragment. */
export interface VersionKey {
  readonly subject: Subject;
  readonly fragmentId: string;
  /** 1, 2, … per fragment. */
  readonly version: number;
}

/** Names that hide a number: derived from a secret, so that nobody can find by trying which number one stands for. */
export interface VersionNames {
  /**
   * The name of a version for everybody but its owner: 20 characters of base32, the same for all of them. Neither the
   * number nor the order of versions can be read from it, so none can be missed.
   */
  version(version: VersionKey): string;
  /** The id of an event about a version: a UUID (RFC 9562, version 8), the same whenever it is made of the same parts. */
  event(parts: readonly string[]): string;
}

/** @param secret the deployment's key for names of versions: at least 32 bytes. Another one gives every version another name. */
export function createVersionNames(secret: Uint8Array): VersionNames {
  if (secret.byteLength < 32) throw new RangeError('the key for names of versions must have at least 32 bytes');
  const key = createSecretKey(secret);
  const digest = (parts: readonly string[]) => createHmac('sha256', key).update(JSON.stringify(parts)).digest();
  return {
    version: ({ subject, fragmentId, version }) =>
      base32Text(digest(['version', subject, fragmentId, String(version)])).slice(0, NAME_LENGTH),
    event: (parts) => uuidOf(digest(['event', ...parts])),
  };
}

const NAME_LENGTH = 20;
