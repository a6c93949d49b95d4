import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { PosterOptions } from '../../../shared/signals/endpoints/posting.ts';
import type { KeysOf } from '../keys.ts';
import { AT_ONCE } from '../world.ts';
import { busCarrier } from './bus.ts';
import type { CarrierOf } from './carrier.ts';
import { hookCarrier } from './hook.ts';
import { queueCarrier } from './queue.ts';

export interface CarrierDependencies extends Omit<PosterOptions, 'connections'> {
  readonly queues: SQSClient;
  readonly events: EventBridgeClient;
  readonly keysOf: KeysOf;
}

/** Who carries, by the channel of a subscription. */
export const createCarriers =
  ({ queues, events, keysOf, ...options }: CarrierDependencies): CarrierOf =>
  (subscription) => {
    const { type, endpoint } = subscription.channel;
    if (type === 'rest-hook') return hookCarrier(subscription, keysOf, { ...options, connections: AT_ONCE });
    return endpoint.includes(':sqs:') ? queueCarrier(queues, subscription) : busCarrier(events, subscription);
  };
