import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { DataFolderProblem, naming } from './fault.ts';

interface DatabaseOptions {
  /** How long to wait for another connection, in milliseconds. */
  readonly busyTimeoutMs?: number;
}

/**
 * Opens a SQLite file of the data folder, and makes it when it is not there, for its owner alone.
 *
 * @throws DataFolderProblem when it cannot be read and written, or is no database
 */
export function openDatabase(path: string, { busyTimeoutMs = 5_000 }: DatabaseOptions = {}): DatabaseSync {
  return naming(path, () => {
    // SQLite gives the files beside it the same mode, and would open a file that cannot be written for reading.
    closeSync(openSync(path, 'a+', 0o600));
    const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
    try {
      database.prepare('SELECT count(*) FROM sqlite_schema').get();
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/**
 * Reads every page of a SQLite file, but for what only a full check would find.
 *
 * @throws DataFolderProblem when something in it is damaged
 */
export function checkDatabase(path: string): void {
  const database = openDatabase(path);
  try {
    const found = naming(path, () => database.prepare('PRAGMA quick_check(1)').get()) as { quick_check: string };
    if (found.quick_check !== 'ok') throw new DataFolderProblem(path, 'damaged');
  } finally {
    database.close();
  }
}
