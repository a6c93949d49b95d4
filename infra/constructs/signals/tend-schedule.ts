import { Duration } from 'aws-cdk-lib';
import { type EventBus, Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { REDRIVE_ASKED } from '../../operations/asking.ts';
import { DeadLetters } from '../dead-letters.ts';
import type { BundledFunction } from '../function.ts';

const OFTEN = Duration.minutes(1);
const SELDOM = Duration.minutes(15);
const DRIFT = RuleTargetInput.fromObject({ task: 'drift' });

export interface TendScheduleProps {
  readonly tend: BundledFunction;
  readonly bus: EventBus;
  readonly encryptionKey: IKey;
}

/** Has subscriptions looked after: what is due every minute, their rules every quarter of an hour, their dead letters when an operator asks. */
export class TendSchedule extends Construct {
  /** Runs that EventBridge could not begin. */
  readonly deadLetters: Queue;
  private readonly tend: BundledFunction;

  constructor(scope: Construct, id: string, { tend, bus, encryptionKey }: TendScheduleProps) {
    super(scope, id);
    this.tend = tend;
    this.deadLetters = new DeadLetters(this, 'DeadLetters', { encryptionKey });
    new Rule(this, 'Due', {
      description: 'Wakes, ends and watches subscriptions and feeds',
      schedule: Schedule.rate(OFTEN),
    }).addTarget(this.run(OFTEN));
    new Rule(this, 'Drift', {
      description: 'Holds the rules on the bus against the subscriptions',
      schedule: Schedule.rate(SELDOM),
    }).addTarget(this.run(SELDOM, DRIFT));
    new Rule(this, 'Asked', {
      description: 'Tells dead letters of a subscription again when an operator asks',
      eventBus: bus,
      eventPattern: { source: [REDRIVE_ASKED.source], detailType: [REDRIVE_ASKED.detailType] },
    }).addTarget(this.run(Duration.hours(1)));
  }

  /** @param maxEventAge until when it may begin: what is begun no more is made up for by the next. @param event what is said in place of what happened */
  private run(maxEventAge: Duration, event?: RuleTargetInput): LambdaFunction {
    return new LambdaFunction(this.tend.lambda, { event, deadLetterQueue: this.deadLetters, maxEventAge });
  }
}
