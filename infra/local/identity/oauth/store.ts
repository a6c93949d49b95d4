import { openDatabase } from '../../data-folder/database.ts';
import { naming } from '../../data-folder/fault.ts';

/** Whatever of a login outlives a request: sessions, codes, refresh tokens, users. In one file, so that a start finds all of it again. */
export interface LoginStore {
  /** @param seconds from now until it is as if it had never been; absent: for ever */
  put(kind: string, id: string, content: object, options?: PutOptions): void;
  get(kind: string, id: string): Kept | undefined;
  findByUid(kind: string, uid: string): Kept | undefined;
  /** Reads and removes at once: of two that ask, one gets it. */
  take(kind: string, id: string): Kept | undefined;
  /** Notes that it was used. */
  consume(kind: string, id: string): void;
  remove(kind: string, id: string): void;
  removeOfGrant(kind: string, grant: string): void;
  close(): void;
}

export interface PutOptions {
  readonly seconds?: number | undefined;
  readonly uid?: string | undefined;
  readonly grant?: string | undefined;
}

export interface Kept {
  readonly content: Record<string, unknown>;
  /** Seconds since 1970. */
  readonly consumed?: number;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS kept (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    content TEXT NOT NULL,
    uid TEXT,
    grant_id TEXT,
    expires INTEGER,
    consumed INTEGER,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS kept_uid ON kept (kind, uid) WHERE uid IS NOT NULL;
  CREATE INDEX IF NOT EXISTS kept_grant ON kept (kind, grant_id) WHERE grant_id IS NOT NULL;
  CREATE INDEX IF NOT EXISTS kept_expires ON kept (expires) WHERE expires IS NOT NULL;
`;

const SWEEP_EVERY_MS = 10 * 60 * 1000;

interface StoreOptions {
  readonly now?: () => number;
  /** Where a sweep that failed is reported. */
  readonly report?: (error: unknown) => void;
}

/**
 * @param path of the SQLite file
 * @throws DataFolderProblem when it cannot be used
 */
export function openLoginStore(path: string, { now = Date.now, report = console.error }: StoreOptions = {}): LoginStore {
  const database = openDatabase(path);
  naming(path, () => database.exec(SCHEMA));
  const seconds = () => Math.floor(now() / 1000);
  const expire = database.prepare('DELETE FROM kept WHERE expires <= ?');
  /** What is left over is not found any more, and goes with a later sweep. */
  const sweep = () => {
    try {
      expire.run(seconds());
    } catch (error) {
      report(error);
    }
  };
  sweep();
  const timer = setInterval(sweep, SWEEP_EVERY_MS).unref();

  const upsert = database.prepare(
    'INSERT OR REPLACE INTO kept (kind, id, content, uid, grant_id, expires) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const standing = '(expires IS NULL OR expires > ?)';
  const byId = database.prepare(`SELECT content, consumed FROM kept WHERE kind = ? AND id = ? AND ${standing}`);
  const byUid = database.prepare(`SELECT content, consumed FROM kept WHERE kind = ? AND uid = ? AND ${standing}`);
  const taking = database.prepare(`DELETE FROM kept WHERE kind = ? AND id = ? AND ${standing} RETURNING content, consumed`);
  const consuming = database.prepare('UPDATE kept SET consumed = ? WHERE kind = ? AND id = ? AND consumed IS NULL');
  const deleting = database.prepare('DELETE FROM kept WHERE kind = ? AND id = ?');
  const deletingOfGrant = database.prepare('DELETE FROM kept WHERE kind = ? AND grant_id = ?');

  return {
    put(kind, id, content, { seconds: lasts, uid, grant } = {}) {
      const expires = lasts === undefined ? null : seconds() + lasts;
      upsert.run(kind, id, JSON.stringify(content), uid ?? null, grant ?? null, expires);
    },
    get: (kind, id) => readRow(byId.get(kind, id, seconds())),
    findByUid: (kind, uid) => readRow(byUid.get(kind, uid, seconds())),
    take: (kind, id) => readRow(taking.get(kind, id, seconds())),
    consume: (kind, id) => void consuming.run(seconds(), kind, id),
    remove: (kind, id) => void deleting.run(kind, id),
    removeOfGrant: (kind, grant) => void deletingOfGrant.run(kind, grant),
    close() {
      clearInterval(timer);
      database.close();
    },
  };
}

function readRow(row: Record<string, unknown> | undefined): Kept | undefined {
  if (row === undefined) return undefined;
  const content = JSON.parse(String(row.content)) as Record<string, unknown>;
  return typeof row.consumed === 'number' ? { content, consumed: row.consumed } : { content };
}
