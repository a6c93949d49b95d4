import { ConditionalCheckFailedException, type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Contribution } from '../record/contribution.ts';
import type { Fold, Fragment, PersonRecord } from '../record/fold.ts';
import type { Subject } from '../record/identity.ts';
import type { Sight } from '../record/seen-versions.ts';
import { type Contribute, createContribute } from './contributing.ts';
import { createFolds, type Freshness } from './folds.ts';
import { createMemory } from './memory.ts';
import { contributionsOf, foldAt, type Moment, type PersonMoment, versionsOf } from './moments.ts';
import { personRecord } from './persons.ts';
import { ALIAS } from './table/items.ts';
import type { Table } from './table/reading.ts';

export type { Decision } from './contributing.ts';
export type { Freshness } from './folds.ts';
export type { Moment, PersonMoment } from './moments.ts';
export { contributionOfItem, type StreamedItem } from './table/items.ts';

/** The record of every subject, as a log that is folded. Reads are strongly consistent. */
export interface RecordStore {
  /** The record now: one Query. With `freshness: 'recent'` it may be what this process saw within the last minute, without any. */
  fold(subject: Subject, options?: { readonly freshness?: Freshness }): Promise<Fold>;
  /** The record as it was. A moment before the first contribution gives an empty fold, one after the last the latest. */
  foldAt(subject: Subject, moment: Moment, sight?: Sight): Promise<Fold>;
  /**
   * A person's record with those of the persons that are linked. Of a person that is unknown: one empty fold.
   * @param sight of those for whom an earlier state is read: it is folded as if what they do not see had never been
   */
  person(personId: string, moment?: PersonMoment, sight?: Sight): Promise<PersonRecord>;
  /** Every version of a fragment, the newest first, late and retracted ones too. */
  versions(subject: Subject, fragmentId: string): Promise<readonly Fragment[]>;
  /** The log, oldest first. @param after a sequence number; 0 gives all. */
  contributions(subject: Subject, after?: number): AsyncIterable<Contribution>;
  /**
   * Decides on the folds of `subjects` and writes what was decided, all or nothing. The decision can be asked for again: on fresher folds
   * when it was taken on remembered ones and writes nothing, and after a race was lost.
   * `'contended'`: too many races were lost, or a condition of `alongside` does not hold; nothing was written.
   * `'too-large'`: past 100 items or 4 MB, DynamoDB's limits of one transaction; nothing was written.
   */
  readonly contribute: Contribute;
  /** The person that another name stands for. */
  alias(aliasSubject: string): Promise<string | undefined>;
  /** @param onlyNew leaves a name that stands for somebody by now as it is. */
  putAlias(aliasSubject: string, personId: string, onlyNew?: boolean): Promise<void>;
}

/** What a store is made with. */
export interface RecordStoreOptions {
  readonly client: DynamoDBClient;
  /** Name of the Record table. */
  readonly table: string;
  readonly now?: () => Date;
  /** 0 ≤ n < 1, for the jitter of retries. */
  readonly random?: () => number;
  /** Most memory that remembered folds may take; 0 remembers nothing. */
  readonly cacheBytes?: number;
}

const CACHE_BYTES = 96 * 1024 * 1024;

export function createRecordStore(options: RecordStoreOptions): RecordStore {
  const { client, table: name, now = () => new Date(), random = Math.random, cacheBytes = CACHE_BYTES } = options;
  const table: Table = { client, table: name };
  const folds = createFolds(table, createMemory(cacheBytes), now);
  // A fold at a sequence number never changes.
  const at = async (subject: Subject, moment: Moment, sight?: Sight) =>
    folds.remembered(subject, moment) ?? foldAt(table, subject, moment, sight);
  const contribute = createContribute({ table, folds, now, random });
  return {
    fold: async (subject, { freshness = 'now' } = {}) => (await folds.read(subject, freshness)).fold,
    foldAt: at,
    person: (personId, moment, sight) =>
      personRecord(personId, moment, {
        now: async (subject) => (await folds.read(subject, 'now')).fold,
        at: (subject, then) => at(subject, then, sight),
      }),
    versions: (subject, fragmentId) => versionsOf(table, subject, fragmentId),
    contributions: (subject, after = 0) => contributionsOf(table, subject, after),
    contribute,
    alias: (aliasSubject) => readAlias(table, aliasSubject),
    putAlias: (aliasSubject, personId, onlyNew = false) => writeAlias(table, aliasSubject, personId, onlyNew),
  };
}

async function readAlias({ client, table }: Table, aliasSubject: string): Promise<string | undefined> {
  const Key = { subject: { S: aliasSubject }, item: { S: ALIAS } };
  const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
  return Item?.person?.S;
}

async function writeAlias({ client, table }: Table, aliasSubject: string, personId: string, onlyNew: boolean): Promise<void> {
  const Item = { subject: { S: aliasSubject }, item: { S: ALIAS }, person: { S: personId } };
  const isNew = { ConditionExpression: 'attribute_not_exists(#item)', ExpressionAttributeNames: { '#item': 'item' } };
  try {
    await client.send(new PutItemCommand({ TableName: table, Item, ...(onlyNew ? isNew : {}) }));
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}
