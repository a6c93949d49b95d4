import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Log } from '../../lambda/logger.ts';
import { keysAt, type SigningKey, type SigningKeys } from '../signing.ts';

/** The keys that sign for a subscription now; none where they cannot be read. */
export type KeysOf = (subscription: string) => Promise<readonly SigningKey[]>;

/** A key that was revoked signs nothing after that. */
const REMEMBERED_MS = 300_000;

/** @param prefix what the names of secrets begin with; the id of the subscription follows */
export function createKeys(client: SecretsManagerClient, prefix: string, log: Log, now: () => number): KeysOf {
  const remembered = new Map<string, { readonly at: number; readonly keys: Promise<SigningKeys> }>();
  const read = async (id: string): Promise<SigningKeys> => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: prefix + id }));
    return JSON.parse(SecretString ?? '') as SigningKeys;
  };
  return async (id) => {
    const known = remembered.get(id);
    const isFresh = known !== undefined && now() - known.at < REMEMBERED_MS;
    const keys = isFresh ? known.keys : read(id);
    if (!isFresh) remembered.set(id, { at: now(), keys });
    try {
      return keysAt(await keys, now());
    } catch (error) {
      remembered.delete(id);
      log.error('the keys of a subscription cannot be read', { error });
      return [];
    }
  };
}
