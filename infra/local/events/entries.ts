import { randomUUID } from 'node:crypto';
import { type Input, refuseCall, type ServiceRefusal } from '../endpoint/service.ts';
import type { Place } from '../resource.ts';
import { readInstant } from './instant.ts';

/** An entry of `PutEvents` that the bus takes. */
export interface Entry {
  /** Name of its bus. */
  readonly bus: string;
  readonly id: string;
  readonly source: string;
  readonly detailType: string;
  /** The event as targets receive it, and the same parsed. */
  readonly text: string;
  readonly event: Readonly<Record<string, unknown>>;
}

/** An entry that fails by itself. */
export interface EntryProblem {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

const MOST_ENTRIES = 10;
/** EventBridge user guide, "PutEvents event entry size". */
const MOST_BYTES = 256 * 1024;
const TIME_BYTES = 14;

interface RawEntry {
  readonly Source?: unknown;
  readonly DetailType?: unknown;
  readonly Detail?: unknown;
  readonly Resources?: unknown;
  readonly Time?: unknown;
  readonly EventBusName?: unknown;
}

/** Reads a whole request: what is wrong with all of it is refused, what is wrong with an entry fails that entry. */
export function readEntries({ Entries }: Input, place: Place, now: Date): readonly (Entry | EntryProblem)[] | ServiceRefusal {
  const entries = Array.isArray(Entries) ? (Entries as RawEntry[]) : [];
  if (entries.length === 0 || entries.length > MOST_ENTRIES) {
    const bound = entries.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${MOST_ENTRIES}`;
    return refuseCall(
      'ValidationException',
      `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length ${bound}`,
    );
  }
  if (entries.reduce((sum, entry) => sum + entryBytes(entry), 0) > MOST_BYTES) {
    return refuseCall('ValidationException', 'Total size of the entries in the request is over the limit.');
  }
  return entries.map((entry) => readEntry(entry, place, now));
}

const entryBytes = ({ Time, Source, DetailType, Detail, Resources }: RawEntry): number =>
  [Source, DetailType, Detail, ...(Array.isArray(Resources) ? Resources : [])].reduce<number>(
    (sum, text) => sum + (typeof text === 'string' ? Buffer.byteLength(text) : 0),
    Time === undefined ? 0 : TIME_BYTES,
  );

function readEntry(raw: RawEntry, { region, account }: Place, now: Date): Entry | EntryProblem {
  const { Source, DetailType, Detail, Resources = [], Time, EventBusName = 'default' } = raw;
  if (!isText(Source)) return required('Source');
  if (!isText(DetailType)) return required('DetailType');
  if (!isText(Detail)) return required('Detail');
  if (Source.startsWith('aws.'))
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  const detail = readDetail(Detail);
  if (detail === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  const time = Time === undefined || Time === null ? now : readInstant(Time);
  if (time === undefined) return { ErrorCode: 'InvalidArgument', ErrorMessage: 'Parameter Time is not valid.' };

  const id = randomUUID();
  const envelope = {
    version: '0',
    id,
    'detail-type': DetailType,
    source: Source,
    account,
    time: `${time.toISOString().slice(0, 19)}Z`,
    region,
    resources: Resources,
  };
  // The detail goes on as it was written: parsing and writing it again could change its numbers.
  const text = `${JSON.stringify(envelope).slice(0, -1)},"detail":${Detail}}`;
  return { bus: busName(String(EventBusName)), id, source: Source, detailType: DetailType, text, event: { ...envelope, detail } };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const required = (parameter: string): EntryProblem => ({
  ErrorCode: 'InvalidArgument',
  ErrorMessage: `Parameter ${parameter} is not valid. Reason: ${parameter} is a required argument.`,
});

function readDetail(text: string): object | undefined {
  try {
    const detail: unknown = JSON.parse(text);
    return typeof detail === 'object' && detail !== null && !Array.isArray(detail) ? detail : undefined;
  } catch {
    return undefined;
  }
}

/** A bus may be named by its ARN. */
export const busName = (nameOrArn: string): string =>
  nameOrArn.slice(nameOrArn.indexOf(':event-bus/') < 0 ? 0 : nameOrArn.lastIndexOf('/') + 1);

export const isEntry = (entry: Entry | EntryProblem): entry is Entry => 'id' in entry;
