import type { ChangeEvent } from '../../changes/envelope.ts';

/** What a subscription hears that tells of no change: that it is set up, and that it is silent because nothing happened. */
export interface OwnEvent {
  readonly kind: 'handshake' | 'heartbeat';
  readonly id: string;
  /** ISO 8601 instant. */
  readonly time: string;
  /** The last number that was given: whoever has fewer has missed something. */
  readonly lastNumber: number;
}

/** `application/json`: CloudEvents 1.0, JSON format, structured. Names of extensions are lower case letters (CloudEvents, "Naming Conventions"). */
export type CloudEvent = ChangeEvent & { readonly eventnumber: number; readonly subscriptionid: string };

export const cloudEvent = (event: ChangeEvent, number: number, subscription: string): CloudEvent => ({
  ...event,
  eventnumber: number,
  subscriptionid: subscription,
});

/** The type of an event of a subscription's own. */
export const ownType = (kind: OwnEvent['kind']): string => `uk.chesil.${kind}.1`;

/** @param source `urn:chesil:<deployment>`; @param address of the subscription */
export const ownCloudEvent = (own: OwnEvent, subscription: string, source: string, address: string) => ({
  specversion: '1.0',
  id: own.id,
  source,
  type: ownType(own.kind),
  time: own.time,
  dataref: address,
  eventnumber: own.lastNumber,
  subscriptionid: subscription,
});
