/** One value that a secret has or had. */
export interface Version {
  readonly id: string;
  readonly text?: string;
  /** Base64. */
  readonly binary?: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** Such as `AWSCURRENT`. */
  readonly stages: readonly string[];
}

/** A secret with its versions. Instants are milliseconds since 1970. */
export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly description?: string;
  readonly keyArn?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly versions: readonly Version[];
  readonly created: number;
  readonly changed: number;
  /** From when it is gone for good; until then it can be restored, and not be read. */
  readonly deletedAt?: number;
  /** Of the template: it is changed there. */
  readonly isFixed?: true;
}

export const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';
/** Secrets Manager keeps a version that no stage names for a day at least. */
const KEPT_MS = 24 * 3600 * 1000;

/** The version that was asked for: by id, by stage, or both; the current one when neither is given. */
export const versionOf = ({ versions }: Secret, id: unknown, stage: unknown): Version | undefined =>
  versions.find(
    (version) =>
      (id === undefined || version.id === id) &&
      (id !== undefined && stage === undefined ? true : version.stages.includes(String(stage ?? CURRENT))),
  );

/**
 * A secret with one version more. A stage stands at one version only; what was current before becomes the previous one (Secrets Manager
 * API reference, PutSecretValue).
 */
export function withVersion(secret: Secret, added: Version, now: number): Secret {
  const replaced = added.stages.includes(CURRENT) ? secret.versions.find(({ stages }) => stages.includes(CURRENT)) : undefined;
  const taken = new Set([...added.stages, ...(replaced === undefined ? [] : [PREVIOUS])]);
  const others = secret.versions.map((version) => {
    const stages = version.stages.filter((stage) => !taken.has(stage));
    return { ...version, stages: version === replaced ? [...stages, PREVIOUS] : stages };
  });
  const kept = others.filter(({ stages, created }) => stages.length > 0 || created > now - KEPT_MS);
  return { ...secret, versions: [...kept, added], changed: now };
}

/** Whether a version holds just this. */
export const isSame = (one: Version, other: Version): boolean => one.text === other.text && one.binary === other.binary;
