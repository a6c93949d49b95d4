import type { Origin } from '../../shared/changes/envelope.ts';
import type { Log } from '../../shared/lambda/logger.ts';
import type { Measure } from '../../shared/lambda/metrics.ts';
import type { CarrierOf } from '../../shared/signals/sending/carriers/carrier.ts';
import type { Subscription } from '../../shared/signals/subscription.ts';
import type { MayHear, SignalLog } from '../../shared/store/signals/log/log.ts';
import type { Subscriptions } from '../../shared/store/signals/subscriptions.ts';
import type { EndSubscription } from './ending.ts';

/** What delivering needs of its surroundings. */
export interface World {
  readonly subscriptions: Pick<Subscriptions, 'setStatus'>;
  readonly signals: SignalLog;
  readonly mayHear: MayHear;
  /** Whether the settings still allow the endpoint. */
  readonly isAgreed: (subscription: Subscription) => boolean;
  readonly carrierOf: CarrierOf;
  readonly end: EndSubscription;
  /** Wakes a subscription again after a while. */
  readonly wakeAfter: (id: string, ms: number) => Promise<void>;
  readonly origin: Origin;
  readonly measure: Measure;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** 0 ≤ n < 1. */
  readonly random: () => number;
}

/** One turn of work for one subscription. */
export interface Turn {
  /** Who has the lease. */
  readonly owner: string;
  /** Milliseconds since the epoch after which no call begins. */
  readonly deadline: number;
  /** Whether the lease is still theirs, as far as is known. */
  readonly isHeld: () => boolean;
}

/** How often a lease is renewed. */
export const RENEW_MS = 5_000;
/** What is left of an invocation when the last call may begin: one call may take 30 s. */
export const CALL_MS = 35_000;
/** For so long it holds who may hear: what has not gone by then is asked about again. */
export const DECIDED_MS = 5_000;
