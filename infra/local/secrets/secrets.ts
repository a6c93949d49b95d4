import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Input, refuseCall, type Service } from '../endpoint/service.ts';
import { keepOnce } from '../kept.ts';
import { type Place, type ResolvedResource, refuseUnknownProperties, resourcesOf } from '../resource.ts';
import { type Generation, generateSecret } from './generate.ts';
import type { SecretOf } from './reference.ts';

interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly keyArn?: string;
  readonly kept: Kept;
}

interface Kept {
  readonly value: string;
  readonly versionId: string;
  /** Seconds since 1970. */
  readonly created: number;
}

const KNOWN = ['Name', 'Description', 'GenerateSecretString', 'SecretString', 'KmsKeyId', 'Tags'];
const CURRENT = 'AWSCURRENT';

const NOT_FOUND = refuseCall('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");

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
}

/** Secrets Manager, as far as functions use it. Values are made once and kept, so that what is derived from them stays true. */
export function createSecrets({ resources, dataDir, place }: Parts): Secrets {
  const all = [...resources];
  const keys = new Map(resourcesOf(all, 'AWS::KMS::Key').map(({ ref, attributes }) => [ref, attributes.Arn]));
  const secrets = resourcesOf(all, 'AWS::SecretsManager::Secret').map((resource) => readSecret(resource, keys, dataDir));

  return {
    reveal: (id) => secrets.find(({ arn, name }) => id === arn || id === name)?.kept.value,
    target: 'secretsmanager',
    protocol: '1.1',
    actions: {
      GetSecretValue({ SecretId, VersionId, VersionStage }: Input) {
        const secret = secrets.find(
          ({ arn, name }) => SecretId === arn || SecretId === name || isPartialArn(String(SecretId), arn),
        );
        if (secret === undefined) return NOT_FOUND;
        const { arn, name, keyArn, kept } = secret;
        if ((VersionId ?? kept.versionId) !== kept.versionId || (VersionStage ?? CURRENT) !== CURRENT) return NOT_FOUND;
        const context = { 'kms:ViaService': `secretsmanager.${place.region}.amazonaws.com`, 'kms:CallerAccount': place.account };
        return {
          demands: [
            { action: 'secretsmanager:GetSecretValue', resource: arn, context: { 'secretsmanager:VersionStage': CURRENT } },
            ...(keyArn === undefined ? [] : [{ action: 'kms:Decrypt', resource: keyArn, context }]),
          ],
          run: () => ({
            ARN: arn,
            Name: name,
            SecretString: kept.value,
            VersionId: kept.versionId,
            VersionStages: [CURRENT],
            CreatedDate: kept.created,
          }),
        };
      },
    },
  };
}

function readSecret(resource: ResolvedResource, keys: ReadonlyMap<string, string | undefined>, dataDir: string): Secret {
  refuseUnknownProperties(resource, KNOWN);
  const { logicalId, ref, properties } = resource;
  const { Name, SecretString, GenerateSecretString, KmsKeyId } = properties;
  const kept = keepOnce<Kept>(
    join(dataDir, 'secrets', `${createHash('sha256').update(ref).digest('hex').slice(0, 16)}.json`),
    () => ({
      value:
        typeof SecretString === 'string'
          ? SecretString
          : generateSecret((GenerateSecretString ?? {}) as Generation, `${logicalId}.GenerateSecretString`),
      versionId: randomUUID(),
      created: Math.floor(Date.now() / 1000),
    }),
  );
  const keyArn = KmsKeyId === undefined ? undefined : (keys.get(String(KmsKeyId)) ?? String(KmsKeyId));
  return { arn: ref, name: String(Name ?? logicalId), kept, ...(keyArn === undefined ? {} : { keyArn }) };
}

/** An ARN without the six random characters that Secrets Manager adds. */
const isPartialArn = (id: string, arn: string): boolean => id.startsWith('arn:') && arn.slice(0, -7) === id;
