import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Every file of a data folder, relative to it, but for those that SQLite keeps beside its databases and the room held in
 * reserve, whose content means nothing.
 */
export function filesOf(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !/-(?:wal|shm|journal)$|^reserve$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/** Ways in which disks, copies and people damage a file; `undefined` where the way does not fit the file. */
export const DAMAGES: Readonly<Record<string, (path: string) => boolean>> = {
  'is overwritten': (path) => {
    writeFileSync(path, 'rubbish '.repeat(2_000));
    return !path.endsWith('.log');
  },
  'was copied by half': (path) => {
    const { size } = statSync(path);
    truncateSync(path, Math.floor(size / 2));
    // The lock is an empty file, and a log may end anywhere.
    return size > 0 && !path.endsWith('.log');
  },
  'is another file in its middle': (path) => {
    const bytes = readFileSync(path);
    bytes.fill(0xa5, Math.min(4_096, bytes.length >> 2));
    writeFileSync(path, bytes);
    return bytes.length > 0 && !path.endsWith('.log');
  },
  'is a folder': (path) => {
    rmSync(path);
    mkdirSync(path);
    return true;
  },
};

export function copyOf(folder: string): string {
  const copy = `${folder}-copy`;
  rmSync(copy, { recursive: true, force: true });
  cpSync(folder, copy, { recursive: true });
  return copy;
}

/** Puts a file of a copy back as the original folder has it, with what SQLite keeps beside it. */
export function restore(copy: string, file: string, original: string): void {
  for (const name of [file, `${file}-wal`, `${file}-shm`, `${file}-journal`]) {
    rmSync(join(copy, name), { recursive: true, force: true });
    if (existsSync(join(original, name))) cpSync(join(original, name), join(copy, name));
  }
}

/** A command that runs another where a folder is mounted read-only; `undefined` where this machine lets nobody mount. */
export function mountedReadOnly(folder: string): readonly string[] | undefined {
  const mount = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"';
  const command = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', mount, folder];
  try {
    execFileSync(command[0]!, [...command.slice(1), 'true'], { stdio: 'ignore' });
    return command;
  } catch {
    return undefined;
  }
}
