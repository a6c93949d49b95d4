import { type AttributeValue, type DynamoDBClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { type Link, type LinkHead, linkKey, linkNumber, linkOf } from './link.ts';

/** The AuditChain table, and a client that may use it. */
export interface ChainTable {
  readonly client: DynamoDBClient;
  /** Partition key `day`, sort key `link`. */
  readonly table: string;
}

/** In place of a day: the partition that lists the days. */
export const DAYS = 'days';

/** A day that has been opened. */
export interface OpenedDay {
  readonly day: string;
  /** The day before it in the chain, and the hash of the link that closed it; none for the very first. */
  readonly former?: { readonly day: string; readonly hash: string };
}

export type Item = Readonly<Record<string, AttributeValue>>;

export const dayItem = ({ day, former }: OpenedDay): Record<string, AttributeValue> => ({
  day: { S: DAYS },
  link: { S: day },
  ...(former === undefined ? {} : { former: { S: former.day }, hash: { S: former.hash } }),
});

const openedDay = ({ link, former, hash }: Item): OpenedDay => ({
  day: link?.S ?? '',
  ...(former?.S === undefined || hash?.S === undefined ? {} : { former: { day: former.S, hash: hash.S } }),
});

interface Range {
  /** Exclusive. */
  readonly after?: string;
  /** Inclusive. */
  readonly upTo?: string;
  readonly newestFirst?: boolean;
  readonly limit?: number;
}

/** Items of a partition, strongly consistent, as far as the caller takes them. */
async function* readPartition(
  { client, table }: ChainTable,
  partition: string,
  { after, upTo, newestFirst = false, limit }: Range,
): AsyncGenerator<Item> {
  const bound = after === undefined ? upTo : after;
  const input: QueryCommandInput = {
    TableName: table,
    ConsistentRead: true,
    KeyConditionExpression: `#day = :day${bound === undefined ? '' : ` AND #link ${after === undefined ? '<=' : '>'} :bound`}`,
    ExpressionAttributeNames: { '#day': 'day', ...(bound === undefined ? {} : { '#link': 'link' }) },
    ExpressionAttributeValues: { ':day': { S: partition }, ...(bound === undefined ? {} : { ':bound': { S: bound } }) },
    ScanIndexForward: !newestFirst,
    ...(limit === undefined ? {} : { Limit: limit }),
  };
  let start: Item | undefined;
  do {
    const page = await client.send(new QueryCommand({ ...input, ExclusiveStartKey: start as never }));
    yield* page.Items ?? [];
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}

/** Days in their order. @param after only those after this one */
export async function* readDays(chain: ChainTable, after?: string): AsyncGenerator<OpenedDay> {
  for await (const item of readPartition(chain, DAYS, after === undefined ? {} : { after })) yield openedDay(item);
}

/** The day that was opened last. */
export async function newestDay(chain: ChainTable): Promise<OpenedDay | undefined> {
  for await (const item of readPartition(chain, DAYS, { newestFirst: true, limit: 1 })) return openedDay(item);
  return undefined;
}

/** The day that was opened next after one. */
export async function dayAfter(chain: ChainTable, day: string): Promise<OpenedDay | undefined> {
  for await (const next of readDays(chain, day)) return next;
  return undefined;
}

/** A day by its name. */
export async function dayNamed(chain: ChainTable, day: string): Promise<OpenedDay | undefined> {
  for await (const item of readPartition(chain, DAYS, { upTo: day, newestFirst: true, limit: 1 }))
    return openedDay(item).day === day ? openedDay(item) : undefined;
  return undefined;
}

/** A place in a day: its key, and the link where it is what was written. */
export interface KeptLink extends Omit<LinkHead, 'number'> {
  readonly key: string;
  /** Absent where no link can stand. */
  readonly number: number | undefined;
  /** Absent where what is kept does not hash to its hash, or stands in another place than it says. */
  readonly link: Link | undefined;
}

const keptLink = (item: Item): KeptLink => {
  const { day, link: key, hash } = { day: item.day?.S ?? '', link: item.link?.S ?? '', hash: item.hash?.S ?? '' };
  return { day, key, hash, number: linkNumber(key), link: linkOf(item) };
};

/** Links of a day in their order. @param after only those after this number */
export async function* readLinks(chain: ChainTable, day: string, after?: number): AsyncGenerator<KeptLink> {
  for await (const item of readPartition(chain, day, after === undefined ? {} : { after: linkKey(after) })) yield keptLink(item);
}

/** Links from the newest of a day backwards, and on through the days before it; few a read, for each may be large. */
export async function* readBack(chain: ChainTable, newest: string): AsyncGenerator<KeptLink> {
  for (let day: string | undefined = newest; day !== undefined; day = (await dayNamed(chain, day))?.former?.day)
    for await (const item of readPartition(chain, day, { newestFirst: true, limit: LINKS_AT_ONCE })) yield keptLink(item);
}

const LINKS_AT_ONCE = 4;
