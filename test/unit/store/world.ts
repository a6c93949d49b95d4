import { DynamoDBClient, QueryCommand, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { Submission } from '../../../shared/record/contribution.ts';
import { type Draft, draftContribution, type FragmentDraft } from '../../../shared/record/draft.ts';
import { type CompactionBounds, createCompactor } from '../../../shared/store/compaction.ts';
import { createRecordStore, type RecordStore } from '../../../shared/store/record.ts';
import type { Engine } from '../../engine.ts';

/** Compacts as soon as there are two contributions. */
export const EAGER: CompactionBounds = {
  contributions: 2,
  shareOfSnapshot: 0,
  mostContributions: 2,
  largeTailBytes: 1_000_000,
  superseded: 1,
};

/** Never compacts, and only tidies. */
export const TIDYING: CompactionBounds = { ...EAGER, contributions: 1_000_000, mostContributions: 1_000_000 };

/** What happens at the wire: `before` a request leaves, or `after` it was carried out but before its answer came. */
export interface Fault {
  readonly request: number;
  readonly at: 'before' | 'after';
}

/** A process died: nothing more is sent from it. */
export class Died extends Error {}

/** A client of the engine whose process dies at the given request, counted from 1. */
export function mortalClient(engine: Engine, fault?: Fault): DynamoDBClient {
  const client = clientOf(engine);
  let requests = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      requests++;
      const isLast = fault !== undefined && requests >= fault.request;
      if (isLast && (fault.at === 'before' || requests > fault.request)) throw new Died();
      const answer = await next(args);
      if (isLast) throw new Died();
      return answer;
    },
    { step: 'initialize', name: 'mortality' },
  );
  return client;
}

/** Requests and capacity units that the engine says were consumed. */
export interface Used {
  requests: number;
  readUnits: number;
  writeUnits: number;
}

const READS: ReadonlySet<string | undefined> = new Set(['QueryCommand', 'GetItemCommand']);

/** A client that is held up before the given request, counted from 1, while something else happens. */
export function overtakenClient(engine: Engine, request: number, meanwhile: () => Promise<unknown>): DynamoDBClient {
  const client = clientOf(engine);
  let requests = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      requests++;
      if (requests === request) await meanwhile();
      return next(args);
    },
    { step: 'initialize', name: 'overtaking' },
  );
  return client;
}

/** A client that sends its first request twice, because the first answer is lost on the way. */
export function forgetfulClient(engine: Engine, commandName: string): DynamoDBClient {
  const client = clientOf(engine);
  let isLost = false;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const answer = await next(args);
      if (isLost || context.commandName !== commandName) return answer;
      isLost = true;
      throw Object.assign(new Error('the connection was reset'), { name: 'TimeoutError' });
    },
    { step: 'finalizeRequest', priority: 'low', name: 'losing' },
  );
  return client;
}

/** A client that sends every request twice, because each first answer is lost on the way. */
export function stutteringClient(engine: Engine): DynamoDBClient {
  const client = clientOf(engine);
  const sendTwice = async <A, R>(next: (args: A) => Promise<R>, args: A): Promise<R> => {
    await next(args);
    return next(args);
  };
  client.middlewareStack.add((next) => (args) => sendTwice(next, args), {
    step: 'finalizeRequest',
    priority: 'low',
    name: 'stuttering',
  });
  return client;
}

/** A client whose first transactions are cancelled, because others are under way at the same items: an engine of one machine never says so, DynamoDB does. */
export function contendedClient(engine: Engine, times: number): DynamoDBClient {
  const client = clientOf(engine);
  let left = times;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName !== 'TransactWriteItemsCommand' || left-- <= 0) return next(args);
        const CancellationReasons = [{ Code: 'None' }, { Code: 'TransactionConflict' }];
        throw new TransactionCanceledException({ message: 'cancelled', $metadata: {}, CancellationReasons });
      },
    { step: 'initialize', name: 'contending' },
  );
  return client;
}

/** A client that adds up what is consumed through it. */
export function meteredClient(engine: Engine): { readonly client: DynamoDBClient; readonly used: Used } {
  const client = clientOf(engine);
  const used: Used = { requests: 0, readUnits: 0, writeUnits: 0 };
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        Object.assign(args.input, { ReturnConsumedCapacity: 'TOTAL' });
        const answer = await next(args);
        const { ConsumedCapacity } = answer.output as { ConsumedCapacity?: Capacity | readonly Capacity[] };
        const units = [ConsumedCapacity ?? []].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
        used.requests++;
        used[READS.has(commandName) ? 'readUnits' : 'writeUnits'] += units;
        return answer;
      },
    { step: 'initialize', name: 'metering' },
  );
  return { client, used };
}

interface Capacity {
  readonly CapacityUnits?: number;
}

const clientOf = ({ endpoint }: Engine) =>
  new DynamoDBClient({ endpoint, region: 'eu-west-2', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });

/** Time that the test moves. */
export function createClock(start = '2026-01-01T00:00:00.000Z') {
  let milliseconds = Date.parse(start);
  return {
    now: () => new Date(milliseconds),
    advance: (by: number) => {
      milliseconds += by;
    },
  };
}

export type Clock = ReturnType<typeof createClock>;

export const storeOf = (engine: Engine, clock: Clock, client = engine.client, cacheBytes?: number): RecordStore =>
  createRecordStore({ client, table: engine.recordTable, now: clock.now, ...(cacheBytes === undefined ? {} : { cacheBytes }) });

export const compactorOf = (engine: Engine, clock: Clock, client = engine.client, bounds = EAGER) =>
  createCompactor({ client, table: engine.recordTable, now: clock.now, bounds });

/** Contributes drafts about one subject, and gives back what became of them. */
export const contribute = (store: RecordStore, subject: string, submission: Submission, drafts: readonly FragmentDraft[]) =>
  store.contribute([subject], (folds, now) => {
    const result: Draft = draftContribution(folds.get(subject)!, submission, drafts, now);
    return { result, contributions: 'contribution' in result && result.contribution !== undefined ? [result.contribution] : [] };
  });

export const by = (contributor: string, requestId = 'request'): Submission => ({
  contributor,
  client: 'client',
  source: 'main',
  requestId,
});

/** Reads a whole stream of values. */
export async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

/** Every item of a partition, as it is stored. */
export async function itemsIn({ client, recordTable }: Engine, subject: string) {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: recordTable,
      KeyConditionExpression: 'subject = :subject',
      ExpressionAttributeValues: { ':subject': { S: subject } },
    }),
  );
  return Items;
}
