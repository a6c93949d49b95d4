import type { Context, DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { Access } from '../../shared/access/access.ts';
import type { Entry } from '../../shared/bus/batches.ts';
import type { Publisher } from '../../shared/bus/publish.ts';
import { changesOf } from '../../shared/changes/changes.ts';
import { announcementsOf, EVENT_SOURCE, type Origin } from '../../shared/changes/envelope.ts';
import type { Log } from '../../shared/lambda/logger.ts';
import { handBackFrom } from '../../shared/lambda/stream.ts';
import { contributionOfItem } from '../../shared/store/record.ts';
import { addressChanges } from './audience.ts';
import type { Steps } from './steps.ts';

export interface AnnounceDependencies {
  readonly steps: Steps;
  readonly access: Access;
  readonly publish: Publisher;
  readonly origin: Origin;
  /** Name of the event bus. */
  readonly bus: string;
  readonly log: Log;
  readonly now: () => Date;
}

/** An event to be sent, with the place in the stream of the contribution that it tells of. */
interface Sent {
  readonly entry: Entry;
  readonly record: number;
}

/** What is left of the invocation's time when the last attempt may begin. */
const RESERVE_MS = 5_000;

/**
 * Turns the contributions of a batch into events on the bus, at least once.
 *
 * Whatever can be announced is, even beside a contribution that cannot; the answer names the first that could not, and the
 * event source hands over again from there. Ids are the same each time, so a repetition is known as one.
 */
export function createHandler({ steps, access, publish, origin, bus, log, now }: AnnounceDependencies) {
  async function entriesOf(record: DynamoDBRecord): Promise<readonly Entry[]> {
    const contribution = contributionOfItem(record.dynamodb?.NewImage ?? {});
    const changes = contribution === undefined ? [] : changesOf(contribution);
    if (contribution === undefined || changes.length === 0) return [];
    const addressed = addressChanges(changes, await steps(contribution), access, now().toISOString());
    return announcementsOf(addressed, origin).map(({ change, detail }) => ({
      EventBusName: bus,
      Source: EVENT_SOURCE,
      DetailType: change.name,
      Detail: JSON.stringify(detail),
      Time: new Date(change.recordedAt),
    }));
  }

  return async (
    { Records }: DynamoDBStreamEvent,
    context: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<DynamoDBBatchResponse> => {
    const deadline = now().getTime() + context.getRemainingTimeInMillis() - RESERVE_MS;
    const sent: Sent[] = [];
    const failed = new Set<number>();
    // One after the other: a person's contributions follow one another, each on the fold that the one before has left.
    for (const [record, streamed] of Records.entries()) {
      try {
        sent.push(...(await entriesOf(streamed)).map((entry) => ({ entry, record })));
      } catch (error) {
        failed.add(record);
        log.error('a contribution cannot be announced', { bodyBytes: streamed.dynamodb?.SizeBytes, error });
      }
    }
    for (const { record } of await publish(sent, deadline)) failed.add(record);
    log.info('announced', { count: sent.length });
    return handBackFrom(failed, Records);
  };
}
