import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
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
  /** Every version of each of several fragments, the newest first: the log is read once for all. */
  versionsOfAll(subject: Subject, fragmentIds: ReadonlySet<string>): Promise<readonly Fragment[]>;
  /** The log, oldest first. @param after a sequence number; 0 gives all. */
  contributions(subject: Subject, after?: number): AsyncIterable<Contribution>;
  /**
   * Decides on the folds of `subjects` and writes what was decided, all or nothing. The decision can be asked for again: on fresher folds
   * when it was taken on remembered ones and writes nothing, and after a race was lost.
   * `'contended'`: too many races were lost, or a condition of `alongside` does not hold; nothing was written.
   * `'too-large'`: past 100 items or 4 MB, DynamoDB's limits of one transaction; nothing was written.
   */
  readonly contribute: Contribute;
  /** The subject in whose partition what a name stands for is kept. */
  alias(name: string): Promise<Subject | undefined>;
  /** An alias with everything that is kept of it. */
  findAlias(name: string): Promise<Alias | undefined>;
  /** @param onlyNew leaves a name that stands for somebody by now as it is. */
  putAlias(name: string, alias: Alias, onlyNew?: boolean): Promise<void>;
}

/** What a name of a source leads to: a person, or the subject of a fragment. */
export interface Alias {
  readonly person: Subject;
  /** Whether that is the person of an NHS number. */
  readonly isNumbered?: boolean;
  /** Persons that the name led to before, the last one last. */
  readonly formerly?: readonly Subject[];
  /** Other partitions in which Patients of this name are kept: those of NHS numbers. */
  readonly keptIn?: readonly Subject[];
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
    versions: (subject, fragmentId) => versionsOf(table, subject, new Set([fragmentId])),
    versionsOfAll: (subject, fragmentIds) => versionsOf(table, subject, fragmentIds),
    contributions: (subject, after = 0) => contributionsOf(table, subject, after),
    contribute,
    alias: async (name) => (await readAlias(table, name))?.person,
    findAlias: (name) => readAlias(table, name),
    putAlias: (name, alias, onlyNew = false) => writeAlias(table, name, alias, onlyNew),
  };
}

async function readAlias({ client, table }: Table, name: string): Promise<Alias | undefined> {
  const Key = { subject: { S: name }, item: { S: ALIAS } };
  const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
  const person = Item?.person?.S;
  if (person === undefined) return undefined;
  const listOf = (value: AttributeValue | undefined) => (value?.L ?? []).map(({ S = '' }) => S);
  const [formerly, keptIn] = [listOf(Item?.formerly), listOf(Item?.keptIn)];
  return {
    person,
    ...(Item?.numbered?.BOOL === true ? { isNumbered: true } : {}),
    ...(formerly.length === 0 ? {} : { formerly }),
    ...(keptIn.length === 0 ? {} : { keptIn }),
  };
}

async function writeAlias({ client, table }: Table, name: string, alias: Alias, onlyNew: boolean): Promise<void> {
  const { person, isNumbered = false, formerly = [], keptIn = [] } = alias;
  const list = (name: string, subjects: readonly Subject[]) =>
    subjects.length === 0 ? {} : { [name]: { L: subjects.map((one) => ({ S: one })) } };
  const Item = {
    subject: { S: name },
    item: { S: ALIAS },
    person: { S: person },
    ...(isNumbered ? { numbered: { BOOL: true } } : {}),
    ...list('formerly', formerly),
    ...list('keptIn', keptIn),
  };
  const isNew = { ConditionExpression: 'attribute_not_exists(#item)', ExpressionAttributeNames: { '#item': 'item' } };
  try {
    await client.send(new PutItemCommand({ TableName: table, Item, ...(onlyNew ? isNew : {}) }));
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}
