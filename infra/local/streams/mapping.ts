import { compilePattern } from '../events/pattern/pattern.ts';
import { type ResolvedResource, UnsupportedTemplate } from '../resource.ts';

/** An event source mapping: what is handed to which function, and how. */
export interface Mapping {
  readonly id: string;
  readonly logicalId: string;
  readonly sourceArn: string;
  readonly functionArn: string;
  readonly batchSize: number;
  readonly windowMs: number;
  /** Batches under way at the same time, each of its own partition keys. */
  readonly lanes: number;
  readonly startsAt: 'TRIM_HORIZON' | 'LATEST';
  readonly bisects: boolean;
  readonly reportsItemFailures: boolean;
  /** `undefined`: for ever. */
  readonly mostRetries: number | undefined;
  readonly mostAgeMs: number | undefined;
  readonly onFailureArn: string | undefined;
  /** Whether a record is for the function; others are passed over. */
  readonly matches: (record: unknown) => boolean;
}

/** What Lambda takes when a template does not say (CloudFormation, `AWS::Lambda::EventSourceMapping`). */
const DEFAULT_BATCH = 100;

/** @throws UnsupportedTemplate on what is not played */
export function readMapping(
  { logicalId, ref, properties }: ResolvedResource,
  functionArns: ReadonlyMap<string, string>,
): Mapping | undefined {
  const given = properties as {
    Enabled?: unknown;
    EventSourceArn: string;
    FunctionName: string;
    BatchSize?: number;
    MaximumBatchingWindowInSeconds?: number;
    ParallelizationFactor?: number;
    StartingPosition?: string;
    BisectBatchOnFunctionError?: unknown;
    FunctionResponseTypes?: readonly string[];
    MaximumRetryAttempts?: number;
    MaximumRecordAgeInSeconds?: number;
    TumblingWindowInSeconds?: number;
    DestinationConfig?: { OnFailure?: { Destination?: string } };
    FilterCriteria?: { Filters?: readonly { Pattern: string }[] };
  };
  if (given.Enabled !== undefined && String(given.Enabled) !== 'true') return undefined;
  const refuse = (property: string, reason: string) => new UnsupportedTemplate(`${logicalId}.${property}`, reason);
  if (!/^arn:[^:]+:dynamodb:.*\/stream\//.test(given.EventSourceArn))
    throw refuse('EventSourceArn', 'only streams of tables and queues are played');
  if (properties.ScalingConfig !== undefined) throw refuse('ScalingConfig', 'is for queues only');
  if (given.TumblingWindowInSeconds) throw refuse('TumblingWindowInSeconds', 'tumbling windows are not played');
  const startsAt = given.StartingPosition ?? 'TRIM_HORIZON';
  if (startsAt !== 'TRIM_HORIZON' && startsAt !== 'LATEST') throw refuse('StartingPosition', `${startsAt} is not played`);
  const onFailureArn = given.DestinationConfig?.OnFailure?.Destination;
  if (onFailureArn !== undefined && !/^arn:[^:]+:sqs:/.test(onFailureArn))
    throw refuse('DestinationConfig', 'only queues are played');
  const functionArn = functionArns.get(given.FunctionName) ?? given.FunctionName;
  if (![...functionArns.values()].includes(functionArn)) throw refuse('FunctionName', 'the template has no such function');
  return {
    id: ref,
    logicalId,
    sourceArn: given.EventSourceArn,
    functionArn,
    batchSize: Number(given.BatchSize ?? DEFAULT_BATCH),
    windowMs: Number(given.MaximumBatchingWindowInSeconds ?? 0) * 1000,
    lanes: Number(given.ParallelizationFactor ?? 1),
    startsAt,
    bisects: String(given.BisectBatchOnFunctionError) === 'true',
    reportsItemFailures: given.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
    mostRetries: bounded(given.MaximumRetryAttempts),
    mostAgeMs: bounded(given.MaximumRecordAgeInSeconds, 1000),
    onFailureArn,
    matches: matcherOf(given.FilterCriteria?.Filters ?? []),
  };
}

/** -1 stands for no bound. */
const bounded = (value: number | undefined, unit = 1): number | undefined =>
  value === undefined || Number(value) < 0 ? undefined : Number(value) * unit;

/** A record is for the function when any of the filters says so (Lambda developer guide, "Control which events Lambda sends"). */
function matcherOf(filters: readonly { readonly Pattern: string }[]): Mapping['matches'] {
  if (filters.length === 0) return () => true;
  const patterns = filters.map(({ Pattern }) => compilePattern(Pattern));
  return (record) => patterns.some((matches) => matches(record));
}
