import { type KnownType, type Naming, opaqueId, regional, WHY } from '../known-type.ts';

const functionName = (naming: Naming): string => naming.name('FunctionName', 64);
const roleName = (naming: Naming): string => naming.name('RoleName', 64);
const logGroupName = (naming: Naming): string => naming.name('LogGroupName', 512);

const iamArn = (naming: Naming, kind: 'role' | 'policy', name: string): string =>
  `arn:aws:iam::${naming.place.account}:${kind}${String(naming.property('Path') ?? '/')}${name}`;

const policyArn = (naming: Naming): string => iamArn(naming, 'policy', naming.name('ManagedPolicyName', 128));

/** Functions, what feeds them, what they may do, and where they log. */
export const FUNCTION_TYPES: Readonly<Record<string, KnownType>> = {
  'AWS::Lambda::Function': {
    ref: functionName,
    attributes: { Arn: (naming) => regional(naming, 'lambda', `function:${functionName(naming)}`) },
    honours: [
      'FunctionName',
      'Code',
      'Environment.Variables',
      'Handler',
      'LoggingConfig.LogFormat',
      'LoggingConfig.LogGroup',
      'LoggingConfig.ApplicationLogLevel',
      'MemorySize',
      'Role',
      'Runtime',
      'Timeout',
      'KmsKeyArn',
    ],
    ignores: {
      Architectures: 'bundles are JavaScript and run on any processor',
      Description: WHY.description,
      EphemeralStorage: 'functions keep nothing on disk',
      'LoggingConfig.SystemLogLevel': WHY.logs,
      ReservedConcurrentExecutions: 'one machine has too few cores to reserve any of them',
      Tags: WHY.tags,
      TracingConfig: 'there is nowhere to send traces to',
    },
  },
  'AWS::Lambda::Permission': {
    ref: (naming) => naming.logicalId,
    honours: { checkedBy: 'iam' },
  },
  'AWS::Lambda::EventSourceMapping': {
    ref: ({ stack, logicalId }) => opaqueId(`mapping ${stack}/${logicalId}`, 32),
    honours: [
      'BatchSize',
      'BisectBatchOnFunctionError',
      'DestinationConfig.OnFailure.Destination',
      'Enabled',
      'EventSourceArn',
      'FilterCriteria.Filters.Pattern',
      'FunctionName',
      'FunctionResponseTypes',
      'MaximumBatchingWindowInSeconds',
      'MaximumRecordAgeInSeconds',
      'MaximumRetryAttempts',
      'ParallelizationFactor',
      'ScalingConfig.MaximumConcurrency',
      'StartingPosition',
      'TumblingWindowInSeconds',
    ],
    ignores: { Tags: WHY.tags, KmsKeyArn: WHY.encryption },
  },
  'AWS::IAM::Role': {
    ref: roleName,
    attributes: {
      Arn: (naming) => iamArn(naming, 'role', roleName(naming)),
      RoleId: (naming) => `AROA${naming.opaque(17, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`,
    },
    honours: { checkedBy: 'iam' },
  },
  'AWS::IAM::Policy': { ref: (naming) => naming.name('PolicyName', 128), honours: { checkedBy: 'iam' } },
  'AWS::IAM::ManagedPolicy': { ref: policyArn, attributes: { PolicyArn: policyArn }, honours: { checkedBy: 'iam' } },
  'AWS::Logs::LogGroup': {
    ref: logGroupName,
    attributes: { Arn: (naming) => `${regional(naming, 'logs', `log-group:${logGroupName(naming)}`)}:*` },
    honours: ['LogGroupName'],
    ignores: {
      KmsKeyId: WHY.encryption,
      LogGroupClass: 'a price class',
      ResourcePolicyDocument: WHY.logs,
      RetentionInDays: 'log files are bounded by size',
      Tags: WHY.tags,
    },
  },
};
