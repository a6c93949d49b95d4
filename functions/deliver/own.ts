import { eventId } from '../../shared/changes/envelope.ts';
import type { Outcome } from '../../shared/signals/endpoints/outcomes.ts';
import type { OwnEvent } from '../../shared/signals/payload/cloud-event.ts';
import { ownPayload } from '../../shared/signals/payload/payload.ts';
import type { Carrier } from '../../shared/signals/sending/carriers/carrier.ts';
import type { Subscription } from '../../shared/signals/subscription.ts';
import type { LogState } from '../../shared/store/signals/log/log.ts';
import type { World } from './world.ts';

/** Sends what is no signal: it has no number of its own, and the same id when it is tried again. */
export async function sendOwn(
  { origin, now }: Pick<World, 'origin' | 'now'>,
  carrier: Carrier,
  subscription: Subscription,
  state: LogState,
  kind: OwnEvent['kind'],
): Promise<Outcome> {
  const occasion = kind === 'handshake' ? subscription.version : (state.lastSentAt ?? 0);
  const own: OwnEvent = {
    kind,
    id: eventId([origin.source, 'subscription', subscription.id, kind, occasion]),
    time: new Date(now()).toISOString(),
    lastNumber: state.lastNumber,
  };
  const [outcome] = await carrier.send([ownPayload(own, subscription, origin)]);
  return outcome!;
}
