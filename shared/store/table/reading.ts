import { type DynamoDBClient, paginateQuery, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import type { Subject } from '../../record/identity.ts';
import {
  type ContributionItems,
  contributionKey,
  coveredKey,
  historyOf,
  type Item,
  MARKER,
  parseContributionKey,
} from './items.ts';
import { type Partition, partitionOf } from './partition.ts';

/** The Record table, and a client that may query it. */
export interface Table {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** Everything in the live partition of a subject, strongly consistent. */
export const readPartition = (table: Table, subject: Subject): Promise<Partition> => readItems(table, subject, { subject });

/** What came after a sequence number, and the marker: small when little or nothing came. */
export const readTail = (table: Table, subject: Subject, after: number): Promise<Partition> =>
  readItems(table, subject, { subject, from: contributionKey(after + 1), to: MARKER });

/** Contributions in the history partition, as they are stored, oldest first, a page at a time. @param to last sequence number wanted. */
export async function* readHistory(table: Table, subject: Subject, from: number, to: number): AsyncGenerator<ContributionItems> {
  if (to < from) return;
  let items: Item[] = [];
  for await (const page of pages(table, {
    subject: historyOf(subject),
    from: coveredKey(from),
    to: `${coveredKey(to)}#~`,
  })) {
    items.push(...page);
    // A page can end between the parts of one contribution, so the last one waits for the next page.
    const waiting = items.findIndex((item) => sequenceOf(item) === sequenceOf(items.at(-1)!));
    if (waiting < 0) continue;
    yield* partitionOf(subject, items.slice(0, waiting)).contributions;
    items = items.slice(waiting);
  }
  yield* partitionOf(subject, items).contributions;
}

const sequenceOf = (item: Item): number | undefined => parseContributionKey(item.item!.S!)?.sequence;

interface Range {
  readonly subject: string;
  readonly from?: string;
  readonly to?: string;
}

async function readItems(table: Table, subject: Subject, range: Range): Promise<Partition> {
  const items: Item[] = [];
  for await (const page of pages(table, range)) items.push(...page);
  return partitionOf(subject, items);
}

async function* pages({ client, table }: Table, { subject, from = contributionKey(0), to }: Range): AsyncGenerator<Item[]> {
  const input: QueryCommandInput = {
    TableName: table,
    ConsistentRead: true,
    KeyConditionExpression:
      to === undefined ? '#subject = :subject AND #item >= :from' : '#subject = :subject AND #item BETWEEN :from AND :to',
    ExpressionAttributeNames: { '#subject': 'subject', '#item': 'item' },
    ExpressionAttributeValues: {
      ':subject': { S: subject },
      ':from': { S: from },
      ...(to === undefined ? {} : { ':to': { S: to } }),
    },
  };
  for await (const { Items = [] } of paginateQuery({ client }, input)) yield Items;
}
