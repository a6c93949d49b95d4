import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { WakeAll } from '../../shared/bus/wakes.ts';
import type { Measure } from '../../shared/lambda/metrics.ts';
import { SIGNAL_METRICS } from '../../shared/signals/metrics.ts';
import type { Signal } from '../../shared/signals/signal.ts';
import type { Subscription } from '../../shared/signals/subscription.ts';
import type { Panels } from '../../shared/store/signals/panels.ts';
import type { Subscriptions } from '../../shared/store/signals/subscriptions.ts';
import { type Arrival, arrivalOf, signalOf } from './arrivals.ts';
import { type AtOnce, GIVEN_UP_MS, tellAtOnce } from './at-once.ts';
import { NOT_KEPT, NOT_TOLD, NOT_WOKEN, UNREADABLE } from './messages.ts';
import { rememberFor } from './remembering.ts';

export interface CollectDependencies extends AtOnce {
  readonly subscriptions: Pick<Subscriptions, 'read'>;
  readonly panels: Pick<Panels, 'read'>;
  readonly wake: WakeAll;
  /** Measures what this function does by itself: all that is sent is measured as `deliver`'s. */
  readonly measureOwn: Measure;
}

/** What is told at once is told of the subscription as it stands, and whoever delivers reads it anew: what is collected a moment too long is not told. */
const REMEMBERED_MS = 1_000;

/**
 * Tells subscriptions at once what the rules of the bus have chosen for them, or puts it into their logs, in order, and wakes those who sleep.
 *
 * Each message group is one subscription. What of a group could not be put into its log is handed back, with everything of the group that follows,
 * so that order holds; other groups go on. An event that nobody here can read will not be read the next time either: it is kept as a dead letter of
 * its subscription at once, so that nothing is lost and nothing waits behind it.
 */
export function createHandler(world: CollectDependencies) {
  const { subscriptions, panels, signals, wake, wakeAfter, measureOwn, log, now } = world;
  const read = rememberFor(REMEMBERED_MS, now, subscriptions.read, isLasting);

  /** @returns whether somebody has to be woken */
  async function collect(id: string, records: readonly SQSRecord[]): Promise<boolean> {
    const subscription = await read(id);
    // Its owner has removed it, or it has ended: its rule goes too, or is just going.
    if (subscription === undefined || subscription.status === 'off') return false;
    const arrivals: Arrival[] = [];
    for (const record of records) arrivals.push(...(await readable(subscription, record)));
    const wanted = (await inPanel(subscription, arrivals)).map((arrival) => signalOf(arrival, subscription.organisation));
    // Whoever took these before may have put them into the log without counting them: behind that, not before it, they are known to be the same.
    const isRepeated = records.some(isAgain);
    if (!isRepeated && (await isTold(subscription, wanted))) return false;
    const isAsleep = await signals.append(id, wanted);
    // Or may have died with the lease.
    if (isRepeated) await wakeAfter(id, GIVEN_UP_MS);
    return isAsleep;
  }

  /** Nobody can say who may hear, or what was written: then they wait in the log, where whoever delivers drops what was numbered before. */
  async function isTold(subscription: Subscription, wanted: readonly Signal[]): Promise<boolean> {
    try {
      return await tellAtOnce(world, subscription, wanted);
    } catch (error) {
      log.error(NOT_TOLD, { organisation: subscription.organisation, error });
      await wakeAfter(subscription.id, GIVEN_UP_MS);
      return false;
    }
  }

  async function readable({ id, organisation }: Subscription, record: SQSRecord): Promise<readonly Arrival[]> {
    try {
      return [arrivalOf(record)];
    } catch (error) {
      log.error(UNREADABLE, { organisation, bodyBytes: Buffer.byteLength(record.body), error });
      await signals.keepUnreadable(id, record.messageId, record.body);
      measureOwn(organisation, { [SIGNAL_METRICS.dead]: [1] });
      return [];
    }
  }

  /** Of a panel that is gone nobody is a member. */
  async function inPanel({ organisation, panel }: Subscription, arrivals: readonly Arrival[]): Promise<readonly Arrival[]> {
    if (panel === undefined || arrivals.length === 0) return arrivals;
    const standing = await panels.read(organisation, panel);
    return arrivals.filter(({ detail: { event, formerly, routing, otherIds = [] } }) => {
      const isAmong = (persons: ReadonlySet<string> | undefined) =>
        [event.subject, ...otherIds].some((person) => persons?.has(person));
      if (isAmong(standing?.members)) return true;
      // Whoever was told of somebody hears what takes it back, though they have left the panel since.
      const takesBack = formerly.includes(organisation) || routing.eventType.length > 1;
      return takesBack && isAmong(standing?.former);
    });
  }

  return async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const failed: SQSRecord[] = [];
    const asleep: string[] = [];
    await Promise.all(
      [...groupsOf(Records)].map(async ([id, records]) => {
        try {
          if (await collect(id, records)) asleep.push(id);
        } catch (error) {
          failed.push(...records);
          log.error(NOT_KEPT, { count: records.length, error });
        }
      }),
    );
    for (const id of await woken(asleep)) failed.push(...(groupsOf(Records).get(id) ?? []));
    log.info('collected', { count: Records.length - failed.length });
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };

  /** Whoever is not woken is appended to again, which tells nothing twice. */
  async function woken(asleep: readonly string[]): Promise<ReadonlySet<string>> {
    try {
      return await wake(asleep);
    } catch (error) {
      log.error(NOT_WOKEN, { count: asleep.length, error });
      return new Set(asleep);
    }
  }
}

/** What is off, or has a panel, is read each time: what is dropped is not told later, should it be another by now. */
const isLasting = ({ status, panel }: Subscription): boolean => status !== 'off' && panel === undefined;

const isAgain = ({ attributes }: SQSRecord): boolean => Number(attributes.ApproximateReceiveCount) > 1;

/** Messages by their group, in their order. */
function groupsOf(records: readonly SQSRecord[]): ReadonlyMap<string, readonly SQSRecord[]> {
  const groups = new Map<string, SQSRecord[]>();
  for (const record of records) {
    const id = record.attributes.MessageGroupId ?? '';
    groups.set(id, [...(groups.get(id) ?? []), record]);
  }
  return groups;
}
