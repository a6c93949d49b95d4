import type { Signal } from '../../signals/signal.ts';
import { endOf, keyed, type SignalsTable, waitingOf } from './log/items.ts';
import { readItems, readTold } from './log/reading.ts';
import type { LogState } from './log/state.ts';
import { type Retry, readRetries } from './log/stragglers.ts';

/** What of a subscription's signals is not delivered yet. Instants are milliseconds since the epoch. */
export interface Undelivered {
  /** When the oldest of them was announced. */
  readonly oldestAt?: number;
  /** Whether any waits for its first attempt, with a number or without. */
  readonly isUnsent: boolean;
  /** When the first of those that were put aside is to be tried again. */
  readonly retryAt?: number;
}

/** Looks at the first of each kind: three short reads, however much waits. */
export async function readUndelivered(
  signals: SignalsTable,
  id: string,
  { ackedTo, lastNumber, takenTo }: Pick<LogState, 'ackedTo' | 'lastNumber' | 'takenTo'>,
): Promise<Undelivered> {
  const [numbered, pending, retries] = await Promise.all([
    lastNumber > ackedTo ? readTold(signals, id, ackedTo + 1, 1) : [],
    firstPending(signals, id, takenTo),
    readRetries(signals, id),
  ]);
  const unsent = [...numbered, ...pending];
  const announced = [...unsent, ...retries.map(({ signal }) => signal)].map(({ announcedAt }) => announcedAt);
  return {
    isUnsent: unsent.length > 0,
    ...(announced.length === 0 ? {} : { oldestAt: Math.min(...announced) }),
    ...(retries.length === 0 ? {} : { retryAt: Math.min(...firstOfEach(retries).map(({ nextAt }) => nextAt)) }),
  };
}

/** A person's signals go in their order: those behind the first wait for it. */
const firstOfEach = (retries: readonly Retry[]): readonly Retry[] =>
  [...Map.groupBy(retries, ({ signal }) => signal.event.subject).values()].flatMap(([first]) => first ?? []);

/** Where the first is no longer kept, it is looked for behind it. */
async function firstPending(signals: SignalsTable, id: string, takenTo: number): Promise<readonly Signal[]> {
  const range = { from: keyed('pending', takenTo + 1), to: endOf('pending') };
  for (const limit of [1, undefined])
    for await (const item of readItems(signals, id, { ...range, limit })) return waitingOf(item).slice(0, 1);
  return [];
}
