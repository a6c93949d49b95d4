import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** The key of everything that tells of persons: the record, the audit, the secret that names them. Kept for ever, as they are. */
export const recordKey = (scope: Construct): Key =>
  new Key(scope, 'RecordKey', {
    description: 'Encrypts the record, the audit and the identity secret',
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });

/** The key of what the service tells of itself: logs, dead letters, alarms. */
export function operationsKey(scope: Construct): Key {
  const key = new Key(scope, 'OperationsKey', {
    description: 'Encrypts logs, dead letters and alarms',
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const { region, account } = Stack.of(scope);
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      resources: ['*'],
      conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:${region}:${account}:log-group:*` } },
    }),
  );
  key.addToResourcePolicy(useBy('cloudwatch.amazonaws.com'));
  return key;
}

/** The key of what is said of persons while it travels: the bus, its archive, the queues of subscribers. */
export function eventsKey(scope: Construct): Key {
  const key = new Key(scope, 'EventsKey', {
    description: 'Encrypts the event bus, its archive and the queues of subscribers',
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  key.addToResourcePolicy(useBy('events.amazonaws.com', { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } }));
  return key;
}

/** A service may use the key. CloudWatch does not say for which account it tells of an alarm, so that cannot be a condition. */
const useBy = (service: string, conditions: Readonly<Record<string, unknown>> = {}) =>
  new PolicyStatement({
    principals: [new ServicePrincipal(service)],
    actions: ['kms:Decrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*', 'kms:DescribeKey'],
    resources: ['*'],
    conditions,
  });
