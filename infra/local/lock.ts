import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

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
 */
export function takeLock(path: string): Lock | undefined {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === BUSY) return undefined;
    throw error;
  }
}

const LOOK_EVERY_MS = 50;

/** Takes a lock as soon as nobody else has it. */
export async function waitForLock(path: string): Promise<Lock> {
  for (;;) {
    const lock = takeLock(path);
    if (lock !== undefined) return lock;
    await sleep(LOOK_EVERY_MS);
  }
}
