import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';

/** A key by which what is posted is signed (Standard Webhooks). */
export interface SecretKey {
  /** `whsec_` and 32 bytes in base64. */
  readonly secret: string;
  /** ISO 8601 instants. After `until` it signs nothing more. */
  readonly createdAt: string;
  readonly until?: string;
}

/** Signing keys of subscriptions, in Secrets Manager. */
export interface SigningSecrets {
  /** The keys of a subscription, the newest first; the first is made where there is none. @param at ISO 8601 instant */
  ensure(id: string, at: string): Promise<readonly SecretKey[]>;
  /** Makes a new key; those before it sign for a day more, so that a receiver can change over. */
  rotate(id: string, at: string): Promise<readonly SecretKey[]>;
  /** Removes them for good, where there are any. */
  remove(id: string): Promise<void>;
}

/** How long a key goes on signing beside the one that replaced it. */
const OVERLAP_MS = 24 * 3_600_000;
/** Each signature is one more in a header. */
const MOST_KEYS = 4;

/**
 * @param prefix what the names of secrets begin with; the id of the subscription follows
 * @param newSecret `whsec_` and 32 random bytes in base64
 */
export function createSigningSecrets({
  client,
  prefix,
  newSecret,
}: {
  readonly client: SecretsManagerClient;
  readonly prefix: string;
  readonly newSecret: () => string;
}): SigningSecrets {
  const read = async (id: string): Promise<readonly SecretKey[] | undefined> => {
    const found = await unless('ResourceNotFoundException', client.send(new GetSecretValueCommand({ SecretId: prefix + id })));
    return found && (JSON.parse(found.SecretString ?? '') as { keys: readonly SecretKey[] }).keys;
  };

  const ensure = async (id: string, at: string): Promise<readonly SecretKey[]> => {
    const standing = await read(id);
    if (standing !== undefined) return standing;
    const keys = [{ secret: newSecret(), createdAt: at }];
    const made = client.send(new CreateSecretCommand({ Name: prefix + id, SecretString: JSON.stringify({ keys }) }));
    // Of two who make it at once, one does: both read what that one made.
    return (await unless('ResourceExistsException', made)) === undefined ? ((await read(id)) ?? keys) : keys;
  };

  return {
    ensure,
    rotate: async (id, at) => {
      const ends = new Date(Date.parse(at) + OVERLAP_MS).toISOString();
      const before = (await ensure(id, at))
        .filter(({ until }) => until === undefined || until > at)
        .map((key) => ({ ...key, until: key.until ?? ends }));
      const keys = [{ secret: newSecret(), createdAt: at }, ...before].slice(0, MOST_KEYS);
      await client.send(new PutSecretValueCommand({ SecretId: prefix + id, SecretString: JSON.stringify({ keys }) }));
      return keys;
    },
    remove: async (id) => {
      const removal = { SecretId: prefix + id, ForceDeleteWithoutRecovery: true };
      await unless('ResourceNotFoundException', client.send(new DeleteSecretCommand(removal)));
    },
  };
}

async function unless<T>(name: string, call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if ((error as Error).name === name) return undefined;
    throw error;
  }
}
