import { type ResolvedResource, UnsupportedTemplate } from '../resource.ts';

/** An event source mapping of a queue: which messages are handed to which function, and how. */
export interface QueueMapping {
  readonly logicalId: string;
  readonly queueArn: string;
  readonly functionArn: string;
  readonly batchSize: number;
  readonly windowMs: number;
  /** Invocations under way at the same time. */
  readonly concurrency: number;
  readonly reportsItemFailures: boolean;
}

/** Whether a mapping hands over messages of a queue. */
export const isOfQueue = ({ properties }: ResolvedResource): boolean => /^arn:[^:]+:sqs:/.test(String(properties.EventSourceArn));

const PLAYED = [
  'BatchSize',
  'Enabled',
  'EventSourceArn',
  'FunctionName',
  'FunctionResponseTypes',
  'KmsKeyArn',
  'MaximumBatchingWindowInSeconds',
  'ScalingConfig',
  'Tags',
];
/** What Lambda takes when a template does not say (CloudFormation, `AWS::Lambda::EventSourceMapping`). */
const DEFAULT_BATCH = 10;
/** Lambda starts far more of them; one machine has as many at once as it can bear. */
const DEFAULT_CONCURRENCY = 200;
/** Lambda developer guide, "Creating and configuring an Amazon SQS event source mapping". */
const MOST_BATCH = { fifo: 10, standard: 10_000, withoutWindow: 10 };

/**
 * Reads the mapping of a queue.
 *
 * @returns `undefined` when it is not enabled
 * @throws UnsupportedTemplate on what Lambda does not take, or is not played
 */
export function readQueueMapping(
  { logicalId, properties }: ResolvedResource,
  functionArns: ReadonlyMap<string, string>,
): QueueMapping | undefined {
  const refuse = (property: string, reason: string) => new UnsupportedTemplate(`${logicalId}.${property}`, reason);
  const unknown = Object.keys(properties).find((name) => !PLAYED.includes(name));
  if (unknown !== undefined) throw refuse(unknown, 'is not played for the mapping of a queue');
  const given = properties as {
    Enabled?: unknown;
    EventSourceArn: string;
    FunctionName: string;
    BatchSize?: number;
    MaximumBatchingWindowInSeconds?: number;
    FunctionResponseTypes?: readonly string[];
    ScalingConfig?: { MaximumConcurrency?: number };
  };
  if (given.Enabled !== undefined && String(given.Enabled) !== 'true') return undefined;
  const functionArn = functionArns.get(given.FunctionName) ?? given.FunctionName;
  if (![...functionArns.values()].includes(functionArn)) throw refuse('FunctionName', 'the template has no such function');

  const isFifo = given.EventSourceArn.endsWith('.fifo');
  const batchSize = Number(given.BatchSize ?? DEFAULT_BATCH);
  const windowSeconds = Number(given.MaximumBatchingWindowInSeconds ?? 0);
  if (isFifo && windowSeconds > 0) throw refuse('MaximumBatchingWindowInSeconds', 'Lambda takes none for a FIFO queue');
  const most = isFifo ? MOST_BATCH.fifo : windowSeconds > 0 ? MOST_BATCH.standard : MOST_BATCH.withoutWindow;
  if (!isWhole(batchSize, 1, most)) throw refuse('BatchSize', `must be from 1 to ${most} with this queue and window`);
  if (!isWhole(windowSeconds, 0, 300)) throw refuse('MaximumBatchingWindowInSeconds', 'must be from 0 to 300');
  const concurrency = Number(given.ScalingConfig?.MaximumConcurrency ?? DEFAULT_CONCURRENCY);
  if (!isWhole(concurrency, 2, 1000)) throw refuse('ScalingConfig.MaximumConcurrency', 'must be from 2 to 1000');
  return {
    ...{ logicalId, functionArn, batchSize, concurrency },
    queueArn: given.EventSourceArn,
    windowMs: windowSeconds * 1000,
    reportsItemFailures: given.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
  };
}

const isWhole = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;
