import type { Secret, Version } from './secret.ts';

/** What whoever changed a secret is answered. */
export const written = ({ arn, name }: Secret, version: Version | undefined) => ({
  ARN: arn,
  Name: name,
  ...(version === undefined ? {} : { VersionId: version.id }),
});

/** A version with what it holds. */
export const valueAnswer = (secret: Secret, { id, text, binary, stages, created }: Version) => ({
  ARN: secret.arn,
  Name: secret.name,
  ...(text === undefined ? { SecretBinary: binary } : { SecretString: text }),
  VersionId: id,
  VersionStages: stages,
  CreatedDate: created / 1000,
});

/** A secret without what it holds. */
export const description = ({ arn, name, description: text, keyArn, tags, versions, created, changed, deletedAt }: Secret) => ({
  ARN: arn,
  Name: name,
  ...(text === undefined ? {} : { Description: text }),
  ...(keyArn === undefined ? {} : { KmsKeyId: keyArn }),
  Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  VersionIdsToStages: Object.fromEntries(versions.map(({ id, stages }) => [id, stages])),
  CreatedDate: created / 1000,
  LastChangedDate: changed / 1000,
  ...(deletedAt === undefined ? {} : { DeletedDate: deletedAt / 1000 }),
});
