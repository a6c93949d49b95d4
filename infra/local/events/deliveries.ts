import { setTimeout as pause } from 'node:timers/promises';
import type { Messages } from '../queues/messages.ts';
import type { Target } from './rules/rule.ts';

/** Events on their way to functions: kept until they have arrived or are given up. */
export interface Deliveries {
  /** Notes a delivery. To be called inside `Messages.write`. */
  add(target: Target, payload: string, now: number): void;
  close(): void;
}

interface Delivery {
  readonly sequence: number;
  readonly target: string;
  readonly payload: string;
  readonly attempts: number;
  readonly expires: number;
}

interface Parts {
  readonly messages: Messages;
  /** The target of a key, if it is still there. */
  readonly targetOf: (key: string) => Target | undefined;
  /** Rejects when the function fails. */
  readonly invoke: (functionArn: string, payload: unknown) => Promise<unknown>;
  /** Puts what is given up into the target's dead-letter queue. Called inside `Messages.write`. */
  readonly giveUp: (
    target: Target,
    payload: string,
    problem: { readonly code: string; readonly text: string },
    attempts: number,
  ) => void;
  readonly now: () => number;
  /** Where a failure to write down how a delivery went is reported; it is tried again. */
  readonly report: (error: unknown) => void;
}

const MOST_AT_ONCE = 10;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 5 * 60 * 1000;

/** Hands events to functions, each until it succeeds, its attempts are spent, or it is too old. */
export function createDeliveries({ messages, targetOf, invoke, giveUp, now, report }: Parts): Deliveries {
  const { database } = messages;
  const insert = database.prepare('INSERT INTO delivery (target, payload, due, expires) VALUES (?, ?, ?, ?)');
  const due = database.prepare(
    'SELECT sequence, target, payload, attempts, expires FROM delivery WHERE due <= ? ORDER BY due LIMIT ?',
  );
  const nextDue = database.prepare('SELECT min(due) AS at FROM delivery');
  const removeOne = database.prepare('DELETE FROM delivery WHERE sequence = ?');
  const postpone = database.prepare('UPDATE delivery SET attempts = ?, due = ? WHERE sequence = ?');
  const underWay = new Set<number>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const deliver = async (delivery: Delivery): Promise<void> => {
    const target = targetOf(delivery.target);
    // A target that is no longer there is owed nothing.
    const failure =
      target === undefined
        ? undefined
        : await invoke(target.arn, JSON.parse(delivery.payload)).then(
            () => undefined,
            (error: unknown) => error as Error,
          );
    if (closed) return;
    await messages.write(() => {
      if (target === undefined || failure === undefined) return void removeOne.run(delivery.sequence);
      const attempts = delivery.attempts + 1;
      const again = now() + Math.min(FIRST_DELAY_MS * 2 ** delivery.attempts, LONGEST_DELAY_MS);
      if (attempts <= target.retry.attempts && again < delivery.expires)
        return void postpone.run(attempts, again, delivery.sequence);
      removeOne.run(delivery.sequence);
      giveUp(target, delivery.payload, { code: 'TARGET_FAILED', text: failure.name }, attempts);
    });
  };

  const dispatch = (): void => {
    if (closed) return;
    const found = due.all(now(), MOST_AT_ONCE + underWay.size) as unknown as Delivery[];
    for (const delivery of found) {
      if (underWay.size >= MOST_AT_ONCE || underWay.has(delivery.sequence)) continue;
      underWay.add(delivery.sequence);
      void deliver(delivery)
        .catch(async (error: unknown) => {
          report(error);
          await pause(FIRST_DELAY_MS);
        })
        .finally(() => {
          underWay.delete(delivery.sequence);
          dispatch();
        });
    }
    clearTimeout(timer);
    const { at } = nextDue.get() as { at: number | null };
    if (at !== null && at > now()) timer = setTimeout(dispatch, at - now()).unref();
  };

  let added = false;
  messages.onCommit(() => {
    if (!added) return;
    added = false;
    dispatch();
  });
  setImmediate(dispatch);
  return {
    add(target, payload, at) {
      insert.run(target.key, payload, at, at + target.retry.ageMs);
      added = true;
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
