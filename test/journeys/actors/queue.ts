import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { DemoFile, DemoQueue } from '../../../infra/local/demo-file.ts';
import type { AccessEvent } from '../../../shared/changes/access-events.ts';
import type { ChangeEvent } from '../../../shared/changes/envelope.ts';

/** A subscriber's system at its own queue: it takes what comes, and keeps it. */
export interface Subscriber<Event = ChangeEvent> {
  /** Everything that has come so far, in the order in which it came, duplicates included. */
  readonly heard: readonly Event[];
  /** Takes messages until it has heard enough. @throws Error with the types that came, when it has not in time. */
  listen(isEnough: (heard: readonly Event[]) => boolean, withinMs?: number): Promise<void>;
  close(): void;
}

export function queueOf({ queues }: DemoFile, organisation: string): DemoQueue {
  const queue = queues.find((each) => each.organisation === organisation);
  if (queue === undefined) throw new Error(`${organisation} has no queue`);
  return queue;
}

/** Speaks to the queues with the access key that its reader was given. */
export const sqsClient = ({ endpoint, region, accessKeyId, secretAccessKey }: DemoQueue): SQSClient =>
  new SQSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });

export const subscribe = (demo: DemoFile, organisation: string): Subscriber => listenTo(queueOf(demo, organisation));

/** The system of an organisation's privacy office. */
export function privacyOffice({ privacyQueues }: DemoFile, organisation: string): Subscriber<AccessEvent> {
  const queue = privacyQueues.find((each) => each.organisation === organisation);
  if (queue === undefined) throw new Error(`${organisation} has no privacy office`);
  return listenTo(queue);
}

function listenTo<Event extends { readonly type: string }>(queue: DemoQueue): Subscriber<Event> {
  const client = sqsClient(queue);
  const heard: Event[] = [];
  const take = async () => {
    const receive = new ReceiveMessageCommand({ QueueUrl: queue.queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 });
    const { Messages = [] } = await client.send(receive);
    if (Messages.length === 0) return;
    heard.push(...Messages.map(({ Body = '' }) => JSON.parse(Body) as Event));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl: queue.queueUrl, Entries: Messages.map(receiptOf) }));
  };
  return {
    heard,
    async listen(isEnough, withinMs = 20_000) {
      const until = performance.now() + withinMs;
      while (!isEnough(heard)) {
        if (performance.now() > until)
          throw new Error(`${queue.organisation} has heard only ${heard.map(({ type }) => type).join(', ')}`);
        await take();
      }
    },
    close: () => client.destroy(),
  };
}

const receiptOf = ({ ReceiptHandle }: Message, index: number) => ({ Id: String(index), ReceiptHandle });

/** What was heard about one person, each change once, in the order of the record. */
export function changesOf(heard: readonly ChangeEvent[], personId: string): ChangeEvent[] {
  const about = heard.filter(({ subject }) => subject === personId);
  return [...new Map(about.map((event) => [event.id, event])).values()].sort(
    (one, other) => Number(one.sequence) - Number(other.sequence) || one.part - other.part,
  );
}
