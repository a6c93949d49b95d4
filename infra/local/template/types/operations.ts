import { type KnownType, type Naming, regional, WHY } from '../known-type.ts';

const alarmName = (naming: Naming): string => naming.name('AlarmName', 255);
const alarmArn = (naming: Naming): string => regional(naming, 'cloudwatch', `alarm:${alarmName(naming)}`);

/** Types of which nothing is played: every property is left aside for the same reason. */
const watching = (properties: readonly string[], rest: Partial<KnownType> = {}): KnownType => ({
  ref: (naming) => naming.logicalId,
  honours: [],
  ignores: Object.fromEntries(properties.map((property) => [property, WHY.operations])),
  ...rest,
});

/** What watches the system. */
export const OPERATION_TYPES: Readonly<Record<string, KnownType>> = {
  'AWS::CloudWatch::Alarm': watching(
    [
      ...['ActionsEnabled', 'AlarmActions', 'AlarmDescription', 'AlarmName', 'ComparisonOperator', 'DatapointsToAlarm'],
      ...['Dimensions', 'EvaluateLowSampleCountPercentile', 'EvaluationPeriods', 'ExtendedStatistic', 'InsufficientDataActions'],
      ...['MetricName', 'Metrics', 'Namespace', 'OKActions', 'Period', 'Statistic', 'Tags', 'Threshold', 'ThresholdMetricId'],
      ...['TreatMissingData', 'Unit'],
    ],
    { ref: alarmName, attributes: { Arn: alarmArn } },
  ),
  'AWS::CloudWatch::CompositeAlarm': watching(
    ['ActionsEnabled', 'AlarmActions', 'AlarmDescription', 'AlarmName', 'AlarmRule', 'OKActions', 'Tags'],
    { ref: alarmName, attributes: { Arn: alarmArn } },
  ),
  'AWS::CloudWatch::Dashboard': watching(['DashboardBody', 'DashboardName', 'Tags']),
  'AWS::CloudWatch::AnomalyDetector': watching(['Configuration', 'Dimensions', 'MetricName', 'Namespace', 'Stat']),
  'AWS::Logs::MetricFilter': watching(['FilterName', 'FilterPattern', 'LogGroupName', 'MetricTransformations']),
  'AWS::Logs::QueryDefinition': watching(['LogGroupNames', 'Name', 'QueryString']),
  'AWS::Logs::ResourcePolicy': watching(['PolicyDocument', 'PolicyName']),
  'AWS::SNS::Subscription': watching(['Endpoint', 'Protocol', 'TopicArn']),
  'AWS::SNS::TopicPolicy': watching(['PolicyDocument', 'Topics']),
  'AWS::CDK::Metadata': watching(['Analytics']),
};
