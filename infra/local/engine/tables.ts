import type { ResolvedResource } from '../resource.ts';
import { type EngineCalls, EngineRefusal } from './call.ts';

interface KeyPart {
  readonly AttributeName: string;
  readonly KeyType: 'HASH' | 'RANGE';
}

/** A table as the template describes it. */
export interface TableDescription {
  readonly name: string;
  readonly arn: string;
  readonly keys: readonly KeyPart[];
  readonly streamArn: string | undefined;
  /** Attribute that says, in seconds, when an item expires. */
  readonly expiryAttribute: string | undefined;
  /** The key that encrypts it, if not AWS's own. */
  readonly encryptionKey: string | undefined;
  /** As `CreateTable` takes it. */
  readonly definition: Readonly<Record<string, unknown>>;
}

/** Reads an `AWS::DynamoDB::Table`. */
export function describeTable({ ref, attributes, properties }: ResolvedResource): TableDescription {
  const { KeySchema, StreamSpecification, TimeToLiveSpecification, SSESpecification } = properties as {
    KeySchema: readonly KeyPart[];
    StreamSpecification?: { StreamViewType: string };
    TimeToLiveSpecification?: { AttributeName?: string; Enabled: unknown };
    SSESpecification?: { KMSMasterKeyId?: string };
  };
  const expires = TimeToLiveSpecification !== undefined && String(TimeToLiveSpecification.Enabled) === 'true';
  return {
    name: ref,
    arn: attributes.Arn ?? '',
    keys: KeySchema,
    streamArn: StreamSpecification === undefined ? undefined : attributes.StreamArn,
    expiryAttribute: expires ? TimeToLiveSpecification.AttributeName : undefined,
    encryptionKey: SSESpecification?.KMSMasterKeyId,
    definition: {
      TableName: ref,
      KeySchema,
      AttributeDefinitions: properties.AttributeDefinitions,
      BillingMode: 'PAY_PER_REQUEST',
      ...indexesOf(properties, 'GlobalSecondaryIndexes'),
      ...indexesOf(properties, 'LocalSecondaryIndexes'),
      ...(StreamSpecification === undefined ? {} : { StreamSpecification: { StreamEnabled: true, ...StreamSpecification } }),
    },
  };
}

function indexesOf(properties: Readonly<Record<string, unknown>>, kind: string): Readonly<Record<string, unknown>> {
  return properties[kind] === undefined ? {} : { [kind]: properties[kind] };
}

/**
 * Makes sure that the engine has a table of this shape.
 *
 * @throws Error when it has one of another shape: data is never converted, let alone dropped
 */
export async function ensureTable(calls: EngineCalls, table: TableDescription): Promise<void> {
  const { name, keys, expiryAttribute } = table;
  const there = await tableInEngine(calls, name);
  if (there === undefined) await calls.call('DynamoDB.CreateTable', table.definition);
  else if (shapeOf(there) !== shapeOf({ KeySchema: keys, ...table.definition }))
    throw new Error(
      `The data folder holds the table ${name} with other keys, other indexes or another stream than the template describes. Start with a new folder (--data), or bring the old shape back.`,
    );
  if (expiryAttribute !== undefined) await ensureExpiry(calls, name, expiryAttribute);
}

interface IndexInEngine {
  readonly IndexName: string;
  readonly KeySchema: readonly KeyPart[];
  readonly Projection?: { readonly ProjectionType?: string; readonly NonKeyAttributes?: readonly string[] };
}

interface TableInEngine {
  readonly KeySchema: readonly KeyPart[];
  readonly StreamSpecification?: { readonly StreamViewType?: string };
  readonly GlobalSecondaryIndexes?: readonly IndexInEngine[];
  readonly LocalSecondaryIndexes?: readonly IndexInEngine[];
}

async function tableInEngine(calls: EngineCalls, TableName: string): Promise<TableInEngine | undefined> {
  try {
    return (await calls.call<{ Table: TableInEngine }>('DynamoDB.DescribeTable', { TableName })).Table;
  } catch (error) {
    if (error instanceof EngineRefusal && error.code === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

const shapeOf = ({ KeySchema, StreamSpecification, ...indexes }: TableInEngine): string =>
  JSON.stringify([
    keysOf(KeySchema),
    StreamSpecification?.StreamViewType,
    indexShapes(indexes.GlobalSecondaryIndexes),
    indexShapes(indexes.LocalSecondaryIndexes),
  ]);

const keysOf = (keys: readonly KeyPart[]): readonly string[] =>
  keys.map(({ AttributeName, KeyType }) => `${KeyType} ${AttributeName}`).sort();

/** In whichever order an engine tells them. */
const indexShapes = (indexes: readonly IndexInEngine[] = []): readonly string[] =>
  indexes
    .map(({ IndexName, KeySchema, Projection }) =>
      JSON.stringify([
        IndexName,
        keysOf(KeySchema),
        Projection?.ProjectionType,
        [...(Projection?.NonKeyAttributes ?? [])].sort(),
      ]),
    )
    .sort();

async function ensureExpiry(calls: EngineCalls, TableName: string, AttributeName: string): Promise<void> {
  const { TimeToLiveDescription: there } = await calls.call<{
    TimeToLiveDescription?: { AttributeName?: string; TimeToLiveStatus?: string };
  }>('DynamoDB.DescribeTimeToLive', { TableName });
  if (there?.AttributeName === AttributeName && there.TimeToLiveStatus === 'ENABLED') return;
  await calls.call('DynamoDB.UpdateTimeToLive', { TableName, TimeToLiveSpecification: { AttributeName, Enabled: true } });
}
