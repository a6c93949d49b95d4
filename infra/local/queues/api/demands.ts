import type { Demand } from '../../iam/authorise.ts';
import type { Place } from '../../resource.ts';
import type { QueueSettings } from '../settings.ts';

/** Sending needs the queue and, when a key of ours encrypts it, that key (SQS developer guide, "Key management"). */
export const sendDemands = (queue: QueueSettings, place: Place): readonly Demand[] => [
  { action: 'sqs:SendMessage', resource: queue.arn },
  ...keyDemands(queue, place, ['kms:GenerateDataKey', 'kms:Decrypt']),
];

/** What an event source mapping does in the name of its function. */
export const receiveDemands = (queue: QueueSettings, place: Place): readonly Demand[] => [
  ...['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((action) => ({
    action: `sqs:${action}`,
    resource: queue.arn,
  })),
  ...keyDemands(queue, place, ['kms:Decrypt']),
];

export const keyDemands = (
  { keyArn }: QueueSettings,
  { region, account }: Place,
  actions: readonly string[],
): readonly Demand[] => {
  if (keyArn === undefined) return [];
  const context = { 'kms:ViaService': `sqs.${region}.amazonaws.com`, 'kms:CallerAccount': account };
  return actions.map((action) => ({ action, resource: keyArn, context }));
};
