import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { EVENT_SOURCE, type Origin } from '../../shared/changes/envelope.ts';
import { organisationAnnouncement } from '../../shared/changes/organisation-events.ts';
import type { Log } from '../../shared/lambda/logger.ts';
import type { Subscription } from '../../shared/signals/subscription.ts';
import type { Subscriptions } from '../../shared/store/signals/subscriptions.ts';

/** Puts a subscription off, with the reason in words that its owner can act on, and tells the owner's other subscriptions. */
export type EndSubscription = (subscription: Subscription, reason: string) => Promise<void>;

export interface EndingDependencies {
  readonly subscriptions: Pick<Subscriptions, 'setStatus'>;
  readonly client: EventBridgeClient;
  readonly bus: string;
  readonly origin: Origin;
  readonly log: Log;
  readonly now: () => number;
}

/**
 * The notice goes first: a crash after it tells it again, with the same id, and one before it leaves the subscription as it was.
 * @throws Error when the bus does not take the notice
 */
export const createEnding =
  ({ subscriptions, client, bus, origin, log, now }: EndingDependencies): EndSubscription =>
  async (subscription, reason) => {
    const { id, organisation, version } = subscription;
    const at = new Date(now()).toISOString();
    const detail = organisationAnnouncement(
      {
        name: 'subscription-ended',
        organisation,
        at,
        occasion: `${id}#${version}`,
        reference: `Subscription/${id}`,
        audience: [organisation],
      },
      origin,
    );
    const { FailedEntryCount = 0 } = await client.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: bus,
            Source: EVENT_SOURCE,
            DetailType: 'subscription-ended',
            Detail: JSON.stringify(detail),
            Time: new Date(now()),
          },
        ],
      }),
    );
    if (FailedEntryCount > 0) throw new Error('the bus did not take the notice of an end');
    await subscriptions.setStatus(subscription, { status: 'off', error: reason, at });
    log.warn('a subscription was put off', { organisation });
  };
