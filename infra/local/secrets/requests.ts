import { randomUUID } from 'node:crypto';
import { type Input, refuseCall, type ServiceRefusal } from '../endpoint/service.ts';
import { CURRENT, type Version } from './secret.ts';

/** Secrets Manager quotas, "Secret value size". */
const MOST_BYTES = 65_536;
const RECOVERY_DAYS = { default: 30, least: 7, most: 30 };
const DAY_MS = 24 * 3600 * 1000;

export const invalidParameter = (text: string): ServiceRefusal => refuseCall('InvalidParameterException', text);

/** Reads the value that a call brings; `undefined` when it brings none. */
export function readVersion(input: Input, now: number): Version | ServiceRefusal | undefined {
  const { SecretString, SecretBinary, ClientRequestToken, VersionStages } = input;
  if (SecretString === undefined && SecretBinary === undefined) return undefined;
  if (SecretString !== undefined && SecretBinary !== undefined)
    return invalidParameter('You can’t specify both a binary secret value and a string secret value in the same secret.');
  const value = SecretString ?? SecretBinary;
  const bytes = SecretBinary === undefined ? Buffer.byteLength(String(value)) : Buffer.byteLength(String(value), 'base64');
  if (typeof value !== 'string' || bytes > MOST_BYTES) return invalidParameter(`A secret has at most ${MOST_BYTES} bytes.`);
  if (ClientRequestToken !== undefined && !/^.{32,64}$/.test(String(ClientRequestToken)))
    return invalidParameter('The token must have from 32 to 64 characters.');
  return {
    id: ClientRequestToken === undefined ? randomUUID() : String(ClientRequestToken),
    ...(SecretBinary === undefined ? { text: value } : { binary: value }),
    created: now,
    stages: Array.isArray(VersionStages) ? VersionStages.map(String) : [CURRENT],
  };
}

/** Reads the name of a secret that is to be made. */
export const readName = ({ Name }: Input): string | ServiceRefusal =>
  typeof Name === 'string' && /^[A-Za-z0-9/_+=.@-]{1,512}$/.test(Name)
    ? Name
    : invalidParameter(
        'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
      );

export function readTags({ Tags = [] }: Input): Readonly<Record<string, string>> {
  const tags = Array.isArray(Tags) ? (Tags as { Key: string; Value?: string }[]) : [];
  return Object.fromEntries(tags.map(({ Key, Value = '' }) => [Key, Value]));
}

/** Reads when a secret that is deleted is gone for good; `undefined`: at once. */
export function readDeletion({ ForceDeleteWithoutRecovery, RecoveryWindowInDays }: Input, now: number) {
  if (ForceDeleteWithoutRecovery === true)
    return RecoveryWindowInDays === undefined
      ? {}
      : invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  const days = Number(RecoveryWindowInDays ?? RECOVERY_DAYS.default);
  if (!Number.isInteger(days) || days < RECOVERY_DAYS.least || days > RECOVERY_DAYS.most)
    return invalidParameter('RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
  return { at: now + days * DAY_MS };
}
