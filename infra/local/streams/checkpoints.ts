import { openDatabase } from '../data-folder/database.ts';
import { naming } from '../data-folder/fault.ts';

/** A stretch of a stream that was given up, and must stay readable for those who will look into it. */
export interface Stretch {
  readonly from: bigint;
  readonly to: bigint;
}

/** How far each mapping has come; outlives the process. */
export interface Checkpoints {
  /** `undefined`: the mapping has never run. */
  position(mapping: string): bigint | undefined;
  keep(mapping: string, position: bigint): void;
  /** Notes what was given up. */
  giveUp(streamArn: string, stretch: Stretch, nowMs: number): void;
  /** What was given up since a moment; what is older is forgotten. */
  givenUp(streamArn: string, sinceMs: number): readonly Stretch[];
  close(): void;
}

/** @param path of the SQLite file */
export function openCheckpoints(path: string): Checkpoints {
  const database = openDatabase(path);
  // A position that is lost with the machine's power is one from which records are handed over again: at least once.
  const schema = `
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS position (mapping TEXT PRIMARY KEY, sequence TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS given_up (stream TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT;
  `;
  naming(path, () => database.exec(schema));
  const select = database.prepare('SELECT sequence FROM position WHERE mapping = ?');
  const upsert = database.prepare(
    'INSERT INTO position (mapping, sequence) VALUES (?, ?) ON CONFLICT (mapping) DO UPDATE SET sequence = excluded.sequence',
  );
  const insert = database.prepare('INSERT INTO given_up (stream, first, last, at_ms) VALUES (?, ?, ?, ?)');
  const forget = database.prepare('DELETE FROM given_up WHERE at_ms < ?');
  const stretches = database.prepare('SELECT first, last FROM given_up WHERE stream = ?');
  return {
    position: (mapping) => {
      const row = select.get(mapping);
      return row === undefined ? undefined : BigInt(String(row.sequence));
    },
    keep: (mapping, position) => void upsert.run(mapping, String(position)),
    giveUp: (streamArn, { from, to }, nowMs) => void insert.run(streamArn, String(from), String(to), nowMs),
    givenUp: (streamArn, sinceMs) => {
      forget.run(sinceMs);
      return stretches.all(streamArn).map(({ first, last }) => ({ from: BigInt(String(first)), to: BigInt(String(last)) }));
    },
    close: () => database.close(),
  };
}
