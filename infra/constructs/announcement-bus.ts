import { Duration } from 'aws-cdk-lib';
import { EventBus, Match } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { EVENT_SOURCE } from '../../shared/changes/envelope.ts';
import type { CheckedSettings } from '../settings.ts';
import type { BundledFunction } from './function.ts';

export interface AnnouncementBusProps {
  readonly settings: CheckedSettings;
  readonly encryptionKey: IKey;
}

const DEAD_LETTER_DAYS = 14;

/** The bus on which changes are announced, with an archive from which they can be told again. */
export class AnnouncementBus extends Construct {
  readonly bus: EventBus;
  /** Events that EventBridge took and could give to no subscriber. */
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, { settings, encryptionKey }: AnnouncementBusProps) {
    super(scope, id);
    this.undelivered = new Queue(this, 'Undelivered', {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: encryptionKey,
      dataKeyReuse: Duration.hours(1),
      enforceSSL: true,
      retentionPeriod: Duration.days(DEAD_LETTER_DAYS),
    });
    this.bus = new EventBus(this, 'Bus', {
      eventBusName: `chesil-${settings.deployment}`,
      description: 'Changes to records: that something changed and where to fetch it, never clinical content',
      kmsKey: encryptionKey,
      deadLetterQueue: this.undelivered,
    });
    this.bus.archive('Archive', {
      description: 'Every change announced, to be told again after a fault',
      eventPattern: { source: Match.exactString(EVENT_SOURCE) },
      retention: Duration.days(settings.eventArchiveDays),
      kmsKey: encryptionKey,
    });
  }

  /** Puts events on the bus. */
  grantAnnounce(announcer: BundledFunction): void {
    announcer.tell('EVENT_BUS', this.bus.eventBusName);
    announcer.allow(['events:PutEvents'], this.bus.eventBusArn);
  }
}
