import { type Duration, Validations } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { TASK_KIND_NAMES } from '../../shared/access/review/task-kinds.ts';
import { DeadLetters } from './dead-letters.ts';
import type { BundledFunction } from './function.ts';

/** How many items are handed over at once, how long to wait for them, and how many invocations run side by side per shard. */
export interface StreamConsumerProps {
  readonly table: ITable;
  /** Which of the table's changes are handed over; all, where it is not said. */
  readonly filter?: StreamFilter;
  readonly consumer: BundledFunction;
  readonly encryptionKey: IKey;
  readonly batchSize: number;
  readonly maxBatchingWindow?: Duration;
  readonly parallelizationFactor?: number;
}

/** What Lambda takes as a filter of a stream. */
export type StreamFilter = ReturnType<typeof FilterCriteria.filter>;

/** Lambda gives a record up for dead after this many tries; a stream keeps its records for a day. */
const RETRIES = 20;

/**
 * Hands what changes in a table to a function, at least once and in order per subject. A batch that fails is halved until the
 * record at fault is alone; that one goes to the dead letters (which name its place in the stream) and the rest goes on.
 */
export class StreamConsumer extends Construct {
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: StreamConsumerProps) {
    super(scope, id);
    const { table, filter, consumer, encryptionKey, batchSize, maxBatchingWindow, parallelizationFactor } = props;
    this.deadLetters = new DeadLetters(this, 'DeadLetters', { encryptionKey });
    Validations.of(consumer.grantPrincipal).acknowledge(...DEAD_LETTER_GRANT);
    consumer.lambda.addEventSource(
      new DynamoEventSource(table, {
        startingPosition: StartingPosition.TRIM_HORIZON,
        batchSize,
        maxBatchingWindow,
        parallelizationFactor,
        bisectBatchOnError: true,
        reportBatchItemFailures: true,
        retryAttempts: RETRIES,
        onFailure: new SqsDlq(this.deadLetters),
        ...(filter === undefined ? {} : { filters: [filter] }),
      }),
    );
  }
}

/** New contributions only: not snapshots, markers and aliases, and not what compaction moves or deletes. */
export const CONTRIBUTIONS: StreamFilter = FilterCriteria.filter({
  eventName: FilterRule.isEqual('INSERT'),
  dynamodb: { Keys: { item: { S: FilterRule.beginsWith('contribution#') } } },
});

/** Tasks for offices: not the grants that they are about, nor what is answered. */
export const REVIEW_TASKS: StreamFilter = FilterCriteria.filter({
  eventName: FilterRule.isEqual('INSERT'),
  dynamodb: { NewImage: { kind: { S: FilterRule.or(...TASK_KIND_NAMES) } } },
});

/** What the CDK grants whoever sends to an encrypted queue. */
const DEAD_LETTER_GRANT = ['kms:GenerateDataKey*', 'kms:ReEncrypt*'].map((action) => ({
  id: `AwsSolutions-IAM5[Action::${action}]`,
  reason: 'Stands for the two or three forms of one action, on the key of the dead letters alone.',
}));
