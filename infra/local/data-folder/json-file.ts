import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DataFolderProblem, naming } from './fault.ts';

/**
 * A value that is made once and then kept as JSON in a file that only its owner can read, such as a key.
 *
 * @param isValid whether what the file holds can be used
 * @throws DataFolderProblem when the file cannot be read or written, or holds something else
 */
export function keepOnce<T>(path: string, isValid: (value: Partial<T>) => boolean, make: () => T): T {
  const found = readJson(path);
  if (found === undefined) {
    const value = make();
    writeJson(path, value);
    return value;
  }
  if (isObject(found) && isValid(found as Partial<T>)) return found as T;
  throw new DataFolderProblem(path, 'damaged');
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

/**
 * Writes a value as JSON to a file that only its owner can read. The file keeps what it held until all of the new value is on
 * disk; a write that fails leaves nothing behind.
 *
 * @param indent spaces of indentation, for files that people read
 * @throws DataFolderProblem when the file cannot be written, with the error of the file system as its cause
 */
export function writeJson(path: string, value: unknown, indent?: number): void {
  const unfinished = `${path}.${process.pid}`;
  naming(path, () => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    try {
      writeDurably(unfinished, `${JSON.stringify(value, undefined, indent)}\n`);
      renameSync(unfinished, path);
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw error;
    }
  });
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, 'w', 0o600);
  try {
    // Unlike one `writeSync`, it goes on after a write that took only a part: a nearly full disk takes what fits.
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * What a JSON file holds; `undefined` when there is none.
 *
 * @throws DataFolderProblem when it cannot be read or is not JSON
 */
export function readJson(path: string): unknown {
  const text = naming(path, () => readIfThere(path));
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DataFolderProblem(path, 'damaged', { cause });
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
