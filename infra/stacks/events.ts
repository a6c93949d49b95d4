import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AnnouncementBus } from '../constructs/announcement-bus.ts';
import { eventsKey } from '../constructs/encryption.ts';
import { BundledFunction } from '../constructs/function.ts';
import { PrivacyOffice, privacyOfficesOf } from '../constructs/oversight/privacy-office.ts';
import { ReviewSchedule } from '../constructs/oversight/review-schedule.ts';
import { CONTRIBUTIONS, REVIEW_TASKS, StreamConsumer } from '../constructs/stream-consumer.ts';
import { Subscription } from '../constructs/subscription.ts';
import type { CheckedSettings } from '../settings.ts';
import type { ApiStack } from './api.ts';
import type { DataStack } from './data.ts';

export interface EventsProps extends StackProps {
  readonly settings: CheckedSettings;
  readonly data: DataStack;
  readonly api: ApiStack;
}

/** Who hears of it: each contribution becomes changes, on a bus, with a rule and a queue for each subscriber; and what is to be reviewed reaches privacy offices the same way. */
export class EventsStack extends Stack {
  readonly announce: BundledFunction;
  readonly announcement: StreamConsumer;
  readonly announcements: AnnouncementBus;
  readonly subscriptions: readonly Subscription[];
  /** Tells privacy offices of what is to be reviewed. */
  readonly alert: BundledFunction;
  readonly alerting: StreamConsumer;
  readonly privacyOffices: readonly PrivacyOffice[];
  /** Looks over the audit by itself. */
  readonly review: BundledFunction;
  readonly reviewing: ReviewSchedule;

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

    this.alert = new BundledFunction(this, 'alert', { settings, operationsKey: data.operationsKey });
    this.announcements.grantAnnounce(this.alert);
    data.oversight.tellLead(this.alert);
    this.alert.tell('FHIR_URL', api.fhir.fhirUrl);
    this.alerting = new StreamConsumer(this, 'Alerting', {
      table: data.oversight.table,
      filter: REVIEW_TASKS,
      consumer: this.alert,
      encryptionKey: data.operationsKey,
      batchSize: 25,
    });
    this.review = new BundledFunction(this, 'review', { settings, operationsKey: data.operationsKey });
    data.record.grantRead(this.review);
    data.audit.grantReview(this.review);
    data.oversight.grantReview(this.review);
    this.reviewing = new ReviewSchedule(this, 'Reviewing', {
      review: this.review,
      bus: this.announcements.bus,
      encryptionKey,
    });
    this.privacyOffices = privacyOfficesOf(settings).map(
      (office) =>
        new PrivacyOffice(this, `PrivacyOffice-${office.organisation}`, {
          settings,
          office,
          announcements: this.announcements,
          encryptionKey,
        }),
    );
  }
}
