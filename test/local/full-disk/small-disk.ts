import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own, in memory and small enough to be filled. */
export interface SmallDisk {
  /** Where it is, for whoever is started through `through`. */
  readonly folder: string;
  /** Where it is for everybody else. */
  readonly seenFromHere: string;
  /** A command that starts another where the disk is. */
  readonly through: readonly string[];
  /** Takes all that is left of it. May be called again, when something was given back meanwhile. */
  fill(): void;
  /** Gives back what `fill` took. */
  makeRoom(): void;
  remove(): Promise<void>;
}

const BLOCK = Buffer.alloc(4_096, 0x5a);

/**
 * Mounts one, in a namespace where every user may (mount_namespaces(7), user_namespaces(7)): no privileges are needed.
 *
 * @returns `undefined` where the kernel, or the container that the tests run in, does not let it
 */
export async function mountSmallDisk(megabytes: number): Promise<SmallDisk | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'chesil-disk-'));
  const mount = `mount -t tmpfs -o size=${megabytes}m chesil "$0" && echo mounted && exec sleep infinity`;
  const holder = spawn('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', mount, folder], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const endWithUs = () => void holder.kill('SIGKILL');
  process.once('exit', endWithUs);
  const end = async () => {
    process.off('exit', endWithUs);
    await endHolder(holder);
    rmSync(folder, { recursive: true });
  };
  if (!(await isMounted(holder))) {
    await end();
    return undefined;
  }
  const pid = String(holder.pid);
  const seenFromHere = join(`/proc/${pid}/root`, folder);
  const ballasts: string[] = [];
  return {
    folder,
    seenFromHere,
    through: ['nsenter', '--target', pid, '--user', '--mount', '--preserve-credentials', `--wd=${process.cwd()}`],
    fill() {
      ballasts.push(join(seenFromHere, `ballast-${ballasts.length}`));
      takeAll(ballasts.at(-1)!);
    },
    makeRoom() {
      for (const path of ballasts.splice(0)) rmSync(path, { force: true });
    },
    remove: end,
  };
}

async function isMounted(holder: ChildProcess): Promise<boolean> {
  const said = once(holder.stdout!, 'data').then(() => true);
  const ended = once(holder, 'exit').then(
    () => false,
    () => false,
  );
  return Promise.race([said, ended]);
}

async function endHolder(holder: ChildProcess): Promise<void> {
  if (holder.pid === undefined || holder.exitCode !== null || holder.signalCode !== null) return;
  const exit = once(holder, 'exit');
  holder.kill('SIGKILL');
  await exit;
}

function takeAll(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (;;) writeSync(file, BLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}
