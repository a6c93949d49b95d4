import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IAlarmAction, type IMetric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** An alarm as the catalogue states it. */
export interface AlarmStatement {
  readonly id: string;
  readonly metric: IMetric;
  /** It alarms at this value or above … */
  readonly threshold: number;
  /** … in so many periods … */
  readonly periods?: number;
  /** … out of the last so many. */
  readonly of?: number;
  /** What it means to a person. */
  readonly impact: string;
  /** Section of docs/runbook.md, as its address has it. */
  readonly runbook: string;
}

const RUNBOOK = 'docs/runbook.md';

/** An alarm that says what it means to a person, and which section of the runbook says what to do. */
export class ImpactAlarm extends Alarm {
  constructor(
    scope: Construct,
    { id, metric, threshold, periods = 1, of = periods, impact, runbook }: AlarmStatement,
    tell: IAlarmAction,
  ) {
    super(scope, id, {
      alarmName: `${Stack.of(scope).stackName}-${id}`,
      metric,
      threshold,
      evaluationPeriods: of,
      datapointsToAlarm: periods,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // Silence is a quiet night here: each alarm counts something that went wrong.
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: `${impact} What to do: ${RUNBOOK}#${runbook}`,
    });
    this.addAlarmAction(tell);
    this.addOkAction(tell);
  }
}

/** Alarms as soon as something is in a queue where nothing should be. */
export const someIn = (id: string, queue: Queue, impact: string, runbook = id): AlarmStatement => ({
  id,
  metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1), statistic: Stats.MAXIMUM }),
  threshold: 1,
  impact,
  runbook,
});
