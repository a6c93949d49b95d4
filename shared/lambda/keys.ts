import { hkdfSync } from 'node:crypto';
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createVersionNames, type VersionNames } from '../record/version-names.ts';

/** Keys of a deployment. */
export interface Keys {
  /** Names persons and fragments. It can never change: every id is derived from it. */
  readonly identity: Uint8Array;
  /** Seals page addresses. Derived, so it needs no secret of its own. */
  readonly cursor: Uint8Array;
  /** Names looks outside, and seals what was asked in them. */
  readonly audit: Uint8Array;
}

/** Reads the deployment's secret, `{"identity": "<at least 64 characters>"}`, and derives what else is needed (HKDF, RFC 5869). */
export async function loadKeys(client: SecretsManagerClient, secretArn: string): Promise<Keys> {
  const secret = await readKey(client, secretArn, 'identity');
  return { identity: derive(secret, 'identity'), cursor: derive(secret, 'cursor'), audit: derive(secret, 'audit') };
}

/** Reads the secret of its own that names versions, `{"versions": "<at least 64 characters>"}`. */
export const loadVersionNames = async (client: SecretsManagerClient, secretArn: string): Promise<VersionNames> =>
  createVersionNames(derive(await readKey(client, secretArn, 'versions'), 'versions'));

async function readKey(client: SecretsManagerClient, secretArn: string, name: 'identity' | 'versions'): Promise<Buffer> {
  const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
  const { [name]: key } = JSON.parse(SecretString) as Record<string, unknown>;
  if (typeof key !== 'string' || key.length < 64)
    throw new Error('a secret holds no key of 64 characters or more', { cause: name });
  return Buffer.from(key, 'utf8');
}

/** Loads what is needed when it is first asked for. What could not be loaded is asked for again the next time. */
export function untilLoaded<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return async () => {
    loading ??= load();
    try {
      return await loading;
    } catch (error) {
      loading = undefined;
      throw error;
    }
  };
}

const derive = (secret: Uint8Array, purpose: string) => new Uint8Array(hkdfSync('sha256', secret, '', `chesil ${purpose} 1`, 32));
