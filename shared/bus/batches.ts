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

/** EventBridge, "Calculating PutEvents event entry size": the time counts 14 bytes; texts count in UTF-8. */
export const entryBytes = ({ Source, DetailType, Detail }: Entry): number =>
  14 + Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail);

/** Cuts entries, in their order, into calls that PutEvents takes. */
export function cutBatches<T extends { readonly entry: Entry }>(sent: readonly T[]): readonly T[][] {
  const batches: T[][] = [];
  let batchBytes = Number.POSITIVE_INFINITY;
  for (const each of sent) {
    const bytes = entryBytes(each.entry);
    const last = batches.at(-1);
    if (last === undefined || last.length === MAX_ENTRIES || batchBytes + bytes > MAX_BYTES) {
      batches.push([each]);
      batchBytes = bytes;
    } else {
      last.push(each);
      batchBytes += bytes;
    }
  }
  return batches;
}
