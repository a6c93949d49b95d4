import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import * as collectSays from '../../functions/collect/messages.ts';
import * as deliverSays from '../../functions/deliver/messages.ts';
import { OFFICE_NAMES, type Office } from '../../shared/access/review/task-kinds.ts';
import { BundledFunction } from '../constructs/function.ts';
import { CaughtFailures } from '../constructs/observing/caught-failures.ts';
import { StaleFeeds } from '../constructs/observing/stale-feeds.ts';
import { OfficeInbox } from '../constructs/oversight/office-inbox.ts';
import { ReviewSchedule } from '../constructs/oversight/review-schedule.ts';
import { grantSendToEndpoints } from '../constructs/signals/endpoints.ts';
import { SubscriberQueue } from '../constructs/signals/subscriber-queue.ts';
import { TendSchedule } from '../constructs/signals/tend-schedule.ts';
import { CONTRIBUTIONS, REVIEW_TASKS, StreamConsumer } from '../constructs/stream-consumer.ts';
import { type CheckedSettings, officesOf } from '../settings.ts';
import type { ApiStack } from './api.ts';
import type { BusStack } from './bus.ts';
import type { DataStack } from './data.ts';

export interface EventsProps extends StackProps {
  readonly settings: CheckedSettings;
  readonly data: DataStack;
  readonly bus: BusStack;
  readonly api: ApiStack;
}

/** Ids of the constructs, by office. */
const INBOX_IDS: Readonly<Record<Office, string>> = { privacy: 'PrivacyOffice', records: 'RecordsOffice' };

/** Who hears of it: each contribution becomes changes on the bus, and what is to be reviewed reaches offices the same way. */
export class EventsStack extends Stack {
  readonly announce: BundledFunction;
  readonly announcement: StreamConsumer;
  /** Queues made here for organisations. */
  readonly subscriberQueues: readonly SubscriberQueue[];
  /** Notes for each subscription what has arrived for it. */
  readonly collect: BundledFunction;
  /** Tells it. */
  readonly deliver: BundledFunction;
  /** What failed of these two though Lambda takes it that they went well. */
  readonly notCollected: CaughtFailures;
  readonly notDelivered: CaughtFailures;
  /** Looks after subscriptions, their rules and feeds. */
  readonly tend: BundledFunction;
  readonly tending: TendSchedule;
  readonly staleFeeds: StaleFeeds;
  /** Tells offices of their tasks. */
  readonly alert: BundledFunction;
  readonly alerting: StreamConsumer;
  /** Of privacy offices, then of records offices. */
  readonly officeInboxes: readonly OfficeInbox[];
  /** Looks over the audit by itself. */
  readonly review: BundledFunction;
  readonly reviewing: ReviewSchedule;

  constructor(scope: Construct, id: string, props: EventsProps) {
    super(scope, id, props);
    const { settings, data, bus, api } = props;
    const { announcements, eventsKey: encryptionKey } = bus;

    this.announce = new BundledFunction(this, 'announce', { settings, operationsKey: data.operationsKey });
    data.record.grantRead(this.announce);
    data.versions.grantRead(this.announce);
    data.oversight.grantOpen(this.announce);
    announcements.grantAnnounce(this.announce);
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

    this.subscriberQueues = settings.subscribers
      .filter(({ queue }) => queue)
      .map(
        ({ organisation, account }) =>
          new SubscriberQueue(this, `Subscriber-${organisation}`, { settings, name: organisation, account, encryptionKey }),
      );

    this.collect = new BundledFunction(this, 'collect', { settings, operationsKey: data.operationsKey });
    data.signals.grantCollect(this.collect);
    data.record.grantRead(this.collect);
    announcements.tellOrigin(this.collect);
    this.collect.tell('FHIR_URL', api.fhir.fhirUrl);
    bus.signing.grantSign(this.collect);
    bus.queues.grantWake(this.collect);
    bus.queues.handArrivals(this.collect);
    grantSendToEndpoints(this.collect, { settings, queues: this.subscriberQueues, encryptionKey });
    this.notCollected = new CaughtFailures(this, 'NotCollected', {
      settings,
      of: this.collect,
      messages: [collectSays.NOT_KEPT, collectSays.NOT_TOLD, collectSays.NOT_WOKEN],
    });

    this.deliver = new BundledFunction(this, 'deliver', { settings, operationsKey: data.operationsKey });
    data.signals.grantDeliver(this.deliver);
    data.record.grantRead(this.deliver);
    announcements.grantAnnounce(this.deliver);
    this.deliver.tell('FHIR_URL', api.fhir.fhirUrl);
    bus.signing.grantSign(this.deliver);
    bus.queues.grantWake(this.deliver);
    bus.queues.handWakes(this.deliver);
    grantSendToEndpoints(this.deliver, { settings, queues: this.subscriberQueues, encryptionKey });
    this.notDelivered = new CaughtFailures(this, 'NotDelivered', {
      settings,
      of: this.deliver,
      messages: [deliverSays.NOT_DELIVERED, deliverSays.NOT_WOKEN],
    });

    this.tend = new BundledFunction(this, 'tend', { settings, operationsKey: data.operationsKey });
    data.signals.grantTend(this.tend);
    announcements.grantAnnounce(this.tend);
    this.tend.tell('FHIR_URL', api.fhir.fhirUrl);
    bus.queues.grantRoute(this.tend);
    bus.queues.grantWake(this.tend);
    this.tending = new TendSchedule(this, 'Tending', { tend: this.tend, bus: announcements.bus, encryptionKey });
    this.staleFeeds = new StaleFeeds(this, 'StaleFeeds', { tend: this.tend, settings });

    this.alert = new BundledFunction(this, 'alert', { settings, operationsKey: data.operationsKey });
    announcements.grantAnnounce(this.alert);
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
      bus: announcements.bus,
      encryptionKey,
    });
    this.officeInboxes = OFFICE_NAMES.flatMap((office) =>
      officesOf(settings, office).map(
        (inbox) =>
          new OfficeInbox(this, `${INBOX_IDS[office]}-${inbox.organisation}`, {
            ...{ settings, office, inbox, announcements, encryptionKey },
          }),
      ),
    );
  }
}
