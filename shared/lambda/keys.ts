import { hkdfSync } from 'node:crypto';
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

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
  const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
  const { identity } = JSON.parse(SecretString) as { identity?: unknown };
  if (typeof identity !== 'string' || identity.length < 64)
    throw new Error('the secret holds no identity key of 64 characters or more');
  const secret = Buffer.from(identity, 'utf8');
  return { identity: derive(secret, 'identity'), cursor: derive(secret, 'cursor'), audit: derive(secret, 'audit') };
}

const derive = (secret: Uint8Array, purpose: string) => new Uint8Array(hkdfSync('sha256', secret, '', `chesil ${purpose} 1`, 32));
