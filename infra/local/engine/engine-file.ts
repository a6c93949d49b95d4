import type { DatabaseSync } from 'node:sqlite';
import { openDatabase } from '../data-folder/database.ts';
import { naming } from '../data-folder/fault.ts';

/** What is done to the engine's own file beside the engine, because dynoxide 1.2.1 leaves it undone. */
export interface EngineFile {
  /**
   * Deletes stream records of a table up to a sequence number. The newest stays: the engine counts on from it.
   *
   * @param kept ranges of sequence numbers that are not deleted
   * @returns how many were deleted, at most `MOST_AT_ONCE`
   */
  trim(table: string, upTo: bigint, kept: readonly { readonly from: bigint; readonly to: bigint }[]): number;
  close(): void;
}

/** Columns of the engine's table of stream records, as of dynoxide 1.2.1. */
const COLUMNS = [
  ...['id', 'table_name', 'event_name', 'keys_json', 'new_image', 'old_image'],
  ...['sequence_number', 'shard_id', 'created_at', 'user_identity'],
];

/** The engine waits for the file while records are deleted, so few are at a time. */
export const MOST_AT_ONCE = 500;

/**
 * Opens the file of a running engine and gives its stream records the index that they lack: without it every write scans them.
 *
 * @throws Error when the engine's file is not built as expected
 */
export function openEngineFile(path: string): EngineFile {
  const database = openDatabase(path);
  assertShape(path, database);
  // A lost trim is made up for by the next one: no need to wait for the disk with the file locked.
  database.exec('PRAGMA synchronous = OFF');
  naming(path, () =>
    database.exec(
      'CREATE INDEX IF NOT EXISTS chesil_stream_order ON _stream_records (table_name, CAST(sequence_number AS INTEGER))',
    ),
  );
  const trim = database.prepare(`
    DELETE FROM _stream_records WHERE id IN (
      SELECT id FROM _stream_records AS record
      WHERE table_name = :table AND CAST(sequence_number AS INTEGER) <= :upTo
        AND CAST(sequence_number AS INTEGER) < (SELECT MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records WHERE table_name = :table)
        AND NOT EXISTS (
          SELECT 1 FROM json_each(:kept) AS range
          WHERE CAST(record.sequence_number AS INTEGER) BETWEEN CAST(range.value ->> 0 AS INTEGER) AND CAST(range.value ->> 1 AS INTEGER))
      ORDER BY CAST(sequence_number AS INTEGER) LIMIT ${MOST_AT_ONCE})`);
  return {
    trim: (table, upTo, kept) => {
      const ranges = JSON.stringify(kept.map(({ from, to }) => [String(from), String(to)]));
      return Number(trim.run({ table, upTo, kept: ranges }).changes);
    },
    close: () => database.close(),
  };
}

function assertShape(path: string, database: DatabaseSync): void {
  const columns = database.prepare("SELECT name FROM pragma_table_info('_stream_records')").all();
  const names = columns.map(({ name }) => String(name));
  if (names.length === COLUMNS.length && names.every((name, index) => name === COLUMNS[index])) return;
  throw new Error(
    `${path} keeps stream records otherwise than dynoxide 1.2.1 did (${names.join(', ') || 'nowhere'}). See infra/local/engine/engine-file.ts before you change its version.`,
  );
}
