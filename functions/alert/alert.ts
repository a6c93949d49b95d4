import type { Context, DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { Entry } from '../../shared/bus/batches.ts';
import type { Publisher } from '../../shared/bus/publish.ts';
import { ACCESS_EVENT_SOURCE, announcementOfTask } from '../../shared/changes/access-events.ts';
import type { Origin } from '../../shared/changes/envelope.ts';
import type { Log } from '../../shared/lambda/logger.ts';
import { handBackFrom } from '../../shared/lambda/stream.ts';
import { taskOfItem } from '../../shared/store/oversight/tasks.ts';

export interface AlertDependencies {
  readonly publish: Publisher;
  readonly origin: Origin;
  /** The organisation that oversees all others, by its id. */
  readonly lead: string;
  /** Name of the event bus. */
  readonly bus: string;
  readonly log: Log;
  readonly now: () => Date;
}

/** What is left of the invocation's time when the last attempt may begin. */
const RESERVE_MS = 5_000;

/**
 * Tells privacy offices of their new tasks, at least once, with the same id each time. Whatever can be told is, even beside a task that cannot be read; the answer
 * names the first that could not, and the event source hands over again from there.
 */
export function createHandler({ publish, origin, lead, bus, log, now }: AlertDependencies) {
  const entryOf = (record: DynamoDBRecord): Entry => {
    const task = taskOfItem(record.dynamodb?.NewImage ?? {});
    const { name, detail } = announcementOfTask(task, origin, lead);
    return {
      EventBusName: bus,
      Source: ACCESS_EVENT_SOURCE,
      DetailType: name,
      Detail: JSON.stringify(detail),
      Time: new Date(task.at),
    };
  };

  return async (
    { Records }: DynamoDBStreamEvent,
    context: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<DynamoDBBatchResponse> => {
    const deadline = now().getTime() + context.getRemainingTimeInMillis() - RESERVE_MS;
    const sent: { readonly entry: Entry; readonly record: number }[] = [];
    const failed = new Set<number>();
    for (const [record, streamed] of Records.entries()) {
      try {
        sent.push({ entry: entryOf(streamed), record });
      } catch (error) {
        failed.add(record);
        log.error('a task cannot be told of', { error });
      }
    }
    for (const { record } of await publish(sent, deadline)) failed.add(record);
    log.info('told privacy offices', { count: sent.length });
    return handBackFrom(failed, Records);
  };
}
