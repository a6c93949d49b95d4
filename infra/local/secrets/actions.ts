import { randomInt } from 'node:crypto';
import { pageOf } from '../endpoint/pages.ts';
import { type Call, type Input, isServiceRefusal, type Service, type ServiceRefusal } from '../endpoint/service.ts';
import type { Place } from '../resource.ts';
import { description, valueAnswer, written } from './answers.ts';
import { creationDemands, keyDemands, secretDemand } from './demands.ts';
import { REFUSALS } from './refusals.ts';
import { invalidParameter, readDeletion, readName, readTags, readVersion } from './requests.ts';
import { CURRENT, isSame, type Secret, type Version, versionOf, withVersion } from './secret.ts';
import type { SecretStore } from './store.ts';

interface Parts {
  readonly store: SecretStore;
  /** ARN of a key of the template, by its id or ARN. */
  readonly keyArnOf: (id: unknown) => string | undefined;
  readonly place: Place;
  readonly now: () => number;
}

const WRITE = ['GenerateDataKey', 'Decrypt'];

/** What is asked of secrets: Secrets Manager's own calls. */
export function secretActions({ store, keyArnOf, place, now }: Parts): Service['actions'] {
  /** A call about one secret, which is looked up once more when it runs: it may have changed while permission was asked. */
  const onSecret =
    (read: (secret: Secret, input: Input) => (Omit<Call, 'run'> & { run(secret: Secret): unknown }) | ServiceRefusal) =>
    (input: Input): Call | ServiceRefusal => {
      const secret = store.find(input.SecretId);
      if (secret === undefined) return REFUSALS.notFound;
      const call = read(secret, input);
      if (isServiceRefusal(call)) return call;
      return {
        demands: call.demands,
        run() {
          const found = store.find(input.SecretId);
          return found === undefined ? REFUSALS.notFound : call.run(found);
        },
      };
    };
  const addVersion = (secret: Secret, version: Version): Secret | ServiceRefusal => {
    const same = secret.versions.find(({ id }) => id === version.id);
    if (same !== undefined) return isSame(same, version) ? secret : REFUSALS.tokenUsed;
    return withVersion(secret, version, now());
  };
  /** Changes a secret that is neither the template's nor deleted. */
  const change = (secret: Secret, work: (secret: Secret) => Secret | ServiceRefusal, answer: (changed: Secret) => object) => {
    const problem = secret.isFixed ? REFUSALS.fixed : secret.deletedAt === undefined ? undefined : REFUSALS.deleted;
    const changed = problem ?? work(secret);
    if (isServiceRefusal(changed)) return changed;
    store.keep(changed);
    return answer(changed);
  };

  return {
    CreateSecret(input) {
      const draft = readDraft(input, place, keyArnOf, now());
      if (isServiceRefusal(draft)) return draft;
      return {
        demands: [...creationDemands(draft), ...keyDemands(draft, place, WRITE)],
        run() {
          const found = store.find(draft.name);
          if (found !== undefined) return answerAgain(found, draft);
          store.keep(draft);
          return written(draft, draft.versions[0]);
        },
      };
    },
    PutSecretValue: onSecret((secret, input) => {
      const version = readVersion(input, now());
      if (version === undefined) return invalidParameter('You must provide either SecretString or SecretBinary.');
      if (isServiceRefusal(version)) return version;
      return {
        demands: [secretDemand('PutSecretValue', secret), ...keyDemands(secret, place, WRITE)],
        run: (found) =>
          change(
            found,
            (one) => addVersion(one, version),
            (changed) => ({
              ...written(changed, version),
              VersionStages: version.stages,
            }),
          ),
      };
    }),
    UpdateSecret: onSecret((secret, input) => {
      const version = readVersion(input, now());
      if (isServiceRefusal(version)) return version;
      const { Description, KmsKeyId } = input;
      const keyArn = KmsKeyId === undefined ? secret.keyArn : keyArnOf(KmsKeyId);
      if (KmsKeyId !== undefined && keyArn === undefined) return REFUSALS.noKey;
      const news = {
        ...(Description === undefined ? {} : { description: String(Description) }),
        ...(keyArn === undefined ? {} : { keyArn }),
      };
      return {
        demands: [secretDemand('UpdateSecret', secret), ...keyDemands({ ...secret, ...news }, place, WRITE)],
        run: (found) =>
          change(
            found,
            (one) => {
              const described = { ...one, ...news, changed: now() };
              return version === undefined ? described : addVersion(described, version);
            },
            (changed) => written(changed, version),
          ),
      };
    }),
    GetSecretValue: onSecret((secret, { VersionId, VersionStage }) => ({
      demands: [
        secretDemand('GetSecretValue', secret, {
          'secretsmanager:VersionStage': String(VersionStage ?? CURRENT),
          ...(VersionId === undefined ? {} : { 'secretsmanager:VersionId': String(VersionId) }),
        }),
        ...keyDemands(secret, place, ['Decrypt']),
      ],
      run(found) {
        if (found.deletedAt !== undefined) return REFUSALS.deleted;
        const version = versionOf(found, VersionId, VersionStage);
        return version === undefined
          ? REFUSALS.noVersion(String(VersionId ?? VersionStage ?? CURRENT))
          : valueAnswer(found, version);
      },
    })),
    DescribeSecret: onSecret((secret) => ({ demands: [secretDemand('DescribeSecret', secret)], run: description })),
    DeleteSecret(input) {
      const deletion = readDeletion(input, now());
      if (isServiceRefusal(deletion)) return deletion;
      const secret = store.find(input.SecretId);
      // What is to be gone for good and is not there is as good as deleted.
      if (secret === undefined) return deletion.at === undefined ? goneAlready(input, place, now()) : REFUSALS.notFound;
      return onSecret((found) => ({
        demands: [secretDemand('DeleteSecret', found, deletionContext(input))],
        run(one) {
          if (one.isFixed) return REFUSALS.fixed;
          if (deletion.at === undefined) store.remove(one);
          else if (one.deletedAt !== undefined) return REFUSALS.deleted;
          else store.keep({ ...one, deletedAt: deletion.at });
          return { ARN: one.arn, Name: one.name, DeletionDate: (deletion.at ?? now()) / 1000 };
        },
      }))(input);
    },
    RestoreSecret: onSecret((secret) => ({
      demands: [secretDemand('RestoreSecret', secret)],
      run({ deletedAt: _, ...restored }) {
        if (!restored.isFixed) store.keep(restored);
        return written(restored, undefined);
      },
    })),
    ListSecrets(input) {
      const wanted = readFilters(input);
      if (isServiceRefusal(wanted)) return wanted;
      return {
        demands: [{ action: 'secretsmanager:ListSecrets', resource: '*' }],
        run: () => {
          const found = store
            .all()
            .filter((secret) => wanted(secret) && (secret.deletedAt === undefined || input.IncludePlannedDeletion === true));
          return pageOf(found.map(description), { ...input, Limit: input.MaxResults ?? 100 }, ({ Name }) => Name, 'SecretList');
        },
      };
    },
  };
}

function readDraft(input: Input, place: Place, keyArnOf: Parts['keyArnOf'], now: number): Secret | ServiceRefusal {
  const name = readName(input);
  if (typeof name !== 'string') return name;
  const version = readVersion(input, now);
  if (isServiceRefusal(version)) return version;
  const keyArn = keyArnOf(input.KmsKeyId);
  if (input.KmsKeyId !== undefined && keyArn === undefined) return REFUSALS.noKey;
  return {
    arn: `arn:aws:secretsmanager:${place.region}:${place.account}:secret:${name}-${randomSuffix()}`,
    name,
    tags: readTags(input),
    versions: version === undefined ? [] : [version],
    created: now,
    changed: now,
    ...(keyArn === undefined ? {} : { keyArn }),
    ...(input.Description === undefined ? {} : { description: String(input.Description) }),
  };
}

/** Six characters, so that a name that is used again has another ARN. */
const randomSuffix = (): string => Array.from({ length: 6 }, () => SUFFIX[randomInt(SUFFIX.length)]).join('');
const SUFFIX = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The same request once more, by its token, has the same answer. */
function answerAgain(found: Secret, { versions: [wanted] }: Secret): object {
  if (found.deletedAt !== undefined) return REFUSALS.nameDeleted;
  const same = wanted && found.versions.find(({ id }) => id === wanted.id);
  return same !== undefined && isSame(same, wanted!) ? written(found, same) : REFUSALS.exists(found.name);
}

function goneAlready({ SecretId }: Input, { region, account }: Place, now: number): Call {
  const name = String(SecretId);
  const arn = name.startsWith('arn:') ? name : `arn:aws:secretsmanager:${region}:${account}:secret:${name}-??????`;
  return {
    demands: [{ action: 'secretsmanager:DeleteSecret', resource: arn }],
    run: () => ({ ARN: arn, Name: name, DeletionDate: now / 1000 }),
  };
}

const deletionContext = ({ ForceDeleteWithoutRecovery, RecoveryWindowInDays }: Input) => ({
  'secretsmanager:ForceDeleteWithoutRecovery': String(ForceDeleteWithoutRecovery === true),
  ...(RecoveryWindowInDays === undefined ? {} : { 'secretsmanager:RecoveryWindowInDays': String(RecoveryWindowInDays) }),
});

/** Only names are looked for here: each value is the beginning of one. */
function readFilters({ Filters = [] }: Input): ((secret: Secret) => boolean) | ServiceRefusal {
  const filters = Filters as { Key?: string; Values?: string[] }[];
  const unknown = filters.find(({ Key }) => Key !== 'name');
  if (unknown !== undefined) return invalidParameter(`The filter ${unknown.Key} is not played on one machine.`);
  return ({ name }) => filters.every(({ Values = [] }) => Values.some((beginning) => name.startsWith(beginning)));
}
