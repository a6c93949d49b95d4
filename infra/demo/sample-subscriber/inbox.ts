import { DatabaseSync } from 'node:sqlite';

/** What a signal looks like when it comes: a CloudEvent (`docs/subscribe.md`, "What comes"). */
export interface CloudEvent {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly source: string;
  readonly subject?: string;
  readonly dataref?: string;
  readonly contributor?: string;
  /** Counts the signals of a subscription: 1, 2, … */
  readonly eventnumber: number;
}

/** A signal that waits to be read. */
export interface Waiting {
  readonly number: number;
  readonly event: CloudEvent;
  /** It was heard before, under another number: told again, by a replay. */
  readonly isAgain: boolean;
}

/**
 * What has come, in a file, so that nothing is lost or done twice whatever happens to us. A signal is kept before it is acknowledged, and read
 * in the order of its number after: signals of different people may overtake each other on their way.
 */
export interface Inbox {
  /** Up to this number everything was read: where to catch up from is the next. */
  readTo(): number;
  /** The highest number that has come. */
  highest(): number;
  /** Whether something waits that cannot be read yet, because a number before it has not come. */
  hasGap(): boolean;
  /** Keeps a signal. One that is there already stays as it is. */
  keep(number: number, event: CloudEvent): void;
  /** The next in the order of numbers, if it has come. */
  next(): Waiting | undefined;
  /** The next was read. */
  done(number: number): void;
  /** Numbers up to this one that have not come will not come: what they told may not be told to us any more. */
  passOver(number: number): void;
  close(): void;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS heard (
    subscription TEXT NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL, event TEXT NOT NULL,
    PRIMARY KEY (subscription, number)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS heard_id ON heard (id);
  CREATE TABLE IF NOT EXISTS progress (subscription TEXT PRIMARY KEY, read_to INTEGER NOT NULL) STRICT;
`;

/** @param path of the file. @param subscription whose signals: each counts by itself */
export function openInbox(path: string, subscription: string): Inbox {
  const database = new DatabaseSync(path);
  database.exec(SCHEMA);
  database.prepare('INSERT OR IGNORE INTO progress VALUES (?, 0)').run(subscription);
  const progress = database.prepare('SELECT read_to FROM progress WHERE subscription = ?');
  const advance = database.prepare('UPDATE progress SET read_to = max(read_to, ?) WHERE subscription = ?');
  const insert = database.prepare('INSERT OR IGNORE INTO heard VALUES (?, ?, ?, ?)');
  const first = database.prepare(
    `SELECT number, event, EXISTS (SELECT 1 FROM heard earlier WHERE earlier.id = heard.id AND earlier.rowid < heard.rowid) AS again
       FROM heard WHERE subscription = ? AND number > ? ORDER BY number LIMIT 1`,
  );
  const last = database.prepare('SELECT coalesce(max(number), 0) AS number FROM heard WHERE subscription = ?');
  const readTo = () => Number((progress.get(subscription) as { read_to: number }).read_to);
  const firstWaiting = () => first.get(subscription, readTo()) as { number: number; event: string; again: number } | undefined;
  return {
    readTo,
    highest: () => (last.get(subscription) as { number: number }).number,
    hasGap: () => (firstWaiting()?.number ?? 0) > readTo() + 1,
    keep: (number, event) => void insert.run(subscription, number, event.id, JSON.stringify(event)),
    next() {
      const waiting = firstWaiting();
      if (waiting?.number !== readTo() + 1) return undefined;
      return { number: waiting.number, event: JSON.parse(waiting.event) as CloudEvent, isAgain: waiting.again === 1 };
    },
    done: (number) => void advance.run(number, subscription),
    passOver(number) {
      const next = firstWaiting()?.number ?? Number.POSITIVE_INFINITY;
      advance.run(Math.min(number, next - 1), subscription);
    },
    close: () => database.close(),
  };
}
