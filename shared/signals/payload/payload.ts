import type { Origin } from '../../changes/envelope.ts';
import type { NumberedSignal } from '../signal.ts';
import type { PayloadType, Subscription } from '../subscription.ts';
import { ownBundle, signalBundle } from './bundle.ts';
import { cloudEvent, type OwnEvent, ownCloudEvent, ownType } from './cloud-event.ts';

/** What is sent of a signal, on whichever channel. */
export interface Payload {
  /** Id of the event. */
  readonly id: string;
  /** Its type and version. */
  readonly type: string;
  readonly body: string;
  readonly contentType: PayloadType;
  /** Number of the signal; of what tells of no change, the last that was given. */
  readonly number: number;
}

const addressOf = ({ fhirUrl }: Origin, { id }: Pick<Subscription, 'id'>): string => `${fhirUrl}/Subscription/${id}`;

/** What a subscriber receives of a signal: nothing of who else may hear of it, nor why it does. */
export function signalPayload({ event, number }: NumberedSignal, subscription: Subscription, origin: Origin): Payload {
  const { payload } = subscription.channel;
  const content =
    payload === 'application/json'
      ? cloudEvent(event, number, subscription.id)
      : signalBundle(event, addressOf(origin, subscription));
  return { id: event.id, type: event.type, body: JSON.stringify(content), contentType: payload, number };
}

/** A handshake or a heartbeat. */
export function ownPayload(own: OwnEvent, subscription: Subscription, origin: Origin): Payload {
  const { payload } = subscription.channel;
  const address = addressOf(origin, subscription);
  const content =
    payload === 'application/json'
      ? ownCloudEvent(own, subscription.id, origin.source, address)
      : ownBundle(own, origin.source, address);
  return { id: own.id, type: ownType(own.kind), body: JSON.stringify(content), contentType: payload, number: own.lastNumber };
}
