import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { type IRuleTarget, Match, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { AccountPrincipal, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { EVENT_SOURCE } from '../../shared/changes/envelope.ts';
import { type CheckedSettings, type SubscriberSettings, subscriberQueueName } from '../settings.ts';
import type { AnnouncementBus } from './announcement-bus.ts';
import { DeadLetters } from './dead-letters.ts';

export interface SubscriptionProps {
  readonly settings: CheckedSettings;
  readonly subscriber: SubscriberSettings;
  readonly announcements: AnnouncementBus;
  readonly encryptionKey: IKey;
  /** Of what it hears; left out, of changes to records. */
  readonly hearing?: Hearing;
}

/** What is told in a subscription, and what the queue for it is called. */
export interface Hearing {
  readonly source: string;
  /** Stands after the names of queue and role. */
  readonly suffix: string;
  readonly description: (organisation: string) => string;
}

const CHANGES: Hearing = {
  source: EVENT_SOURCE,
  suffix: '',
  description: (organisation) => `Changes that ${organisation} may hear of`,
};

/** The most that SQS keeps: long enough for a subscriber to come back from a bad fortnight. */
const KEPT_DAYS = 14;
/** EventBridge tries for a day, then hands over to the dead letters. */
const TRIED_HOURS = 24;
const TRIES = 185;
const RECEIVES = 20;
/** The CloudEvent alone. */
const TOLD = RuleTargetInput.fromEventPath('$.detail.event');

const ABOUT_ONE_QUEUE = {
  id: 'NIST.800.53.R5-IAMNoInlinePolicy',
  reason: 'What it may do is about its one queue and goes with it.',
};

/**
 * A standing request of one organisation to hear of changes: a rule that finds it in an event's audience, and a queue.
 * The queue receives the CloudEvent alone: who else was told stays here.
 */
export class Subscription extends Construct {
  readonly organisation: string;
  /** Names it among all: the organisation, and what it hears of where that is not changes. */
  readonly name: string;
  readonly rule: Rule;
  /** Absent where the organisation brings a queue of its own. */
  readonly queue?: Queue;
  /** What the organisation's system took and gave back too often. */
  readonly givenBack?: Queue;

  constructor(scope: Construct, id: string, props: SubscriptionProps) {
    super(scope, id);
    const { settings, subscriber, announcements, hearing = CHANGES } = props;
    this.organisation = subscriber.organisation;
    this.name = `${subscriber.organisation}${hearing.suffix}`;
    if (subscriber.queueArn === undefined) {
      this.givenBack = new DeadLetters(this, 'GivenBack', props);
      this.queue = this.addQueue(props, this.givenBack);
      this.addCollector(this.queue, props);
    }
    this.rule = new Rule(this, 'Rule', {
      eventBus: announcements.bus,
      description: hearing.description(subscriber.organisation),
      eventPattern: {
        source: Match.exactString(hearing.source),
        ...(subscriber.changes ? { detailType: Match.anyOf(...subscriber.changes) } : {}),
        detail: { audience: standsFor(subscriber.organisation, settings) },
      },
      targets: [
        subscriber.queueArn === undefined
          ? this.targetOfOurs(this.queue as Queue, announcements)
          : this.targetOfTheirs(subscriber.queueArn, announcements),
      ],
    });
  }

  private targetOfOurs(queue: Queue, { undelivered }: AnnouncementBus): IRuleTarget {
    return new SqsQueue(queue, {
      message: TOLD,
      // By its ARN, so that the CDK adds no statement to its policy: the bus has let all rules in.
      deadLetterQueue: Queue.fromQueueArn(this, 'Undelivered', undelivered.queueArn),
      maxEventAge: Duration.hours(TRIED_HOURS),
      retryAttempts: TRIES,
    });
  }

  /**
   * A queue of the organisation's own, mostly in an account of its own: there EventBridge sends in a role (EventBridge user guide, "Sending events
   * to an AWS service in another account"). Not the target of the CDK, which would describe a rule in that account too.
   */
  private targetOfTheirs(queueArn: string, { undelivered }: AnnouncementBus): IRuleTarget {
    const role = new Role(this, 'Sender', {
      description: `Tells ${this.organisation} in its own queue`,
      assumedBy: new ServicePrincipal('events.amazonaws.com'),
    });
    role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queueArn] }));
    Validations.of(role).acknowledge(ABOUT_ONE_QUEUE);
    return {
      bind: () => ({
        arn: queueArn,
        role,
        input: TOLD,
        deadLetterConfig: { arn: undelivered.queueArn },
        retryPolicy: { maximumEventAgeInSeconds: Duration.hours(TRIED_HOURS).toSeconds(), maximumRetryAttempts: TRIES },
      }),
    };
  }

  private addQueue({ settings, encryptionKey }: SubscriptionProps, givenBack: Queue): Queue {
    const queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: encryptionKey,
      dataKeyReuse: Duration.hours(1),
      enforceSSL: true,
      retentionPeriod: Duration.days(KEPT_DAYS),
      queueName: subscriberQueueName(settings, this.name),
      visibilityTimeout: Duration.minutes(1),
      // What a subscriber's system takes and gives back so often would be taken and given back for ever.
      deadLetterQueue: { queue: givenBack, maxReceiveCount: RECEIVES },
    });
    return queue;
  }

  /** The role in which the organisation's system collects: what it takes on to read this queue, and nothing else. */
  private addCollector(queue: Queue, { settings, subscriber, encryptionKey }: SubscriptionProps) {
    const collector = new Role(this, 'Collector', {
      roleName: `chesil-${settings.deployment}-${this.name}-collector`,
      description: `Collects what ${subscriber.organisation} is told`,
      assumedBy: new AccountPrincipal(subscriber.account ?? Stack.of(this).account),
    });
    const allow = (actions: string[], resource: string) =>
      collector.addToPolicy(new PolicyStatement({ actions, resources: [resource] }));
    allow(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl'],
      queue.queueArn,
    );
    allow(['kms:Decrypt'], encryptionKey.keyArn);
    Validations.of(collector).acknowledge(ABOUT_ONE_QUEUE);
  }
}

/** The organisation and whoever took over from it: a subscription that names a predecessor follows it to the successor. */
function standsFor(organisation: string, { organisations }: CheckedSettings): string[] {
  const found = new Set([organisation]);
  for (const id of found)
    for (const { organisation: next } of organisations.find((known) => known.id === id)?.successors ?? []) found.add(next);
  return [...found];
}
