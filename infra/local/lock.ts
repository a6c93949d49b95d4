import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from './data-folder/database.ts';
import { naming } from './data-folder/fault.ts';

/** Something that one process has at a time. */
export interface Lock {
  release(): void;
}

/** `SQLITE_BUSY`: somebody else has it. */
const BUSY = 5;

/**
 * Takes a lock that the operating system gives back when its holder ends, however it ends: SQLite's lock on a file of its own.
 *
 * @returns `undefined` when somebody has it
 * @throws DataFolderProblem when the file cannot be used
 */
export function takeLock(path: string): Lock | undefined {
  naming(dirname(path), () => mkdirSync(dirname(path), { recursive: true, mode: 0o700 }));
  const database = openLock(path);
  if (database === undefined) return undefined;
  try {
    // Without a journal on disk, which a full one would not take: nothing is ever written to the file.
    naming(path, () => database.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE'));
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}

/** Even to open it asks for the lock for a moment. */
function openLock(path: string): DatabaseSync | undefined {
  try {
    return openDatabase(path, { busyTimeoutMs: 0 });
  } catch (error) {
    if (isBusy(error)) return undefined;
    throw error;
  }
}

const isBusy = (error: unknown): boolean => (error as { errcode?: number }).errcode === BUSY;

const LOOK_EVERY_MS = 50;

/** Takes a lock as soon as nobody else has it. */
export async function waitForLock(path: string): Promise<Lock> {
  for (;;) {
    const lock = takeLock(path);
    if (lock !== undefined) return lock;
    await sleep(LOOK_EVERY_MS);
  }
}
