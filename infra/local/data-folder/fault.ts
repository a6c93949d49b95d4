/** What can be wrong with a file of the data folder. */
export type Fault = 'damaged' | 'full' | 'missing' | 'not-a-file' | 'not-a-folder' | 'not-permitted' | 'read-only' | 'unreadable';

/** Codes of `errno` (errno(3)) that Node reports for files and folders. */
const BY_ERRNO: Readonly<Record<string, Fault>> = {
  EACCES: 'not-permitted',
  EDQUOT: 'full',
  EEXIST: 'not-a-folder',
  EIO: 'unreadable',
  EISDIR: 'not-a-file',
  ENOSPC: 'full',
  ENOTDIR: 'not-a-folder',
  EPERM: 'not-permitted',
  EROFS: 'read-only',
};

/** Primary result codes of SQLite (https://sqlite.org/rescode.html). */
const BY_SQLITE: Readonly<Record<number, Fault>> = {
  3: 'not-permitted',
  8: 'not-permitted',
  10: 'unreadable',
  11: 'damaged',
  13: 'full',
  14: 'not-permitted',
  23: 'not-permitted',
  26: 'damaged',
};

/** `SQLITE_IOERR_SHMSIZE`: the index beside a write-ahead log could not grow, "probably" because the disk is full. */
const BY_EXTENDED: Readonly<Record<number, Fault>> = { 4874: 'full' };

/** What an error of `node:fs` or `node:sqlite` says of the file; `undefined` when it says nothing of the kind. */
export function faultOf(error: unknown): Fault | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof DataFolderProblem) return error.fault;
  const { code, errcode } = error as NodeJS.ErrnoException & { readonly errcode?: number };
  // The low byte of an extended code is the primary one.
  if (typeof errcode === 'number') return BY_EXTENDED[errcode] ?? BY_SQLITE[errcode & 0xff];
  return code === undefined ? undefined : BY_ERRNO[code];
}

/** Whether a write failed because there is no room left for it. */
export const isOutOfRoom = (error: unknown): boolean => faultOf(error) === 'full';

const BACKUP = 'put it back from a backup of the data folder, or start with a new folder (--data DIR)';
const REWRITTEN = 'delete it, and the next start writes it anew';

/** One sentence for each: what is wrong with the file, and what to do. */
const SENTENCES: Readonly<Record<Fault, (path: string, cure: string) => string>> = {
  damaged: (path, cure) => `${path} is damaged: ${cure}.`,
  full: (path) => `There is no room left on the disk for ${path}: free some, then start again.`,
  missing: (path, cure) => `${path} is missing although an earlier start wrote it: ${cure}.`,
  'not-a-file': (path, cure) => `${path} should be a file and is none: ${cure}.`,
  'not-a-folder': (path) => `${path} should be a folder and is none: move it away, or start with another folder (--data DIR).`,
  'not-permitted': (path) =>
    `${path} cannot be read and written by this user: give its owner the right (chmod -R u+rwX), or start with another folder (--data DIR).`,
  'read-only': (path) =>
    `${path} is on a file system that is mounted read-only: mount it for writing, or start with another folder (--data DIR).`,
  unreadable: (path, cure) => `${path} cannot be read, so the disk may be failing: ${cure}.`,
};

/** Files that a start writes anew. What only they held, if anything, is not missed. */
const DERIVED = /(?:^|\/)(?:demo\.json|runtime\.json|lock|logs\/[^/]+)$/;

/** A file of the data folder that cannot be used. Its message is one sentence for the person who runs the machine. */
export class DataFolderProblem extends Error {
  override readonly name = 'DataFolderProblem';
  readonly path: string;
  readonly fault: Fault;

  constructor(path: string, fault: Fault, options?: ErrorOptions) {
    super(SENTENCES[fault](path, DERIVED.test(path) ? REWRITTEN : BACKUP), options);
    this.path = path;
    this.fault = fault;
  }
}

/** Runs `work` on a file; an error that says something of the file becomes a `DataFolderProblem` that names it. */
export function naming<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const fault = cause instanceof DataFolderProblem ? undefined : faultOf(cause);
    throw fault === undefined ? cause : new DataFolderProblem(path, fault, { cause });
  }
}
