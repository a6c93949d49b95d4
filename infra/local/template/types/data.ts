import { type KnownType, type Naming, opaqueId, regional, UPPER_CASE, WHY } from '../known-type.ts';

const tableArn = (naming: Naming): string => regional(naming, 'dynamodb', `table/${naming.name('TableName', 255)}`);

/** The label that a stream's ARN ends in is the time of its making on AWS; here it never changes. */
const STREAM_LABEL = '2026-01-01T00:00:00.000';

const keyId = ({ stack, logicalId }: Naming): string =>
  opaqueId(`key ${stack}/${logicalId}`, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

const parameterName = (naming: Naming): string => naming.name('Name', 1011);

/** Tables, keys, secrets and parameters. */
export const DATA_TYPES: Readonly<Record<string, KnownType>> = {
  'AWS::DynamoDB::Table': {
    ref: (naming) => naming.name('TableName', 255),
    attributes: { Arn: tableArn, StreamArn: (naming) => `${tableArn(naming)}/stream/${STREAM_LABEL}` },
    honours: [
      'TableName',
      'AttributeDefinitions',
      'KeySchema',
      'BillingMode',
      'GlobalSecondaryIndexes',
      'LocalSecondaryIndexes',
      'ResourcePolicy.PolicyDocument',
      'SSESpecification',
      'StreamSpecification.StreamViewType',
      'TimeToLiveSpecification',
    ],
    ignores: {
      PointInTimeRecoverySpecification: 'a copy of the data folder is the backup of one machine',
      DeletionProtectionEnabled: WHY.retained,
      ContributorInsightsSpecification: WHY.operations,
      TableClass: 'a price class',
      Tags: WHY.tags,
    },
  },
  'AWS::KMS::Key': {
    ref: keyId,
    attributes: { Arn: (naming) => regional(naming, 'kms', `key/${keyId(naming)}`), KeyId: keyId },
    honours: ['KeyPolicy'],
    ignores: {
      Description: WHY.description,
      EnableKeyRotation: WHY.encryption,
      RotationPeriodInDays: WHY.encryption,
      PendingWindowInDays: WHY.retained,
      Tags: WHY.tags,
    },
  },
  'AWS::KMS::Alias': {
    ref: (naming) => String(naming.property('AliasName')),
    honours: ['AliasName', 'TargetKeyId'],
  },
  'AWS::SecretsManager::Secret': {
    ref: (naming) => regional(naming, 'secretsmanager', `secret:${naming.name('Name', 512)}-${naming.opaque(6, UPPER_CASE)}`),
    honours: { checkedBy: 'secrets' },
  },
  'AWS::SecretsManager::ResourcePolicy': {
    ref: (naming) => String(naming.property('SecretId')),
    honours: ['SecretId', 'ResourcePolicy', 'BlockPublicPolicy'],
  },
  'AWS::SSM::Parameter': {
    ref: parameterName,
    attributes: {
      Type: (naming) => String(naming.property('Type')),
      Value: (naming) => String(naming.property('Value')),
    },
    honours: { checkedBy: 'secrets' },
  },
};
