import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { type IRuleTarget, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { AccountPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type CheckedSettings, subscriberQueueName } from '../../settings.ts';
import type { AnnouncementBus } from '../announcement-bus.ts';
import { DeadLetters } from '../dead-letters.ts';

export interface SubscriberQueueProps {
  readonly settings: CheckedSettings;
  /** Names it among all: the organisation, and what it hears of where that is not changes. */
  readonly name: string;
  /** The AWS account whose systems may collect; left out, this one. */
  readonly account?: string;
  readonly encryptionKey: IKey;
}

/** The most that SQS keeps: long enough for a subscriber to come back from a bad fortnight. */
const KEPT_DAYS = 14;
const RECEIVES = 20;
/** EventBridge tries for a day, then hands over to the dead letters. */
const TRIED_HOURS = 24;
const TRIES = 185;

/** A queue made here, from which an organisation's systems collect what they are told. */
export class SubscriberQueue extends Construct {
  readonly name: string;
  readonly queue: Queue;
  /** What the organisation's system took and gave back too often. */
  readonly givenBack: Queue;

  constructor(scope: Construct, id: string, props: SubscriberQueueProps) {
    super(scope, id);
    const { settings, encryptionKey } = props;
    this.name = props.name;
    this.givenBack = new DeadLetters(this, 'GivenBack', props);
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: encryptionKey,
      dataKeyReuse: Duration.hours(1),
      enforceSSL: true,
      retentionPeriod: Duration.days(KEPT_DAYS),
      queueName: subscriberQueueName(settings, this.name),
      visibilityTimeout: Duration.minutes(1),
      // What a subscriber's system takes and gives back so often would be taken and given back for ever.
      deadLetterQueue: { queue: this.givenBack, maxReceiveCount: RECEIVES },
    });
    this.addCollector(props);
  }

  /** Has a rule tell here: the CloudEvent alone, for who else was told stays with us. */
  target({ undelivered }: AnnouncementBus): IRuleTarget {
    return new SqsQueue(this.queue, {
      message: RuleTargetInput.fromEventPath('$.detail.event'),
      // By its ARN, so that the CDK adds no statement to its policy: the bus has let all rules in.
      deadLetterQueue: Queue.fromQueueArn(this, 'Undelivered', undelivered.queueArn),
      maxEventAge: Duration.hours(TRIED_HOURS),
      retryAttempts: TRIES,
    });
  }

  /** The role in which the organisation's system collects: what it takes on to read this queue, and nothing else. */
  private addCollector({ settings, account, encryptionKey }: SubscriberQueueProps) {
    const collector = new Role(this, 'Collector', {
      roleName: `chesil-${settings.deployment}-${this.name}-collector`,
      description: `Collects what ${this.name} is told`,
      assumedBy: new AccountPrincipal(account ?? Stack.of(this).account),
    });
    const allow = (actions: string[], resource: string) =>
      collector.addToPolicy(new PolicyStatement({ actions, resources: [resource] }));
    allow(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl'],
      this.queue.queueArn,
    );
    allow(['kms:Decrypt'], encryptionKey.keyArn);
    Validations.of(collector).acknowledge({
      id: 'NIST.800.53.R5-IAMNoInlinePolicy',
      reason: 'What it may do is about its one queue and goes with it.',
    });
  }
}
