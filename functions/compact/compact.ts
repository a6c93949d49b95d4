import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { Log } from '../../shared/lambda/logger.ts';
import type { Compact } from '../../shared/store/compaction.ts';
import { dueSubjects } from './due.ts';

interface Dependencies {
  readonly compact: Compact;
  readonly log: Log;
}

/** Compacts the subjects of a batch of the Record table's stream. Those that fail are given back, and the rest is done. */
export function createHandler({ compact, log }: Dependencies): (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse> {
  return async ({ Records }) => {
    const batchItemFailures: { itemIdentifier: string }[] = [];
    for (const { subject, streamSequence } of dueSubjects(Records)) {
      try {
        const { snapshot, moved } = await compact(subject);
        if (snapshot !== undefined || moved > 0)
          log.info('a record was compacted', { count: moved, ...(snapshot === undefined ? {} : { sequence: snapshot }) });
      } catch (error) {
        log.error('a record could not be compacted', { error });
        batchItemFailures.push({ itemIdentifier: streamSequence });
      }
    }
    return { batchItemFailures };
  };
}
