import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { PosterOptions } from '../../endpoints/posting.ts';
import type { Subscription } from '../../subscription.ts';
import { AT_ONCE } from '../in-order.ts';
import type { KeysOf } from '../keys.ts';
import { busCarrier } from './bus.ts';
import type { Carrier, CarrierOf } from './carrier.ts';
import { hookCarrier } from './hook.ts';
import { queueCarrier } from './queue.ts';

export interface CarrierDependencies extends Omit<PosterOptions, 'connections'> {
  readonly queues: SQSClient;
  readonly events: EventBridgeClient;
  readonly keysOf: KeysOf;
}

/** Carriers that are remembered. What is forgotten closes its connections itself, once they are idle. */
const MOST_KNOWN = 500;

/** Who carries, by the channel of a subscription: the same one as long as it stays as it is, so that its connections last from turn to turn. */
export function createCarriers({ queues, events, keysOf, ...options }: CarrierDependencies): CarrierOf {
  const known = new Map<string, { readonly version: number; readonly carrier: Carrier }>();

  const make = (subscription: Subscription): Carrier => {
    const { type, endpoint } = subscription.channel;
    if (type === 'rest-hook') return hookCarrier(subscription, keysOf, { ...options, connections: AT_ONCE });
    return endpoint.includes(':sqs:') ? queueCarrier(queues, subscription) : busCarrier(events, subscription);
  };

  return (subscription) => {
    const { id, version } = subscription;
    const before = known.get(id);
    if (before?.version === version) return before.carrier;
    const carrier = make(subscription);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(id, { version, carrier });
    return carrier;
  };
}
