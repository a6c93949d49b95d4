import { type ResolvedResource, refuseUnknownProperties, resourcesOf, UnsupportedTemplate } from '../resource.ts';

/** A queue as its template describes it. Times are milliseconds. */
export interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly fifo?: { readonly contentBasedDeduplication: boolean; readonly perGroup: boolean };
  readonly delayMs: number;
  readonly visibilityMs: number;
  readonly retentionMs: number;
  readonly waitMs: number;
  readonly maximumBytes: number;
  readonly redrive?: { readonly deadLetterArn: string; readonly maxReceiveCount: number };
  /** ARN of the customer-managed key that encrypts it. */
  readonly keyArn?: string;
  /** What `GetQueueAttributes` answers of the template's own words. */
  readonly attributes: Readonly<Record<string, string>>;
}

const KNOWN = [
  ...[
    'QueueName',
    'FifoQueue',
    'ContentBasedDeduplication',
    'DeduplicationScope',
    'FifoThroughputLimit',
    'DelaySeconds',
    'MaximumMessageSize',
  ],
  ...[
    'MessageRetentionPeriod',
    'ReceiveMessageWaitTimeSeconds',
    'VisibilityTimeout',
    'RedrivePolicy',
    'RedriveAllowPolicy',
    'KmsMasterKeyId',
  ],
  ...['KmsDataKeyReusePeriodSeconds', 'SqsManagedSseEnabled', 'Tags'],
];

/** Defaults of `AWS::SQS::Queue`, in the template's own units. */
const DEFAULTS = {
  DelaySeconds: 0,
  MaximumMessageSize: 1_048_576,
  MessageRetentionPeriod: 345_600,
  ReceiveMessageWaitTimeSeconds: 0,
  VisibilityTimeout: 30,
};

/** Reads the queues of a template. @throws UnsupportedTemplate */
export function queuesOf(resources: Iterable<ResolvedResource>): readonly QueueSettings[] {
  const all = [...resources];
  const keys = new Map(
    resourcesOf(all, 'AWS::KMS::Key').flatMap(({ ref, attributes: { Arn } }) =>
      Arn === undefined
        ? []
        : [
            [ref, Arn],
            [Arn, Arn],
          ],
    ) as [string, string][],
  );
  const found = resourcesOf(all, 'AWS::SQS::Queue').map((resource) => ({ resource, settings: readQueue(resource, keys) }));
  const byArn = new Map(found.map((queue) => [queue.settings.arn, queue]));
  for (const { resource, settings } of found) {
    if (settings.redrive === undefined) continue;
    const target = byArn.get(settings.redrive.deadLetterArn);
    const at = `${resource.logicalId}.RedrivePolicy`;
    if (target === undefined) throw new UnsupportedTemplate(at, 'the dead-letter queue is not in the template');
    if ((target.settings.fifo === undefined) !== (settings.fifo === undefined))
      throw new UnsupportedTemplate(at, 'queue and dead-letter queue differ in order');
    checkRedriveAllowed(target.resource, settings.arn, at);
  }
  return found.map(({ settings }) => settings);
}

function readQueue(resource: ResolvedResource, keys: ReadonlyMap<string, string>): QueueSettings {
  refuseUnknownProperties(resource, KNOWN);
  const { properties, logicalId, ref, attributes } = resource;
  const arn = attributes.Arn;
  if (arn === undefined) throw new UnsupportedTemplate(logicalId, 'the queue has no ARN');
  const name = arn.slice(arn.lastIndexOf(':') + 1);
  const fifo = String(properties.FifoQueue ?? false) === 'true';
  if (fifo !== name.endsWith('.fifo'))
    throw new UnsupportedTemplate(`${logicalId}.QueueName`, 'the name of a FIFO queue, and of no other, ends in .fifo');
  const number = (property: keyof typeof DEFAULTS) => Number(properties[property] ?? DEFAULTS[property]);
  const { KmsMasterKeyId, RedrivePolicy } = properties;
  return {
    name,
    arn,
    url: ref,
    ...(fifo
      ? {
          fifo: {
            contentBasedDeduplication: String(properties.ContentBasedDeduplication) === 'true',
            perGroup: properties.DeduplicationScope === 'messageGroup',
          },
        }
      : {}),
    delayMs: number('DelaySeconds') * 1000,
    visibilityMs: number('VisibilityTimeout') * 1000,
    retentionMs: number('MessageRetentionPeriod') * 1000,
    waitMs: number('ReceiveMessageWaitTimeSeconds') * 1000,
    maximumBytes: number('MaximumMessageSize'),
    ...(RedrivePolicy === undefined ? {} : { redrive: readRedrive(RedrivePolicy, `${logicalId}.RedrivePolicy`) }),
    ...readKey(KmsMasterKeyId, keys, `${logicalId}.KmsMasterKeyId`),
    attributes: {
      QueueArn: arn,
      ...Object.fromEntries(
        Object.keys(DEFAULTS).map((property) => [property, String(number(property as keyof typeof DEFAULTS))]),
      ),
      ...Object.fromEntries(
        Object.entries(properties)
          .filter(([property]) => property !== 'QueueName' && property !== 'Tags')
          .map(([property, value]) => [property, typeof value === 'object' ? JSON.stringify(value) : String(value)]),
      ),
    },
  };
}

/** A key of AWS's own needs nobody's leave; any other is named by its ARN or stands in the template. */
function readKey(name: unknown, keys: ReadonlyMap<string, string>, at: string): Pick<QueueSettings, 'keyArn'> {
  if (name === undefined || String(name).startsWith('alias/aws/')) return {};
  const keyArn = keys.get(String(name)) ?? (String(name).startsWith('arn:') ? String(name) : undefined);
  if (keyArn === undefined) throw new UnsupportedTemplate(at, 'the template has no such key');
  return { keyArn };
}

function readRedrive(policy: unknown, at: string): QueueSettings['redrive'] {
  const { deadLetterTargetArn, maxReceiveCount } = (typeof policy === 'string' ? JSON.parse(policy) : policy) as Record<
    string,
    unknown
  >;
  const count = Number(maxReceiveCount);
  if (typeof deadLetterTargetArn !== 'string' || !(count >= 1 && count <= 1000))
    throw new UnsupportedTemplate(at, 'must name a queue and a count from 1 to 1000');
  return { deadLetterArn: deadLetterTargetArn, maxReceiveCount: count };
}

function checkRedriveAllowed(target: ResolvedResource, sourceArn: string, at: string): void {
  const { redrivePermission = 'allowAll', sourceQueueArns = [] } = (target.properties.RedriveAllowPolicy ?? {}) as {
    redrivePermission?: string;
    sourceQueueArns?: string[];
  };
  if (redrivePermission === 'allowAll' || (redrivePermission === 'byQueue' && sourceQueueArns.includes(sourceArn))) return;
  throw new UnsupportedTemplate(at, 'the dead-letter queue does not allow it');
}
