import type { DatabaseSync } from 'node:sqlite';
import type { StoredMessage } from './store.ts';

/**
 * What can be taken from a FIFO queue: of the group whose oldest message has waited longest as many as are wanted, then of the next. "Amazon SQS first attempts
 * to return as many messages with the same message group ID as possible" (SQS developer guide, "Receiving messages"): so others can take other groups meanwhile.
 *
 * @param sentAfter what is older is no longer kept
 */
export type TakeableInGroups = (queue: string, now: number, sentAfter: number, most: number) => readonly StoredMessage[];

/** Asks by group, not by message: however many wait in one that is held back, they cost nothing. */
export function createTakeableInGroups(database: DatabaseSync): TakeableInGroups {
  const groups = database.prepare(`
    WITH RECURSIVE waiting (id) AS (
      SELECT min(group_id) FROM message INDEXED BY message_group WHERE queue = ?1 AND group_id IS NOT NULL
      UNION ALL
      SELECT (SELECT min(group_id) FROM message INDEXED BY message_group WHERE queue = ?1 AND group_id > waiting.id) FROM waiting WHERE id IS NOT NULL
    )
    SELECT id, (SELECT sequence FROM message INDEXED BY message_group WHERE queue = ?1 AND group_id = waiting.id ORDER BY sequence LIMIT 1) AS head
    FROM waiting WHERE id IS NOT NULL ORDER BY head`);
  const underWay = database.prepare(
    'SELECT DISTINCT group_id AS id FROM message INDEXED BY message_visible WHERE queue = ? AND visible > ? AND receives > 0 AND group_id IS NOT NULL',
  );
  const ofGroup = database.prepare(
    'SELECT * FROM message INDEXED BY message_group WHERE queue = ? AND group_id = ? AND sent > ? ORDER BY sequence LIMIT ?',
  );

  return (queue, now, sentAfter, most) => {
    const held = new Set(underWay.all(queue, now).map(({ id }) => id));
    const taken: StoredMessage[] = [];
    for (const { id } of groups.all(queue)) {
      if (taken.length >= most) break;
      if (held.has(id)) continue;
      const messages = ofGroup.all(queue, id!, sentAfter, most - taken.length) as unknown as StoredMessage[];
      // What follows one that is delayed waits for it.
      const delayed = messages.findIndex(({ visible }) => visible > now);
      taken.push(...(delayed === -1 ? messages : messages.slice(0, delayed)));
    }
    return taken;
  };
}
