import { accessSync, constants, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkDatabase, openDatabase } from './database.ts';
import { DataFolderProblem, naming } from './fault.ts';
import { readJson } from './json-file.ts';

/** Files and folders of the data folder that this runtime owns. Others in it are nobody's business here. */
const FOLDERS = ['identity', 'keys', 'logs', 'providers', 'secrets', join('secrets', 'made')] as const;
const DATABASES = [
  'engine.db',
  'messages.db',
  'streams.db',
  join('identity', 'logins.db'),
  join('providers', 'logins.db'),
] as const;
const JSON_FILES = ['demo.json', 'runtime.json'] as const;

/** Every page of a database up to this size is read at the start, which takes a third of a second at most. */
const FULL_CHECK_BYTES = 128 * 1024 * 1024;

/**
 * Makes the data folder when it is not there.
 *
 * @throws DataFolderProblem when it cannot be made, or cannot be read and written
 */
export function makeDataFolder(folder: string): void {
  naming(folder, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  });
}

/**
 * Checks everything that an earlier start left, before any part of it is used. The caller holds the lock of the folder.
 *
 * @param hasOwnEngine whether the tables are in this folder, and not in an engine elsewhere
 * @throws DataFolderProblem which names the first file that cannot be used, and says what to do about it
 */
export function checkDataFolder(folder: string, { hasOwnEngine }: { readonly hasOwnEngine: boolean }): void {
  const folders = FOLDERS.map((name) => join(folder, name)).filter((path) => existsSync(path));
  for (const path of folders) checkFolder(path);
  const inFolders = folders.flatMap((path) => readdirSync(path).map((name) => join(path, name)));
  const files = [...[...DATABASES, ...JSON_FILES].map((name) => join(folder, name)), ...inFolders].filter((path) =>
    existsSync(path),
  );
  for (const path of files.filter((path) => !folders.includes(path))) checkFile(path);
  for (const name of DATABASES) checkContent(join(folder, name));
  for (const path of files.filter((path) => path.endsWith('.json'))) readJson(path);
  if (hasOwnEngine && lostItsEngine(folder)) throw new DataFolderProblem(join(folder, 'engine.db'), 'missing');
}

function checkFolder(path: string): void {
  if (!statSync(path).isDirectory()) throw new DataFolderProblem(path, 'not-a-folder');
  naming(path, () => accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK));
}

function checkFile(path: string): void {
  if (!statSync(path).isFile()) throw new DataFolderProblem(path, 'not-a-file');
  naming(path, () => accessSync(path, constants.R_OK | constants.W_OK));
}

function checkContent(path: string): void {
  if (!existsSync(path)) return;
  if (statSync(path).size <= FULL_CHECK_BYTES) checkDatabase(path);
  else openDatabase(path).close();
}

/** The engine would begin anew without a word, beside queues and logins that belong to the record that is gone. */
const lostItsEngine = (folder: string): boolean =>
  existsSync(join(folder, 'demo.json')) && ['engine.db', 'engine.db-wal'].every((name) => sizeOf(join(folder, name)) === 0);

const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);
