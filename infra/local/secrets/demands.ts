import type { Demand } from '../iam/authorise.ts';
import type { RequestContext } from '../iam/model.ts';
import type { Place } from '../resource.ts';
import type { Secret } from './secret.ts';

/** What an action on a secret needs (service authorization reference, "AWS Secrets Manager"). */
export function secretDemand(action: string, { arn, name, tags }: Secret, context: RequestContext = {}): Demand {
  const tagged = Object.entries(tags).flatMap(([key, value]) => [
    [`aws:ResourceTag/${key}`, value],
    [`secretsmanager:ResourceTag/${key}`, value],
  ]);
  const facts = { 'secretsmanager:SecretId': arn, 'secretsmanager:Name': name, ...Object.fromEntries(tagged) };
  return { action: `secretsmanager:${action}`, resource: arn, context: { ...facts, ...context } };
}

/** What a secret's own key asks of whoever reads or writes its value. */
export function keyDemands({ arn, keyArn }: Secret, place: Place, actions: readonly string[]): readonly Demand[] {
  if (keyArn === undefined) return [];
  const context = {
    'kms:ViaService': `secretsmanager.${place.region}.amazonaws.com`,
    'kms:CallerAccount': place.account,
    'kms:EncryptionContext:SecretARN': arn,
  };
  return actions.map((action) => ({ action: `kms:${action}`, resource: keyArn, context }));
}

/** To make a secret with tags is to tag it. */
export function creationDemands(secret: Secret): readonly Demand[] {
  const keys = Object.keys(secret.tags);
  const requested = Object.fromEntries(keys.map((key) => [`aws:RequestTag/${key}`, secret.tags[key]!]));
  const context = { ...requested, ...(keys.length === 0 ? {} : { 'aws:TagKeys': keys }) };
  const untagged = { ...secret, tags: {} };
  return [
    secretDemand('CreateSecret', untagged, context),
    ...(keys.length === 0 ? [] : [secretDemand('TagResource', untagged, context)]),
  ];
}
