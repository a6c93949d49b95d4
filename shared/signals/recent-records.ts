import type { PersonRecord } from '../record/fold.ts';
import type { RecordStore } from '../store/record.ts';

/** Reads a person's record, or takes one that was read a moment ago, if it holds all that was recorded by an instant. */
export type ReadRecent = (person: string, recordedBy: string) => Promise<PersonRecord>;

interface Recent {
  readonly readAtMs: number;
  readonly record: Promise<PersonRecord>;
}

/** One change goes to several subscriptions within moments: its record is read once for all of them. */
const RECENT_MS = 500;
const MOST_REMEMBERED = 1_000;

/** @param now milliseconds since the epoch */
export function createReadRecent(records: Pick<RecordStore, 'person'>, now: () => number): ReadRecent {
  const recent = new Map<string, Recent>();

  const read = (person: string): Promise<PersonRecord> => {
    const record = records.person(person);
    if (recent.size >= MOST_REMEMBERED) recent.clear();
    recent.set(person, { readAtMs: now(), record });
    record.catch(() => recent.delete(person));
    return record;
  };

  return async (person, recordedBy) => {
    const known = recent.get(person);
    if (known === undefined || now() - known.readAtMs >= RECENT_MS) return read(person);
    const record = await known.record;
    return holds(record, person, recordedBy) ? record : read(person);
  };
}

/** Without this, what was recorded a moment after the read would be taken for something that may not be told. */
const holds = ({ folds }: PersonRecord, person: string, instant: string): boolean =>
  (folds.find(({ subject }) => subject === person)?.recordedAt ?? '') >= instant;
