import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { CheckedSettings } from '../../settings.ts';
import type { AnnouncementBus } from '../announcement-bus.ts';
import type { BundledFunction } from '../function.ts';
import { SignalQueue } from './signal-queue.ts';

export interface SignalQueuesProps {
  readonly settings: CheckedSettings;
  readonly announcements: AnnouncementBus;
  readonly encryptionKey: IKey;
}

/** Most of `collect`, and of `deliver`, that run at a time: what is left of the account's capacity is for those who read and write records. */
const MOST_AT_ONCE = 100;

/** The two queues between a subscription's rule and its endpoint: what has arrived for it, and that something waits. */
export class SignalQueues extends Construct {
  /** Events as the rules of subscriptions hand them on, in order for each subscription. */
  readonly arrivals: SignalQueue;
  /** Ids of subscriptions for which something waits. */
  readonly wakes: SignalQueue;
  private readonly announcements: AnnouncementBus;

  constructor(scope: Construct, id: string, { settings, announcements, encryptionKey }: SignalQueuesProps) {
    super(scope, id);
    this.announcements = announcements;
    const named = (name: string) => ({ encryptionKey, name: `chesil-${settings.deployment}-${name}` });
    this.arrivals = new SignalQueue(this, 'Arrivals', {
      ...named('signals-arrived'),
      ordered: true,
      hidden: Duration.minutes(6),
    });
    this.wakes = new SignalQueue(this, 'Wakes', { ...named('signals-waiting'), ordered: false, hidden: Duration.minutes(18) });
    this.arrivals.addToResourcePolicy(
      new PolicyStatement({
        sid: 'RulesOfSubscriptionsSend',
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.arrivals.queueArn],
        conditions: { ArnLike: { 'aws:SourceArn': announcements.subscriptionRules } },
      }),
    );
  }

  /** Has what arrives handed to a function in batches, which may be of several subscriptions. */
  handArrivals(collector: BundledFunction): void {
    this.arrivals.handTo(collector, { batchSize: 10, maxConcurrency: MOST_AT_ONCE });
  }

  /** Has what is said to wait handed to a function, which works for several subscriptions side by side. */
  handWakes(deliverer: BundledFunction): void {
    this.wakes.handTo(deliverer, { batchSize: 10, maxConcurrency: MOST_AT_ONCE });
  }

  /** Makes and removes the rules whose events arrive here. */
  grantRoute(router: BundledFunction): void {
    router.tell('ARRIVALS_QUEUE_ARN', this.arrivals.queueArn);
    this.announcements.grantRoute(router, this.arrivals.queueArn);
  }

  /** Says that something waits for a subscription. */
  grantWake(waker: BundledFunction): void {
    waker.tell('WAKES_QUEUE_URL', this.wakes.queueUrl);
    this.wakes.grantSend(waker);
  }
}
