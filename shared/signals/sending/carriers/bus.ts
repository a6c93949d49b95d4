import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ACCEPTED, failed, type Outcome } from '../../endpoints/outcomes.ts';
import type { Subscription } from '../../subscription.ts';
import type { Carrier } from './carrier.ts';
import { outcomeOfAws } from './queue.ts';

/** PutEvents takes so many at once. */
const MAX_ENTRIES = 10;

/** Source, on a partner's bus, of what we put there. */
export const SIGNAL_SOURCE = 'chesil.signal';

/** Events to an event bus. */
export const busCarrier = (client: EventBridgeClient, { channel }: Subscription): Carrier => ({
  most: MAX_ENTRIES,
  send: async (payloads) => {
    try {
      const { Entries = [] } = await client.send(
        new PutEventsCommand({
          Entries: payloads.map(({ type, body }) => ({
            EventBusName: channel.endpoint,
            Source: SIGNAL_SOURCE,
            DetailType: type,
            Detail: body,
          })),
        }),
      );
      return payloads.map((_, index): Outcome => {
        const { EventId, ErrorCode } = Entries[index] ?? {};
        if (EventId !== undefined) return ACCEPTED;
        return failed(ErrorCode?.includes('Denied') || ErrorCode?.includes('NotAuthorized') ? 'no-permission' : 'receiver-error');
      });
    } catch (error) {
      return payloads.map(() => outcomeOfAws(error));
    }
  },
});
