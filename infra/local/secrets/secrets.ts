import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { keepOnce } from '../data-folder/json-file.ts';
import type { Service } from '../endpoint/service.ts';
import { type Place, type ResolvedResource, refuseUnknownProperties, resourcesOf } from '../resource.ts';
import { secretActions } from './actions.ts';
import { type Generation, generateSecret } from './generate.ts';
import type { SecretOf } from './reference.ts';
import { CURRENT, type Secret, versionOf } from './secret.ts';
import { openSecretStore } from './store.ts';

/** A template's secret, as its file has it. */
interface Kept {
  readonly value: string;
  readonly versionId: string;
  /** Seconds since 1970. */
  readonly created: number;
}

const KNOWN = ['Name', 'Description', 'GenerateSecretString', 'SecretString', 'KmsKeyId', 'Tags'];

/** Secrets Manager, and what CloudFormation itself may read of it. */
export interface Secrets extends Service {
  /** What a secret holds, by its ARN or name. */
  readonly reveal: SecretOf;
}

interface Parts {
  readonly resources: Iterable<ResolvedResource>;
  /** Where values are kept: `secrets/` in it, readable by the owner alone. */
  readonly dataDir: string;
  readonly place: Place;
  readonly now?: () => number;
}

/** Secrets Manager, as far as functions use it. A template's values are made once and kept, so that what is derived from them stays true. */
export function createSecrets({ resources, dataDir, place, now = Date.now }: Parts): Secrets {
  const all = [...resources];
  const keys = new Map(
    resourcesOf(all, 'AWS::KMS::Key').flatMap(({ ref, attributes: { Arn = ref } }) => [
      [ref, Arn],
      [Arn, Arn],
    ]),
  );
  const fixed = resourcesOf(all, 'AWS::SecretsManager::Secret').map((resource) => readSecret(resource, keys, dataDir));
  const store = openSecretStore(join(dataDir, 'secrets', 'made'), fixed, now);
  return {
    reveal(id) {
      const secret = store.find(id);
      return secret === undefined ? undefined : versionOf(secret, undefined, undefined)?.text;
    },
    target: 'secretsmanager',
    protocol: '1.1',
    actions: secretActions({ store, keyArnOf: (id) => keys.get(String(id)), place, now }),
  };
}

function readSecret(resource: ResolvedResource, keys: ReadonlyMap<string, string>, dataDir: string): Secret {
  refuseUnknownProperties(resource, KNOWN);
  const { logicalId, ref, properties } = resource;
  const { Name, SecretString, GenerateSecretString, KmsKeyId } = properties;
  const kept = keepOnce<Kept>(
    join(dataDir, 'secrets', `${createHash('sha256').update(ref).digest('hex').slice(0, 16)}.json`),
    (found) => typeof found.value === 'string' && typeof found.versionId === 'string' && typeof found.created === 'number',
    () => ({
      value:
        typeof SecretString === 'string'
          ? SecretString
          : generateSecret((GenerateSecretString ?? {}) as Generation, `${logicalId}.GenerateSecretString`),
      versionId: randomUUID(),
      created: Math.floor(Date.now() / 1000),
    }),
  );
  const created = kept.created * 1000;
  return {
    arn: ref,
    name: String(Name ?? logicalId),
    tags: {},
    versions: [{ id: kept.versionId, text: kept.value, created, stages: [CURRENT] }],
    created,
    changed: created,
    isFixed: true,
    ...(KmsKeyId === undefined ? {} : { keyArn: keys.get(String(KmsKeyId)) ?? String(KmsKeyId) }),
  };
}
