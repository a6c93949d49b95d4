import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { CheckedSettings } from '../../settings.ts';
import type { BundledFunction } from '../function.ts';
import type { SubscriberQueue } from './subscriber-queue.ts';

export interface EndpointsProps {
  readonly settings: Pick<CheckedSettings, 'subscribers'>;
  /** Queues made here for organisations. */
  readonly queues: readonly SubscriberQueue[];
  readonly encryptionKey: IKey;
}

/** Sends to the queues and buses that organisations may name as endpoints, each by its name. What IAM cannot know, the hosts, the function checks by itself. */
export function grantSendToEndpoints(sender: BundledFunction, { settings, queues, encryptionKey }: EndpointsProps): void {
  const queueArns = [...queues.map(({ queue }) => queue.queueArn), ...settings.subscribers.flatMap((each) => each.queueArns)];
  const busArns = settings.subscribers.flatMap((each) => each.busArns);
  if (queueArns.length > 0) sender.allow(['sqs:SendMessage'], ...queueArns);
  if (queues.length > 0) sender.allow(['kms:Decrypt', 'kms:GenerateDataKey'], encryptionKey.keyArn);
  if (busArns.length > 0) sender.allow(['events:PutEvents'], ...busArns);
}
