import { Duration } from 'aws-cdk-lib';
import { type EventBus, type IRule, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { REVIEW_ASKED } from '../../operations/asking.ts';
import { DeadLetters } from '../dead-letters.ts';
import type { BundledFunction } from '../function.ts';

const EVERY = Duration.hours(1);

export interface ReviewScheduleProps {
  readonly review: BundledFunction;
  readonly bus: EventBus;
  readonly encryptionKey: IKey;
}

/** Has the audit reviewed every hour, and whenever an operator asks. */
export class ReviewSchedule extends Construct {
  /** Runs that EventBridge could not begin. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { review, bus, encryptionKey }: ReviewScheduleProps) {
    super(scope, id);
    this.deadLetters = new DeadLetters(this, 'DeadLetters', { encryptionKey });
    const run = (rule: Rule): IRule => {
      // A run that could not begin is made up for by the next.
      rule.addTarget(new LambdaFunction(review.lambda, { deadLetterQueue: this.deadLetters, maxEventAge: EVERY }));
      return rule;
    };
    run(new Rule(this, 'Hourly', { description: 'Reviews the audit', schedule: Schedule.rate(EVERY) }));
    run(
      new Rule(this, 'Asked', {
        description: 'Reviews the audit when an operator asks',
        eventBus: bus,
        eventPattern: { source: [REVIEW_ASKED.source], detailType: [REVIEW_ASKED.detailType] },
      }),
    );
  }
}
