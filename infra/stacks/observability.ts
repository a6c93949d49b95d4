import { Stack, type StackProps } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { alarmsOf, type Watched } from '../constructs/observing/alarms.ts';
import { addDashboard } from '../constructs/observing/dashboard.ts';
import { ImpactAlarm } from '../constructs/observing/impact-alarm.ts';

export interface ObservabilityProps extends StackProps, Watched {}

/** Whether it works, and who is told when it does not. */
export class ObservabilityStack extends Stack {
  readonly alarms: readonly ImpactAlarm[];

  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id, props);
    const { settings, data } = props;
    const topic = new Topic(this, 'Alarms', {
      topicName: `chesil-${settings.deployment}-alarms`,
      masterKey: data.operationsKey,
      enforceSSL: true,
    });
    topic.addToResourcePolicy(mayTell(topic, this.account));
    if (settings.alarmEmail !== undefined) topic.addSubscription(new EmailSubscription(settings.alarmEmail));
    const tell = new SnsAction(topic);
    this.alarms = alarmsOf(props).map((statement) => new ImpactAlarm(this, statement, tell));
    addDashboard(this, { name: `chesil-${settings.deployment}`, watched: props, alarms: this.alarms });
  }
}

/** CloudWatch's alarms may publish. A topic with a policy of its own has lost the one that let its account's services in. */
const mayTell = ({ topicArn }: Topic, account: string) =>
  new PolicyStatement({
    sid: 'AlarmsTell',
    principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
    actions: ['sns:Publish'],
    resources: [topicArn],
    conditions: { StringEquals: { 'aws:SourceAccount': account } },
  });
