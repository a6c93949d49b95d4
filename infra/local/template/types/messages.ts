import { type KnownType, LOWER_CASE, type Naming, regional, UPPER_CASE, WHY } from '../known-type.ts';

const queueName = (naming: Naming): string => naming.name('QueueName', 80);
const busName = (naming: Naming): string => naming.name('Name', 256);
const archiveName = (naming: Naming): string => naming.name('ArchiveName', 48);
const ruleName = (naming: Naming): string => naming.name('Name', 64);
const topicArn = (naming: Naming): string => regional(naming, 'sns', naming.name('TopicName', 256));
const poolId = (naming: Naming): string => `${naming.place.region}_${naming.opaque(9, UPPER_CASE)}`;

/** Pages that people see are made here, in plain HTML. */
const OWN_PAGES = 'the pages of this machine have one look';

const rulePath = (naming: Naming): string => {
  const bus = naming.property('EventBusName');
  return bus === undefined || bus === 'default' ? ruleName(naming) : `${String(bus)}/${ruleName(naming)}`;
};

/** Bus, rules and queues; the pool that issues tokens; topics of alarms. */
export const MESSAGE_TYPES: Readonly<Record<string, KnownType>> = {
  'AWS::SQS::Queue': {
    ref: (naming) => `${naming.addresses.services}/${naming.place.account}/${queueName(naming)}`,
    attributes: {
      Arn: (naming) => regional(naming, 'sqs', queueName(naming)),
      QueueName: queueName,
      QueueUrl: (naming) => `${naming.addresses.services}/${naming.place.account}/${queueName(naming)}`,
    },
    honours: { checkedBy: 'queues' },
  },
  'AWS::SQS::QueuePolicy': {
    ref: (naming) => naming.logicalId,
    attributes: { Id: (naming) => naming.logicalId },
    honours: ['PolicyDocument', 'Queues'],
  },
  'AWS::Events::EventBus': {
    ref: busName,
    attributes: { Arn: (naming) => regional(naming, 'events', `event-bus/${busName(naming)}`), Name: busName },
    honours: { checkedBy: 'events' },
  },
  'AWS::Events::EventBusPolicy': { ref: (naming) => naming.logicalId, honours: ['EventBusName', 'Statement', 'StatementId'] },
  'AWS::Events::Rule': {
    ref: (naming) => rulePath(naming).replace('/', '|'),
    attributes: { Arn: (naming) => regional(naming, 'events', `rule/${rulePath(naming)}`) },
    honours: { checkedBy: 'events' },
  },
  'AWS::Events::Archive': {
    ref: archiveName,
    attributes: {
      ArchiveName: archiveName,
      Arn: (naming) => regional(naming, 'events', `archive/${archiveName(naming)}`),
    },
    honours: { checkedBy: 'events' },
  },
  'AWS::Cognito::UserPool': {
    ref: poolId,
    attributes: {
      Arn: (naming) => regional(naming, 'cognito-idp', `userpool/${poolId(naming)}`),
      ProviderName: (naming) => `cognito-idp.${naming.place.region}.amazonaws.com/${poolId(naming)}`,
      ProviderURL: (naming) => `https://cognito-idp.${naming.place.region}.amazonaws.com/${poolId(naming)}`,
      UserPoolId: poolId,
    },
    honours: { checkedBy: 'identity' },
  },
  'AWS::Cognito::UserPoolClient': {
    ref: (naming) => naming.opaque(26, LOWER_CASE),
    attributes: { ClientId: (naming) => naming.opaque(26, LOWER_CASE) },
    honours: { checkedBy: 'identity' },
  },
  'AWS::Cognito::UserPoolResourceServer': {
    ref: (naming) => String(naming.property('Identifier')),
    honours: { checkedBy: 'identity' },
  },
  'AWS::Cognito::UserPoolIdentityProvider': {
    ref: (naming) => String(naming.property('ProviderName')),
    honours: { checkedBy: 'identity' },
  },
  'AWS::Cognito::UserPoolDomain': {
    ref: (naming) => String(naming.property('Domain')),
    honours: ['Domain', 'UserPoolId'],
    ignores: { ManagedLoginVersion: OWN_PAGES },
  },
  'AWS::Cognito::ManagedLoginBranding': {
    ref: (naming) => naming.opaque(32),
    honours: ['ClientId', 'UserPoolId'],
    ignores: { UseCognitoProvidedValues: OWN_PAGES },
  },
  'AWS::SNS::Topic': {
    ref: topicArn,
    attributes: { TopicArn: topicArn, TopicName: (naming) => naming.name('TopicName', 256) },
    honours: [],
    ignores: Object.fromEntries(
      ['DisplayName', 'KmsMasterKeyId', 'Subscription', 'Tags', 'TopicName', 'TracingConfig'].map((property) => [
        property,
        WHY.operations,
      ]),
    ),
  },
};
