import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * A secret that is made once and then kept: what `make` answered the first time, as JSON in a file that only its owner can read. The
 * file appears whole or not at all.
 */
export function keepOnce<T>(path: string, make: () => T): T {
  const kept = read(path);
  if (kept !== undefined) return JSON.parse(kept) as T;
  const value = make();
  keep(path, value);
  return value;
}

/** Keeps a value as JSON in a file that only its owner can read; what the file held before stands until all of the new value is on disk. */
export function keep(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${process.pid}`;
  const file = openSync(unfinished, 'w', 0o600);
  writeSync(file, JSON.stringify(value));
  fsyncSync(file);
  closeSync(file);
  renameSync(unfinished, path);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
