import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';

/**
 * Hands a batch of a stream back from the first record that could not be dealt with: Lambda hands over again from there.
 * @param failed indexes of records
 * @throws Error when that record has no sequence number
 */
export function handBackFrom(failed: ReadonlySet<number>, records: readonly DynamoDBRecord[]): DynamoDBBatchResponse {
  if (failed.size === 0) return { batchItemFailures: [] };
  const first = records[Math.min(...failed)]?.dynamodb?.SequenceNumber;
  if (first === undefined) throw new Error('the stream gave a record without a sequence number');
  return { batchItemFailures: [{ itemIdentifier: first }] };
}
