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

/** The bus on which changes are announced, with an archive from which they can be told again. */
export class AnnouncementBus extends Construct {
  readonly bus: EventBus;
  /** Events that EventBridge took and could give to no subscriber. */
  readonly undelivered: Queue;
  private readonly deployment: string;
  private readonly busName: string;

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
    new CfnArchive(this, 'Archive', {
      description: 'Every change announced, to be told again after a fault',
      sourceArn: this.bus.eventBusArn,
      eventPattern: { source: [EVENT_SOURCE, ACCESS_EVENT_SOURCE] },
      retentionDays: settings.eventArchiveDays,
      kmsKeyIdentifier: encryptionKey.keyArn,
    });
  }

  /** One statement for the bus and all its rules: a statement for each rule would be more than a queue's policy holds. */
  private letDeadLettersIn() {
    const { region, account } = Stack.of(this);
    const rules = `arn:aws:events:${region}:${account}:rule/${this.busName}/*`;
    const bus = `arn:aws:events:${region}:${account}:event-bus/${this.busName}`;
    this.undelivered.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.undelivered.queueArn],
        conditions: { ArnLike: { 'aws:SourceArn': [bus, rules] } },
      }),
    );
  }

  /** Puts events on the bus. */
  grantAnnounce(announcer: BundledFunction): void {
    announcer.tell('EVENT_BUS', this.bus.eventBusName);
    announcer.tell('EVENT_ORIGIN', `urn:chesil:${this.deployment}`);
    announcer.allow(['events:PutEvents'], this.bus.eventBusArn);
  }
}
