import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitForLock } from './lock.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = join(ROOT, '.cache', 'synthesis');

/** What the templates and bundles are made of. */
const INPUTS = ['infra', 'functions', 'shared', 'cdk.json', 'package-lock.json'];

/** Parts of `infra` that run beside the system and do not describe it. */
const NO_INPUTS = ['infra/local', 'infra/demo'];

/** Assemblies that are kept: going back and forth between two states of the sources costs nothing. */
const KEPT = 3;
/** One that was used so lately may still be running. */
const KEPT_MS = 60 * 60 * 1000;

/**
 * Synthesises the system, unless its inputs are those of a former time.
 *
 * @param onWork told when there is something to wait for
 * @returns the folder of the cloud assembly, bundles included
 * @throws Error with what the synthesis said when it failed
 */
export async function synthesise(onWork: () => void = () => {}): Promise<string> {
  const hash = hashInputs();
  const folder = join(CACHE, hash);
  if (isThere(folder)) return folder;
  const lock = await waitForLock(join(CACHE, 'lock'));
  try {
    if (isThere(folder)) return folder;
    onWork();
    const unfinished = join(CACHE, 'unfinished');
    rmSync(unfinished, { recursive: true, force: true });
    await run(unfinished);
    renameSync(unfinished, folder);
    forget();
    return folder;
  } finally {
    lock.release();
  }
}

/** The time of its last use decides how long an assembly is kept. */
function isThere(folder: string): boolean {
  if (!existsSync(folder)) return false;
  const now = new Date();
  utimesSync(folder, now, now);
  return true;
}

function hashInputs(): string {
  const hash = createHash('sha256').update(process.versions.node);
  for (const path of INPUTS.flatMap((input) => filesOf(join(ROOT, input))).sort())
    hash.update(`\0${relative(ROOT, path)}\0`).update(readFileSync(path));
  return hash.digest('hex').slice(0, 24);
}

function filesOf(path: string): string[] {
  if (NO_INPUTS.includes(relative(ROOT, path))) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path).flatMap((name) => filesOf(join(path, name)));
}

function run(folder: string): Promise<void> {
  const program = fileURLToPath(new URL('synthesise.ts', import.meta.url));
  const child = spawn(process.execPath, [program, folder], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`The system could not be synthesised:\n${said.trim()}`)),
    );
  });
}

function forget(): void {
  const folders = readdirSync(CACHE, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const byAge = folders
    .map(({ name }) => ({ name, usedMs: statSync(join(CACHE, name)).mtimeMs }))
    .sort((a, b) => b.usedMs - a.usedMs);
  const old = byAge.slice(KEPT).filter(({ usedMs }) => usedMs < Date.now() - KEPT_MS);
  for (const { name } of old) rmSync(join(CACHE, name), { recursive: true, force: true });
}
