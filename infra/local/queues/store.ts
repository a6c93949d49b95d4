import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { MessageAttribute } from './api/checksums.ts';
import { createTakeableInGroups } from './groups.ts';
import type { Messages } from './messages.ts';
import type { QueueSettings } from './settings.ts';

/** What somebody sends. */
export interface Draft {
  readonly body: string;
  readonly attributes?: Readonly<Record<string, MessageAttribute>>;
  /** X-Ray trace header. */
  readonly trace?: string;
  /** ARN or id of who sends. */
  readonly sender: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  /** Overrides the queue's own delay. */
  readonly delayMs?: number;
}

export interface Sent {
  readonly id: string;
  /** Order within a FIFO queue. */
  readonly sequence: number;
}

/** A message as the table holds it. Instants are milliseconds since 1970. */
export interface StoredMessage extends Sent {
  readonly queue: string;
  readonly body: string;
  readonly attributes: string | null;
  readonly trace: string | null;
  readonly sender: string;
  readonly group_id: string | null;
  readonly deduplication_id: string | null;
  readonly dead_letter_source: string | null;
  readonly sent: number;
  readonly visible: number;
  readonly receives: number;
  readonly first_received: number | null;
  readonly receipt: string | null;
}

/** How to wait for messages. */
export interface ReceiveOptions {
  readonly most: number;
  readonly visibilityMs?: number;
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

export interface Counts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** The messages of queues. Everything that writes is to be called inside `Messages.write`. */
export interface QueueStore {
  enqueue(queue: QueueSettings, draft: Draft, now: number): Sent;
  /** Takes messages out of sight for `visibilityMs`; what was received too often goes to the dead-letter queue instead. */
  take(queue: QueueSettings, most: number, visibilityMs: number, now: number): readonly StoredMessage[];
  /** The message that a receipt was given for; `undefined` when it is gone. */
  held(sequence: number): StoredMessage | undefined;
  remove(sequence: number): void;
  removeAll(sequences: readonly number[]): void;
  reveal(sequence: number, visible: number): void;
  /** Brings back into sight what was taken and not removed. */
  release(queue: QueueSettings, now: number): void;
  /**
   * Moves what is visible in a dead-letter queue to `to`, or to where each message came from, as new messages.
   *
   * @returns how many were moved
   */
  moveBack(queue: QueueSettings, to: QueueSettings | undefined, most: number, now: number): number;
  purge(queue: QueueSettings): void;
  /** Drops what is older than its queue keeps, and what no longer needs remembering. */
  expire(now: number): void;
  /** Whether something could be taken now. */
  hasVisible(queue: QueueSettings, now: number): boolean;
  /** When the next message that is out of sight comes back, if any. */
  nextVisible(queue: QueueSettings, now: number): number | undefined;
  counts(queue: QueueSettings, now: number): Counts;
}

/** How long a FIFO queue remembers what was sent (SQS developer guide, "Using the message deduplication ID"). */
const DEDUPLICATION_MS = 5 * 60 * 1000;

/** @param onArrival called, inside the transaction, with each queue that gains something to take */
export function createQueueStore(
  { database }: Messages,
  queues: readonly QueueSettings[],
  onArrival: (queue: QueueSettings) => void,
): QueueStore {
  const byArn = new Map(queues.map((queue) => [queue.arn, queue]));
  const insert = database.prepare(
    'INSERT INTO message (queue, id, body, attributes, trace, sender, group_id, deduplication_id, sent, visible) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const remembered = database.prepare('SELECT id, sequence FROM sent WHERE queue = ? AND deduplication_key = ? AND expires > ?');
  const remember = database.prepare(
    'INSERT OR REPLACE INTO sent (queue, deduplication_key, id, sequence, expires) VALUES (?, ?, ?, ?, ?)',
  );
  const visibleInAnyOrder = database.prepare(
    'SELECT * FROM message WHERE queue = ? AND visible <= ? AND sent > ? ORDER BY visible, sequence LIMIT ?',
  );
  const takeableInGroups = createTakeableInGroups(database);
  const hold = database.prepare(
    'UPDATE message SET receives = receives + 1, visible = ?, receipt = ?, first_received = coalesce(first_received, ?) WHERE sequence = ? RETURNING *',
  );
  const bury = database.prepare(
    'UPDATE message SET queue = ?, dead_letter_source = ?, visible = ?, receipt = NULL WHERE sequence = ?',
  );
  const bySequence = database.prepare('SELECT * FROM message WHERE sequence = ?');
  const removeOne = database.prepare('DELETE FROM message WHERE sequence = ?');
  const revealOne = database.prepare('UPDATE message SET visible = ? WHERE sequence = ?');
  const releaseAll = database.prepare('UPDATE message SET visible = ?1 WHERE queue = ?2 AND visible > ?1 AND receives > 0');
  const movable = database.prepare(
    'SELECT * FROM message WHERE queue = ? AND visible <= ? AND (dead_letter_source IS NOT NULL OR ?) ORDER BY sequence LIMIT ?',
  );
  const moveOne = database.prepare(
    'UPDATE message SET queue = ?, id = ?, sent = ?, visible = ?, receives = 0, first_received = NULL, receipt = NULL, dead_letter_source = NULL WHERE sequence = ?',
  );
  const purgeAll = database.prepare('DELETE FROM message WHERE queue = ?');
  const dropOld = database.prepare('DELETE FROM message WHERE queue = ? AND sent <= ?');
  const forget = database.prepare('DELETE FROM sent WHERE expires <= ?');
  const next = database.prepare('SELECT min(visible) AS at FROM message WHERE queue = ? AND visible > ?');
  const count = database.prepare(
    'SELECT coalesce(sum(visible <= ?2), 0) AS visible, coalesce(sum(visible > ?2 AND receives > 0), 0) AS inFlight, coalesce(sum(visible > ?2 AND receives = 0), 0) AS delayed FROM message WHERE queue = ?1 AND sent > ?3',
  );

  const candidates = ({ name, fifo, retentionMs }: QueueSettings, now: number, most: number) =>
    fifo === undefined
      ? (visibleInAnyOrder.all(name, now, now - retentionMs, most) as unknown as StoredMessage[])
      : takeableInGroups(name, now, now - retentionMs, most);

  const buryOne = (message: StoredMessage, queue: QueueSettings, now: number): void => {
    const target = byArn.get(queue.redrive!.deadLetterArn)!;
    bury.run(target.name, queue.arn, now, message.sequence);
    onArrival(target);
  };

  return {
    enqueue(queue, draft, now) {
      const key = deduplicationKey(queue, draft);
      const earlier = key === undefined ? undefined : (remembered.get(queue.name, key.key, now) as unknown as Sent | undefined);
      if (earlier !== undefined) return { id: earlier.id, sequence: earlier.sequence };
      const id = randomUUID();
      const attributes = draft.attributes === undefined ? null : JSON.stringify(draft.attributes);
      const visible = now + (draft.delayMs ?? queue.delayMs);
      const { lastInsertRowid } = insert.run(
        ...[
          queue.name,
          id,
          draft.body,
          attributes,
          draft.trace ?? null,
          draft.sender,
          queue.fifo === undefined ? null : draft.groupId!,
        ],
        ...[key?.id ?? null, now, visible],
      );
      const sequence = Number(lastInsertRowid);
      if (key !== undefined) remember.run(queue.name, key.key, id, sequence, now + DEDUPLICATION_MS);
      onArrival(queue);
      return { id, sequence };
    },
    take(queue, most, visibilityMs, now) {
      const taken: StoredMessage[] = [];
      while (taken.length < most) {
        const found = candidates(queue, now, most - taken.length);
        if (found.length === 0) break;
        const [exhausted, good] = partition(
          found,
          ({ receives }) => queue.redrive !== undefined && receives >= queue.redrive.maxReceiveCount,
        );
        for (const message of exhausted) buryOne(message, queue, now);
        for (const { sequence } of good)
          taken.push(
            hold.get(now + visibilityMs, randomBytes(15).toString('base64url'), now, sequence) as unknown as StoredMessage,
          );
        if (exhausted.length === 0) break;
      }
      return taken;
    },
    held: (sequence) => bySequence.get(sequence) as unknown as StoredMessage | undefined,
    remove: (sequence) => void removeOne.run(sequence),
    removeAll(sequences) {
      for (const sequence of sequences) removeOne.run(sequence);
    },
    reveal(sequence, visible) {
      revealOne.run(visible, sequence);
    },
    release: (queue, now) => void releaseAll.run(now, queue.name),
    moveBack(queue, to, most, now) {
      const found = movable.all(queue.name, now, to === undefined ? 0 : 1, most) as unknown as StoredMessage[];
      const moves = found.flatMap((message) => {
        const target = to ?? byArn.get(message.dead_letter_source!);
        return target === undefined ? [] : [{ message, target }];
      });
      for (const { message, target } of moves) {
        moveOne.run(target.name, randomUUID(), now, now, message.sequence);
        onArrival(target);
      }
      return moves.length;
    },
    purge: (queue) => void purgeAll.run(queue.name),
    expire(now) {
      for (const queue of queues) dropOld.run(queue.name, now - queue.retentionMs);
      forget.run(now);
    },
    hasVisible: (queue, now) => candidates(queue, now, 1).length > 0,
    nextVisible: (queue, now) => (next.get(queue.name, now) as { at: number | null }).at ?? undefined,
    counts: (queue, now) => count.get(queue.name, now, now - queue.retentionMs) as unknown as Counts,
  };
}

/** What a FIFO queue recognises a message by: its own id, or a hash of its body. */
function deduplicationKey(
  { fifo }: QueueSettings,
  { deduplicationId, body, groupId }: Draft,
): { readonly id: string; readonly key: string } | undefined {
  if (fifo === undefined) return undefined;
  const id = deduplicationId ?? createHash('sha256').update(body).digest('hex');
  return { id, key: fifo.perGroup ? JSON.stringify([groupId, id]) : id };
}

function partition<T>(items: readonly T[], holds: (item: T) => boolean): [T[], T[]] {
  const yes: T[] = [];
  const no: T[] = [];
  for (const item of items) (holds(item) ? yes : no).push(item);
  return [yes, no];
}
