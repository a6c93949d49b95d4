import type { Outcome } from '../../endpoints/outcomes.ts';
import type { Payload } from '../../payload/payload.ts';
import type { Subscription } from '../../subscription.ts';

/** Takes payloads to the endpoint of one subscription. */
export interface Carrier {
  /** How many it takes at once; among them it keeps no order where it takes several. */
  readonly most: number;
  /** @returns what has become of each, in their order. It never throws. */
  send(payloads: readonly Payload[]): Promise<readonly Outcome[]>;
}

/** The carrier of a subscription's channel. */
export type CarrierOf = (subscription: Subscription) => Carrier;
