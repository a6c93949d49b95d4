import { Duration, Validations } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

const KEPT_DAYS = 14;

export interface DeadLettersProps {
  readonly encryptionKey: IKey;
  /** Left out, CloudFormation names it. */
  readonly queueName?: string;
  /** Whether they come from a queue that keeps order. */
  readonly fifo?: boolean;
}

/** A queue for what could not be dealt with. An alarm tells as soon as something is in it; the most that SQS keeps, 14 days, is left to mend it. */
export class DeadLetters extends Queue {
  constructor(scope: Construct, id: string, { encryptionKey, queueName, fifo }: DeadLettersProps) {
    super(scope, id, {
      ...(fifo === true ? { fifo } : {}),
      queueName,
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: encryptionKey,
      dataKeyReuse: Duration.hours(1),
      enforceSSL: true,
      retentionPeriod: Duration.days(KEPT_DAYS),
    });
    Validations.of(this).acknowledge({ id: 'AwsSolutions-SQS3', reason: 'It is itself where dead letters go.' });
  }
}
