import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { Log } from '../../shared/lambda/logger.ts';
import { handBackFrom } from '../../shared/lambda/stream.ts';
import type { Chain } from '../../shared/store/chain/chain.ts';
import { changesOf } from './changes.ts';
import { TAMPERING } from './messages.ts';

interface Dependencies {
  readonly chain: Chain;
  readonly log: Log;
}

/**
 * Seals a batch of the Audit table's stream: appends it to the chain, once however often it is handed over. Says the hash of every link, and of every day that was closed, in the
 * log: so that a second store, which whoever could rewrite the table cannot reach, knows them.
 */
export function createHandler({ chain, log }: Dependencies): (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse> {
  return async ({ Records }) => {
    try {
      const changes = changesOf(Records);
      const alterations = changes.filter(({ kind }) => kind !== 'added').length;
      if (alterations > 0) log.error(TAMPERING.entries, { count: alterations });
      const { links, closed, broken } = await chain.append(changes);
      if (broken > 0) log.error(TAMPERING.links, { count: broken });
      for (const { day, hash } of closed) log.info('a day of the audit is closed', { day, digest: hash });
      for (const { day, number, hash, count } of links)
        log.info('a link of the audit was appended', { day, sequence: number, digest: hash, count });
      return { batchItemFailures: [] };
    } catch (error) {
      log.error('looks could not be sealed', { error });
      return handBackFrom(new Set([0]), Records);
    }
  };
}
