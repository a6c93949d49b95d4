import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { openDatabase } from '../data-folder/database.ts';
import { naming } from '../data-folder/fault.ts';

/**
 * The file that holds every message and every delivery that is still due. Queues and bus share it, so that matching an event and
 * enqueueing it are one transaction, and an acknowledged event is in its queues whatever happens next.
 */
export interface Messages {
  readonly database: DatabaseSync;
  /**
   * Runs `work` in the next transaction, alone or with what else waits: one flush to disk serves all of them. Resolves once it is
   * on disk. What throws is rolled back by itself.
   */
  write<T>(work: () => T): Promise<T>;
  /** Calls back after each transaction that was committed. */
  onCommit(listener: () => void): void;
  /** Finishes what waits, then closes the file. */
  close(): void;
}

const MESSAGES = `
  CREATE TABLE message (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    attributes TEXT,
    trace TEXT,
    sender TEXT NOT NULL,
    group_id TEXT,
    deduplication_id TEXT,
    dead_letter_source TEXT,
    sent INTEGER NOT NULL,
    visible INTEGER NOT NULL,
    receives INTEGER NOT NULL DEFAULT 0,
    first_received INTEGER,
    receipt TEXT
  ) STRICT;
  CREATE INDEX message_visible ON message (queue, visible);
  CREATE INDEX message_group ON message (queue, group_id, sequence) WHERE group_id IS NOT NULL;
  CREATE INDEX message_order ON message (queue, sequence) WHERE group_id IS NOT NULL;
  CREATE TABLE sent (
    queue TEXT NOT NULL,
    deduplication_key TEXT NOT NULL,
    id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (queue, deduplication_key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sent_expires ON sent (expires);
  CREATE TABLE delivery (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    target TEXT NOT NULL,
    payload TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due INTEGER NOT NULL,
    expires INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX delivery_due ON delivery (due);
  CREATE TABLE archived (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    archive TEXT NOT NULL,
    time INTEGER NOT NULL,
    event TEXT NOT NULL
  ) STRICT;
  CREATE INDEX archived_time ON archived (archive, time);
`;

const RULES_AND_REPLAYS = `
  DROP INDEX IF EXISTS message_order;
  CREATE TABLE rule (
    bus TEXT NOT NULL,
    name TEXT NOT NULL,
    definition TEXT NOT NULL,
    targets TEXT NOT NULL,
    PRIMARY KEY (bus, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE replay (
    name TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    state TEXT NOT NULL,
    reached INTEGER NOT NULL DEFAULT 0,
    reached_time INTEGER,
    started INTEGER NOT NULL,
    ended INTEGER
  ) STRICT, WITHOUT ROWID;
`;

/** What brings a file from each version to the next: a file of an earlier version is brought up to date when it is opened. */
const STEPS: readonly { readonly to: number; readonly schema: string }[] = [
  { to: 2, schema: MESSAGES },
  { to: 3, schema: RULES_AND_REPLAYS },
];
const OLDEST_VERSION = 2;
const SCHEMA_VERSION = 3;

interface Pending {
  readonly work: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Opens the file, and creates it when it is not there. @throws Error when it was written by a version that is not known */
export function openMessages(path: string): Messages {
  const database = openDatabase(path);
  // As the engine does: what is committed outlives the process, however it ends. Waiting for the disk as well would block the
  // gateway's thread for milliseconds at each commit, to survive a power cut that the engine's own file may not.
  naming(path, () => {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    createSchema(path, database);
  });

  const [begin, commit, save, keep] = ['BEGIN IMMEDIATE', 'COMMIT', 'SAVEPOINT one', 'RELEASE one'].map((sql) =>
    database.prepare(sql),
  ) as [StatementSync, StatementSync, StatementSync, StatementSync];
  const listeners: (() => void)[] = [];
  let pending: Pending[] = [];
  let closed = false;

  const runOne = ({ work, resolve, reject }: Pending): (() => void) => {
    save.run();
    try {
      const value = work();
      keep.run();
      return () => resolve(value as never);
    } catch (error) {
      // Some errors, such as a full disk, have already ended the whole transaction (https://sqlite.org/lang_transaction.html).
      if (!database.isTransaction) throw error;
      database.exec('ROLLBACK TO one; RELEASE one');
      return () => reject(error);
    }
  };

  const flush = (): void => {
    if (pending.length === 0) return;
    const batch = pending;
    pending = [];
    let settled: (() => void)[] = [];
    try {
      begin.run();
      settled = batch.map(runOne);
      commit.run();
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      settled = batch.map(
        ({ reject }) =>
          () =>
            reject(error),
      );
    }
    for (const settle of settled) settle();
    for (const listener of listeners) listener();
  };

  return {
    database,
    write: <T>(work: () => T) =>
      new Promise<T>((resolve, reject) => {
        if (closed) return reject(new Error('the messages are closed'));
        if (pending.push({ work, resolve, reject }) === 1) setImmediate(flush);
      }),
    onCommit: (listener) => void listeners.push(listener),
    close() {
      if (closed) return;
      closed = true;
      flush();
      database.close();
    },
  };
}

function createSchema(path: string, database: DatabaseSync): void {
  const { user_version: found } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (found > SCHEMA_VERSION || (found !== 0 && found < OLDEST_VERSION))
    throw new Error(
      `${path} was written by another version (${found}; this one is ${SCHEMA_VERSION}): start with that version, or with a new folder (--data DIR).`,
    );
  for (const { to, schema } of STEPS.filter((step) => step.to > found))
    database.exec(`BEGIN; ${schema}; PRAGMA user_version = ${to}; COMMIT`);
}
