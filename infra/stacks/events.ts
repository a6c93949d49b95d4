import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AnnouncementBus } from '../constructs/announcement-bus.ts';
import { eventsKey } from '../constructs/encryption.ts';
import { BundledFunction } from '../constructs/function.ts';
import { CONTRIBUTIONS, StreamConsumer } from '../constructs/stream-consumer.ts';
import { Subscription } from '../constructs/subscription.ts';
import type { CheckedSettings } from '../settings.ts';
import type { ApiStack } from './api.ts';
import type { DataStack } from './data.ts';

export interface EventsProps extends StackProps {
  readonly settings: CheckedSettings;
  readonly data: DataStack;
  readonly api: ApiStack;
}

/** Who hears of it: each contribution becomes changes, on a bus, with a rule and a queue for each subscriber. */
export class EventsStack extends Stack {
  readonly announce: BundledFunction;
  readonly announcement: StreamConsumer;
  readonly announcements: AnnouncementBus;
  readonly subscriptions: readonly Subscription[];

  constructor(scope: Construct, id: string, props: EventsProps) {
    super(scope, id, props);
    const { settings, data, api } = props;
    const encryptionKey = eventsKey(this);
    this.announcements = new AnnouncementBus(this, 'Announcements', { settings, encryptionKey });

    this.announce = new BundledFunction(this, 'announce', { settings, operationsKey: data.operationsKey });
    data.record.grantRead(this.announce);
    this.announcements.grantAnnounce(this.announce);
    // Where an event's `dataref` points to.
    this.announce.tell('FHIR_URL', api.fhir.fhirUrl);
    this.announcement = new StreamConsumer(this, 'Announcement', {
      table: data.record.table,
      filter: CONTRIBUTIONS,
      consumer: this.announce,
      encryptionKey: data.operationsKey,
      batchSize: 25,
      // Order per person is kept: a person's contributions always go to the same one of the ten.
      parallelizationFactor: 10,
    });

    this.subscriptions = settings.subscribers.map(
      (subscriber, index) =>
        new Subscription(this, `Subscription-${subscriber.organisation}${subscriber.queueArn === undefined ? '' : `-${index}`}`, {
          settings,
          subscriber,
          announcements: this.announcements,
          encryptionKey,
        }),
    );
  }
}
