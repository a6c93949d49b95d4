import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { AnnouncementDetail } from '../../shared/changes/announcement.ts';
import { EVENT_SOURCE } from '../../shared/changes/envelope.ts';

/** What went over the local bus. */
export interface Bus {
  /** What has come since it was asked last, in the order in which it came. */
  next(): readonly AnnouncementDetail[];
  close(): void;
}

/** More than goes over the bus between two looks. */
const MOST = 1_000;

/**
 * Follows the bus of a system that runs on this machine, by what its archive keeps: nothing on the bus knows that somebody looks on.
 * @param dataDir its data folder. @param before begins that many events before now
 */
export function followBus(dataDir: string, before: number): Bus {
  const database = new DatabaseSync(join(dataDir, 'messages.db'), { readOnly: true });
  const select = database.prepare('SELECT sequence, event FROM archived WHERE sequence > ? ORDER BY sequence LIMIT ?');
  const { last } = database.prepare('SELECT coalesce(max(sequence), 0) AS last FROM archived').get() as { last: number };
  let seen = Math.max(0, last - before);
  return {
    next() {
      const rows = select.all(seen, MOST) as unknown as { sequence: number; event: string }[];
      seen = rows.at(-1)?.sequence ?? seen;
      const events = rows.map(({ event }) => JSON.parse(event) as { source: string; detail: AnnouncementDetail });
      return events.filter(({ source }) => source === EVENT_SOURCE).map(({ detail }) => detail);
    },
    close: () => database.close(),
  };
}
