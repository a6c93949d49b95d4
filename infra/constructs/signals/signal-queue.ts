import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { SqsEventSource, type SqsEventSourceProps } from 'aws-cdk-lib/aws-lambda-event-sources';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { DeadLetters } from '../dead-letters.ts';
import type { BundledFunction } from '../function.ts';

export interface SignalQueueProps {
  readonly encryptionKey: IKey;
  /** What it is called, without what SQS has the names of queues that keep order end in. */
  readonly name: string;
  /** Whether it keeps order within each subscription, side by side with the others. */
  readonly ordered: boolean;
  /** How long what was taken is hidden from others: six times as long as its function may run (Lambda developer guide, "Configuring a queue to use with Lambda"). */
  readonly hidden: Duration;
}

/** The most that SQS keeps: what waits here waits for us to mend something. */
const KEPT_DAYS = 14;
const RECEIVES = 20;

/** A queue of ours that signals pass on their way to subscribers. */
export class SignalQueue extends Queue {
  readonly deadLetters: Queue;
  private readonly key: IKey;

  constructor(scope: Construct, id: string, { encryptionKey, name, ordered, hidden }: SignalQueueProps) {
    const ending = ordered ? '.fifo' : '';
    const deadLetters = new DeadLetters(scope, `${id}DeadLetters`, {
      encryptionKey,
      queueName: `${name}-dead${ending}`,
      fifo: ordered,
    });
    super(scope, id, {
      queueName: `${name}${ending}`,
      ...(ordered
        ? {
            fifo: true,
            contentBasedDeduplication: true,
            deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
            fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
          }
        : {}),
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: encryptionKey,
      dataKeyReuse: Duration.hours(1),
      enforceSSL: true,
      retentionPeriod: Duration.days(KEPT_DAYS),
      visibilityTimeout: hidden,
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: RECEIVES },
    });
    this.deadLetters = deadLetters;
    this.key = encryptionKey;
  }

  /** Hands what comes to a function; what it says it could not deal with comes again. */
  handTo(consumer: BundledFunction, how: Pick<SqsEventSourceProps, 'batchSize' | 'maxConcurrency'>): void {
    consumer.lambda.addEventSource(new SqsEventSource(this, { ...how, reportBatchItemFailures: true }));
  }

  /** Sends to it. */
  grantSend(sender: BundledFunction): void {
    sender.allow(['sqs:SendMessage'], this.queueArn);
    sender.allow(['kms:Decrypt', 'kms:GenerateDataKey'], this.key.keyArn);
  }
}
