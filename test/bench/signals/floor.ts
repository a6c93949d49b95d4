import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ACCESS_EVENT_SOURCE } from '../../../shared/changes/access-events.ts';
import type { System } from '../../system.ts';
import { type Measurement, measure } from '../measure.ts';
import { operatorOf } from './operator.ts';

/**
 * The floor of a signal: the raw SDK puts an event on the bus, a rule finds it, and it is received from a queue. Nothing of Chesil runs but the bus and the queue:
 * the rule is that of a privacy office, whose queue holds nothing else.
 */
export async function measureSignalFloor(system: System): Promise<Measurement> {
  const { endpoint, region, credentials, busName } = operatorOf(system.dataDir);
  const bus = new EventBridgeClient({ endpoint, region, credentials });
  const queue = system.privacyQueues[0]!;
  const { accessKeyId, secretAccessKey } = queue;
  const reader = new SQSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  const detail = JSON.stringify({ event: { id: 'floor' }, audience: [queue.organisation] });
  const entry = { EventBusName: busName, Source: ACCESS_EVENT_SOURCE, DetailType: 'bench', Detail: detail };
  const run = async () => {
    await bus.send(new PutEventsCommand({ Entries: [entry] }));
    const wanted = { QueueUrl: queue.queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 };
    const { Messages = [] } = await reader.send(new ReceiveMessageCommand(wanted));
    const entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await reader.send(new DeleteMessageBatchCommand({ QueueUrl: queue.queueUrl, Entries: entries }));
  };
  try {
    return await measure({ operation: 'event put, matched, received, deleted', atOnce: 1, operations: 400, run });
  } finally {
    bus.destroy();
    reader.destroy();
  }
}
