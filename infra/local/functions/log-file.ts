import { closeSync, existsSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

/** A log that is appended to line by line; a full one is put aside as `<path>.1`, in the place of the one before. */
export interface LogFile {
  append(text: string): void;
}

const MOST_BYTES = 32 * 1024 * 1024;

/** Written at once and in this thread: what a function said before it was stopped must be there. */
export function openLogFile(path: string, mostBytes = MOST_BYTES): LogFile {
  let file = openSync(path, 'a', 0o600);
  let bytes = fstatSync(file).size;
  const turnOver = () => {
    closeSync(file);
    // Another environment of the same function may just have done so.
    if (existsSync(path)) renameSync(path, `${path}.1`);
    file = openSync(path, 'a', 0o600);
    bytes = fstatSync(file).size;
  };
  return {
    append(text) {
      if (bytes > mostBytes) turnOver();
      bytes += writeSync(file, text);
    },
  };
}
