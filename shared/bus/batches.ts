/** PutEvents takes so many entries at once, of so many bytes together (EventBridge, quotas). */
const MAX_ENTRIES = 10;
const MAX_BYTES = 256 * 1024;

/** An event as PutEvents takes it. */
export interface Entry {
  readonly EventBusName: string;
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
  readonly Time: Date;
}

interface Sent {
  readonly entry: Entry;
}

/** EventBridge, "Calculating PutEvents event entry size": the time counts 14 bytes; texts count in UTF-8. */
export const entryBytes = ({ Source, DetailType, Detail }: Entry): number =>
  14 + Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail);

/** The first entries that one call takes: at least one, however large. */
export function headOf<T extends Sent>(sent: readonly T[]): readonly T[] {
  let [count, bytes] = [0, 0];
  for (const { entry } of sent) {
    bytes += entryBytes(entry);
    if (count > 0 && (count === MAX_ENTRIES || bytes > MAX_BYTES)) break;
    count++;
  }
  return sent.slice(0, count);
}

/** Packs entries, in their order, into calls that PutEvents takes. What one call takes by itself is not torn. */
export function packCalls<T extends Sent>(heads: readonly (readonly T[])[]): readonly (readonly T[])[] {
  const calls: T[][] = [];
  let callBytes = Number.POSITIVE_INFINITY;
  for (const head of heads) {
    const bytes = head.reduce((sum, { entry }) => sum + entryBytes(entry), 0);
    const last = calls.at(-1);
    if (last === undefined || last.length + head.length > MAX_ENTRIES || callBytes + bytes > MAX_BYTES) {
      calls.push([...head]);
      callBytes = bytes;
    } else {
      last.push(...head);
      callBytes += bytes;
    }
  }
  return calls;
}
