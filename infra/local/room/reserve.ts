import { randomBytes } from 'node:crypto';
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { reserveBytesOf } from './room-state.ts';

/** A file that holds room on a disk until it is needed. */
export interface Reserve {
  readonly bytes: number;
  /** Takes the room, unless it is held. @returns whether it is held now */
  hold(): boolean;
  /** Gives the room back. */
  give(): void;
  /** Whether a little can be written now. */
  probe(): boolean;
}

/** What no file system can compress. */
const BLOCK = randomBytes(1024 * 1024);
const PROBE_BYTES = 256 * 1024;

/** @param folder where the file is, next to what it holds room for */
export function openReserve(folder: string, totalBytes: number): Reserve {
  const path = join(folder, 'reserve');
  const bytes = reserveBytesOf(totalBytes);
  const give = () => rmSync(path, { force: true });
  return {
    bytes,
    give,
    hold() {
      if (sizeOf(path) === bytes) return true;
      return fill(path, bytes) || abandon(give);
    },
    probe() {
      const isWritten = fill(`${path}.probe`, PROBE_BYTES);
      rmSync(`${path}.probe`, { force: true });
      return isWritten;
    },
  };
}

function abandon(give: () => void): false {
  give();
  return false;
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** @returns whether all of it was written */
function fill(path: string, bytes: number): boolean {
  try {
    const file = openSync(path, 'w', 0o600);
    try {
      for (let left = bytes; left > 0; ) left -= writeSync(file, BLOCK, 0, Math.min(left, BLOCK.length));
      return true;
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}
