import { randomUUID } from 'node:crypto';
import type { FunctionFailed } from '../functions/failure.ts';
import type { GivenUp } from './batch.ts';
import type { Entry } from './record.ts';

interface Facts {
  readonly functionArn: string;
  readonly streamArn: string;
  readonly shardId: string;
  readonly entries: readonly Entry[];
  readonly condition: GivenUp;
  readonly attempts: number;
  readonly failure: FunctionFailed | undefined;
  readonly now: Date;
}

/**
 * What Lambda sends to the on-failure destination of a stream's mapping: where the records are, not what they hold (developer guide,
 * "Retaining discarded batches for a DynamoDB event source").
 */
export function failureRecord({ functionArn, streamArn, shardId, entries, condition, attempts, failure, now }: Facts): unknown {
  const [first, last] = [entries[0]!.record.dynamodb, entries.at(-1)!.record.dynamodb];
  const arrival = (seconds: number) => new Date(seconds * 1000).toISOString();
  return {
    requestContext: {
      requestId: failure?.requestId ?? randomUUID(),
      functionArn: `${functionArn}:$LATEST`,
      condition,
      approximateInvokeCount: attempts,
    },
    responseContext: {
      statusCode: 200,
      executedVersion: '$LATEST',
      functionError: failure === undefined ? null : 'Unhandled',
    },
    version: '1.0',
    timestamp: now.toISOString(),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: first.SequenceNumber,
      endSequenceNumber: last.SequenceNumber,
      approximateArrivalOfFirstRecord: arrival(first.ApproximateCreationDateTime),
      approximateArrivalOfLastRecord: arrival(last.ApproximateCreationDateTime),
      batchSize: entries.length,
      streamArn,
    },
  };
}
