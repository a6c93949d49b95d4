import type { Subscription } from '../../../signals/subscription.ts';
import { contentOf, SUBSCRIPTION } from '../items.ts';
import { type Item, isKept, keyed, MOST_NUMBERED, type SignalsTable } from './items.ts';
import { readPlaces } from './reading.ts';
import { type Retry, retryOf } from './stragglers.ts';

/** A subscription, with what is to be done for it. */
export interface Looked {
  /** As it stands; `undefined` where it is gone. */
  readonly subscription: Subscription | undefined;
  /** What was put aside, in order of its numbers. */
  readonly retries: readonly Retry[];
  /** The items that have waited longest, in their order, with those that have waited for too long to be kept. */
  readonly waiting: readonly Item[];
}

/**
 * Looks at a subscription. In order of their sort keys what waits comes first, then what was put aside, then the subscription itself: one Query finds them, and where
 * much waits, a second one the last two.
 * @param takenTo the last item that waited and was taken
 */
export async function look(signals: SignalsTable, id: string, takenTo: number): Promise<Looked> {
  const read = (from: string, limit?: number) => Array.fromAsync(readPlaces(signals, id, { from, to: SUBSCRIPTION, limit }));
  const first = await read(keyed('pending', takenTo + 1), MOST_NUMBERED);
  const last = first.at(-1)?.item?.S;
  const isWhole = first.length < MOST_NUMBERED || last === SUBSCRIPTION;
  const items = isWhole ? first : [...first, ...(await read(isOf('pending')(first.at(-1)!) ? keyed('retry', 0) : `${last}~`))];
  const subscription = items.find(({ item }) => item?.S === SUBSCRIPTION);
  return {
    subscription: subscription && contentOf<Subscription>(subscription),
    retries: items.filter(isOf('retry')).filter(isKept(signals.now())).map(retryOf),
    waiting: items.filter(isOf('pending')),
  };
}

const isOf =
  (kind: 'pending' | 'retry') =>
  ({ item }: Item): boolean =>
    item?.S?.startsWith(`${kind}#`) ?? false;
