import { Stack } from 'aws-cdk-lib';
import { CfnArchive, EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ACCESS_EVENT_SOURCE } from '../../shared/changes/access-events.ts';
import { EVENT_SOURCE } from '../../shared/changes/envelope.ts';
import { type CheckedSettings, eventBusName } from '../settings.ts';
import { DeadLetters } from './dead-letters.ts';
import type { BundledFunction } from './function.ts';

export interface AnnouncementBusProps {
  readonly settings: CheckedSettings;
  readonly encryptionKey: IKey;
}

/** What begins the names of the rules that subscriptions have; no other rule's name does. */
export const RULE_PREFIX = 'subscription-';

/** The bus on which changes are announced, with an archive from which they can be told again. */
export class AnnouncementBus extends Construct {
  readonly bus: EventBus;
  /** Events that EventBridge took and could give to no subscriber. */
  readonly undelivered: Queue;
  private readonly deployment: string;
  private readonly busName: string;
  private readonly archiveArn: string;

  constructor(scope: Construct, id: string, { settings, encryptionKey }: AnnouncementBusProps) {
    super(scope, id);
    this.deployment = settings.deployment;
    this.busName = eventBusName(settings);
    this.undelivered = new DeadLetters(this, 'Undelivered', { encryptionKey });
    this.bus = new EventBus(this, 'Bus', {
      eventBusName: this.busName,
      description: 'Changes to records: that something changed and where to fetch it, never clinical content',
      kmsKey: encryptionKey,
      deadLetterQueue: this.undelivered,
    });
    this.letDeadLettersIn();
    // Not the construct of the CDK: it would name the bus in the policy of the key that the bus waits for.
    const archive = new CfnArchive(this, 'Archive', {
      description: 'Every change announced, to be told again after a fault',
      sourceArn: this.bus.eventBusArn,
      eventPattern: { source: [EVENT_SOURCE, ACCESS_EVENT_SOURCE] },
      retentionDays: settings.eventArchiveDays,
      kmsKeyIdentifier: encryptionKey.keyArn,
    });
    this.archiveArn = archive.attrArn;
  }

  /** ARNs of the rules that subscriptions have. They are made at run time, so they are known by how their names begin. */
  get subscriptionRules(): string {
    return this.arnOf('rule', `${this.busName}/${RULE_PREFIX}*`);
  }

  /** One statement for the bus and all its rules: a statement for each rule would be more than a queue's policy holds. */
  private letDeadLettersIn() {
    this.undelivered.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.undelivered.queueArn],
        conditions: {
          ArnLike: { 'aws:SourceArn': [this.arnOf('event-bus', this.busName), this.arnOf('rule', `${this.busName}/*`)] },
        },
      }),
    );
  }

  private arnOf(type: string, name: string): string {
    const { region, account } = Stack.of(this);
    return `arn:aws:events:${region}:${account}:${type}/${name}`;
  }

  /** Puts events on the bus. */
  grantAnnounce(announcer: BundledFunction): void {
    announcer.tell('EVENT_BUS', this.bus.eventBusName);
    this.tellOrigin(announcer);
    announcer.allow(['events:PutEvents'], this.bus.eventBusArn);
  }

  /** Tells where events come from. */
  tellOrigin(teller: BundledFunction): void {
    teller.tell('EVENT_ORIGIN', `urn:chesil:${this.deployment}`);
  }

  /**
   * Makes, changes, finds and removes the rules of subscriptions, and no others.
   * @param arrivalsArn the queue that they may hand on to: no other place
   */
  grantRoute(router: BundledFunction, arrivalsArn: string): void {
    router.tell('EVENT_BUS', this.bus.eventBusName);
    router.tell('UNDELIVERED_QUEUE_ARN', this.undelivered.queueArn);
    router.allow(
      ['events:DeleteRule', 'events:ListTargetsByRule', 'events:PutRule', 'events:RemoveTargets'],
      this.subscriptionRules,
    );
    router.allowIf(
      { 'ForAllValues:ArnEquals': { 'events:TargetArn': arrivalsArn } },
      ['events:PutTargets'],
      this.subscriptionRules,
    );
    // Service authorization reference, Amazon EventBridge: it takes no resource.
    router.allow(['events:ListRules'], '*');
    router.explain(
      this.subscriptionRules,
      'One for each subscription, made at run time: their names begin so, and those of no other rule do.',
    );
  }

  /** Has the archive tell again. */
  grantReplay(teller: BundledFunction): void {
    teller.tell('EVENT_ARCHIVE_ARN', this.archiveArn);
    const replays = this.arnOf('replay', '*');
    teller.allow(['events:StartReplay'], this.archiveArn, replays);
    // As for rules.
    teller.allow(['events:ListReplays'], '*');
    teller.explain(
      replays,
      'A replay is named as it is started, and can tell again only what the archive holds, to the rules that it names.',
    );
  }
}
