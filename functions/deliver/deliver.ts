import { randomUUID } from 'node:crypto';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { sleepUntil } from '../../shared/signals/sending/sleeping.ts';
import { LEASE_MS } from '../../shared/store/signals/log/leasing.ts';
import { drain } from './drain.ts';
import { holdOn } from './holding.ts';
import { NOT_DELIVERED, NOT_WOKEN } from './messages.ts';
import { CALL_MS, type World } from './world.ts';

/** After that long it is asked again what nobody could say: who may hear. */
const ASK_AGAIN_MS = 10_000;
const MOST_LEASE_ATTEMPTS = 5;

/**
 * Delivers what waits for the subscriptions that are woken. One worker at a time has the lease of a subscription; whoever wakes it meanwhile tells
 * that worker to look once more. A wake that fails is handed back, and comes again.
 */
export function createHandler(world: World) {
  const { signals, log, now, wakeAfter } = world;

  async function work(id: string, records: readonly SQSRecord[], deadline: number): Promise<void> {
    const owner = randomUUID();
    for (let attempt = 1; attempt <= MOST_LEASE_ATTEMPTS; attempt++) {
      const state = await signals.lease(id, owner, LEASE_MS);
      if (state === undefined) {
        const heldUntil = await signals.nudge(id);
        if (heldUntil === undefined) continue;
        // Whoever was woken by this before may have died with the lease.
        if (records.some(isAgain)) await wakeAfter(id, Math.max(0, heldUntil - now()));
        return;
      }
      const { isHeld, letGo } = holdOn(world, id, owner);
      try {
        if (await drain(world, { owner, deadline, isHeld }, id, state)) await wakeAfter(id, 0);
      } catch (error) {
        log.error(NOT_DELIVERED, { error });
        await sleepUntil(world, owner, id, state, { dueAt: now() + ASK_AGAIN_MS });
      } finally {
        letGo();
      }
      return;
    }
    throw new Error('the lease of a subscription is neither free nor held');
  }

  return async ({ Records }: SQSEvent, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<SQSBatchResponse> => {
    const deadline = now() + context.getRemainingTimeInMillis() - CALL_MS;
    const wakes = Map.groupBy(Records, (record) => subscriptionOf(record));
    const failed: SQSRecord[] = [];
    await Promise.all(
      [...wakes].map(async ([id, records]) => {
        if (id === undefined) return log.error('a wake names no subscription', { count: records.length });
        try {
          await work(id, records, deadline);
        } catch (error) {
          failed.push(...records);
          log.error(NOT_WOKEN, { error });
        }
      }),
    );
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

const isAgain = ({ attributes }: SQSRecord): boolean => Number(attributes.ApproximateReceiveCount) > 1;

function subscriptionOf({ body }: SQSRecord): string | undefined {
  try {
    const { subscription } = JSON.parse(body) as { readonly subscription?: unknown };
    return typeof subscription === 'string' && subscription !== '' ? subscription : undefined;
  } catch {
    return undefined;
  }
}
