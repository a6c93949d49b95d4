import { closeSync, existsSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

/** A log that is appended to line by line; a full one is put aside as `<path>.1`, in the place of the one before. */
export interface LogFile {
  /** Appends whole lines. Never throws: who logs must not fail because the disk is full, or the log cannot be written. */
  append(text: string): void;
}

const MOST_BYTES = 32 * 1024 * 1024;

interface Options {
  /** When it is put aside. */
  readonly mostBytes?: number;
  /** Writes as `writeSync` does, and takes as much as there is room for. */
  readonly write?: (file: number, bytes: Buffer) => number;
}

/**
 * Opens a log. It is written in the caller's thread and at once: what a function said before it was stopped must be there.
 * What could not be written is left out, and counted in the next line that can be.
 *
 * @throws Error when the file cannot be opened
 */
export function openLogFile(path: string, { mostBytes = MOST_BYTES, write: writeBytes = writeSync }: Options = {}): LogFile {
  let file = openSync(path, 'a', 0o600);
  let bytes = fstatSync(file).size;
  let lost = 0;
  let isTorn = false;

  const turnOver = () => {
    // Another environment of the same function may just have done so.
    if (existsSync(path)) renameSync(path, `${path}.1`);
    const full = file;
    file = openSync(path, 'a', 0o600);
    bytes = fstatSync(file).size;
    closeSync(full);
  };

  /** A nearly full disk takes a part of a text, and says so by the number of bytes. */
  const write = (text: string): void => {
    const whole = Buffer.from(text);
    const written = writeBytes(file, whole);
    bytes += written;
    isTorn = written > 0 && written < whole.length;
    if (written < whole.length) throw new Error('only a part of a log line was written');
  };

  return {
    append(text) {
      try {
        if (bytes > mostBytes) turnOver();
        if (lost > 0) write(`${isTorn ? '\n' : ''}${lostLine(lost)}`);
        lost = 0;
        write(text);
      } catch {
        lost += 1;
      }
    },
  };
}

const lostLine = (count: number): string =>
  `${JSON.stringify({ time: new Date().toISOString(), type: 'platform.logsDropped', record: { count } })}\n`;
