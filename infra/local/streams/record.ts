/** A record of a table's stream, as the DynamoDB Streams API gives it and as functions receive it. */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: string;
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly eventSourceARN: string;
  readonly dynamodb: {
    /** Seconds since 1970. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Readonly<Record<string, Readonly<Record<string, string>>>>;
    readonly NewImage?: unknown;
    readonly OldImage?: unknown;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: string;
  };
}

/** A record with what is asked of it again and again. */
export interface Entry {
  readonly sequence: bigint;
  /** Rough size in a function's event. */
  readonly bytes: number;
  readonly record: StreamRecord;
}

/** Text that is the same for records of the same item collection, which must stay in order. */
export const partitionOf = ({ record }: Entry, partitionKey: string): string =>
  JSON.stringify(record.dynamodb.Keys[partitionKey] ?? null);
