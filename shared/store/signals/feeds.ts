import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { FeedState } from '../../signals/freshness.ts';

/** What was told of an organisation, to be remembered: the silence that is told of now, or that it has ended; who took over from it. */
export type Told = { readonly silence: string | undefined } | { readonly mergedInto: string };

/** How fresh the feeds of organisations are: one item for each, in the Signals table. */
export interface Feeds {
  /**
   * Notes that an organisation was heard from. The newest instant stays, whoever comes last.
   * @param at ISO 8601 instant
   */
  heard(organisation: string, at: string, options?: CallOptions): Promise<void>;
  /** What is known of feeds, strongly consistent, by organisation. One that was neither heard nor watched is not there. */
  states(organisations: readonly string[], options?: CallOptions): Promise<ReadonlyMap<string, FeedState>>;
  /** Begins to watch a feed. One that is watched already stays as it is. */
  watch(organisation: string, at: string): Promise<void>;
  /**
   * Remembers what was told.
   * @param before the state that it was told by
   * @returns false when something else was told meanwhile: then nothing is written
   */
  told(organisation: string, before: FeedState, what: Told): Promise<boolean>;
}

export interface CallOptions {
  /** Ends the call. */
  readonly signal?: AbortSignal;
}

/** BatchGetItem reads so many at once. */
const MOST_KEYS = 100;
const PREFIX = 'feed#';

export function createFeeds({ client, table }: { readonly client: DynamoDBClient; readonly table: string }): Feeds {
  /** @returns false where the condition did not hold */
  async function update(organisation: string, what: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>, options?: CallOptions) {
    try {
      await client.send(new UpdateItemCommand({ TableName: table, Key: keyOf(organisation), ...what }), abortable(options));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  async function read(organisations: readonly string[], options?: CallOptions): Promise<readonly Item[]> {
    const items: Item[] = [];
    let Keys = organisations.map(keyOf);
    while (Keys.length > 0) {
      const request = { RequestItems: { [table]: { Keys, ConsistentRead: true } } };
      const { Responses, UnprocessedKeys } = await client.send(new BatchGetItemCommand(request), abortable(options));
      items.push(...(Responses?.[table] ?? []));
      Keys = (UnprocessedKeys?.[table]?.Keys ?? []) as typeof Keys;
    }
    return items;
  }

  return {
    heard: async (organisation, at, options) => {
      const change = {
        UpdateExpression: 'SET kind = :kind, lastAt = :at',
        ConditionExpression: 'attribute_not_exists(lastAt) OR lastAt < :at',
        ExpressionAttributeValues: { ':kind': KIND, ':at': { S: at } },
      };
      await update(organisation, change, options);
    },

    states: async (organisations, options) => {
      const batches = Array.from({ length: Math.ceil(organisations.length / MOST_KEYS) }, (_, batch) =>
        organisations.slice(batch * MOST_KEYS, (batch + 1) * MOST_KEYS),
      );
      const items = (await Promise.all(batches.map((batch) => read(batch, options)))).flat();
      return new Map(items.map((item) => [item.of!.S!.slice(PREFIX.length), stateOf(item)]));
    },

    watch: async (organisation, at) => {
      await update(organisation, {
        UpdateExpression: 'SET kind = :kind, watchedFrom = :at',
        ConditionExpression: 'attribute_not_exists(watchedFrom)',
        ExpressionAttributeValues: { ':kind': KIND, ':at': { S: at } },
      });
    },

    told: (organisation, { told }, what) => {
      const [remember, value] = 'mergedInto' in what ? ['mergedInto', what.mergedInto] : ['silence', what.silence];
      return update(organisation, {
        UpdateExpression:
          value === undefined
            ? `SET kind = :kind, told = :next REMOVE ${remember}`
            : `SET kind = :kind, told = :next, ${remember} = :value`,
        ConditionExpression: told === 0 ? 'attribute_not_exists(told)' : 'told = :told',
        ExpressionAttributeValues: {
          ':kind': KIND,
          ':next': { N: String(told + 1) },
          ...(told === 0 ? {} : { ':told': { N: String(told) } }),
          ...(value === undefined ? {} : { ':value': { S: value } }),
        },
      });
    },
  };
}

type Item = Record<string, AttributeValue>;

const KIND: AttributeValue = { S: 'feed' };

const keyOf = (organisation: string): Item => ({ of: { S: `${PREFIX}${organisation}` }, item: { S: 'feed' } });

const abortable = ({ signal }: CallOptions = {}) => (signal === undefined ? {} : { abortSignal: signal });

const stateOf = (item: Item): FeedState => ({
  told: Number(item.told?.N ?? 0),
  ...text(item, 'lastAt'),
  ...text(item, 'watchedFrom'),
  ...text(item, 'silence'),
  ...text(item, 'mergedInto'),
});

const text = <Name extends keyof FeedState>(item: Item, name: Name) =>
  item[name]?.S === undefined ? {} : { [name]: item[name].S };
