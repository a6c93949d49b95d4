import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  TransactionConflictException,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { type Item, keyOf, type SignalsTable, STATE } from './items.ts';
import { trying } from './trying.ts';

/** How far a subscription's log has come: one item beside its signals. */
export interface LogState {
  /** Counts how often something arrived: whoever goes to sleep only does so if it is what they saw last. */
  readonly arrivals: number;
  /** The count of arrivals at which nothing at all was left to do; absent as soon as somebody is at work, or changes the subscription. */
  readonly idleAt?: number;
  /** The version of the subscription for which that was so. */
  readonly idleVersion?: number;
  /** Whether the endpoint took long to answer last. */
  readonly isSlow: boolean;
  /** The last item that waited and was taken. */
  readonly takenTo: number;
  /** The last number that was given. */
  readonly lastNumber: number;
  /** Everything up to and with this number was sent, put aside to be sent again, or may not be told any more. */
  readonly ackedTo: number;
  /** Who is sending, and until when (milliseconds since the epoch). */
  readonly lease?: { readonly owner: string; readonly until: number };
  /** Since when every attempt has failed. Milliseconds since the epoch, as those below. */
  readonly failingSince?: number;
  /** When it failed last. */
  readonly failedAt?: number;
  /** Attempts since then. */
  readonly attempts: number;
  /** Nothing is sent before. */
  readonly nextAttemptAt?: number;
  /** When there is something to do though nothing arrives: whoever tends wakes it then. */
  readonly dueAt?: number;
  /** When the message comes, or came, that was last sent to wake somebody. */
  readonly wakeAt?: number;
  /** When the endpoint last accepted something. */
  readonly lastSentAt?: number;
  /** Ids of the events that were numbered last, shortened: what arrives twice is told once. */
  readonly lately: Uint8Array;
}

const number = (item: Item | undefined, name: string): number | undefined =>
  item?.[name]?.N === undefined ? undefined : Number(item[name].N);

const optional = <Name extends string>(name: Name, value: number | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { readonly [key in Name]?: number };

/** @param item as it is stored; `undefined` where nothing has arrived yet */
export function stateOf(item: Item | undefined): LogState {
  const [owner, until] = [item?.leaseOwner?.S, number(item, 'leaseUntil')];
  return {
    arrivals: number(item, 'arrivals') ?? 0,
    ...optional('idleAt', number(item, 'idleAt')),
    ...optional('idleVersion', number(item, 'idleVersion')),
    isSlow: item?.slow?.BOOL ?? false,
    takenTo: number(item, 'takenTo') ?? 0,
    lastNumber: number(item, 'lastNumber') ?? 0,
    ackedTo: number(item, 'ackedTo') ?? 0,
    attempts: number(item, 'attempts') ?? 0,
    ...(owner === undefined || until === undefined ? {} : { lease: { owner, until } }),
    ...optional('failingSince', number(item, 'failingSince')),
    ...optional('failedAt', number(item, 'failedAt')),
    ...optional('nextAttemptAt', number(item, 'nextAttemptAt')),
    ...optional('dueAt', number(item, 'dueAt')),
    ...optional('wakeAt', number(item, 'wakeAt')),
    ...optional('lastSentAt', number(item, 'lastSentAt')),
    lately: item?.lately?.B ?? new Uint8Array(),
  };
}

export async function readState({ client, table }: SignalsTable, id: string): Promise<LogState> {
  const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: keyOf(id, STATE), ConsistentRead: true }));
  return stateOf(Item);
}

/** What is never read again, and would not expire. */
export async function forgetState({ client, table }: SignalsTable, id: string): Promise<void> {
  await client.send(new DeleteItemCommand({ TableName: table, Key: keyOf(id, STATE) }));
}

/** An update of the state, in DynamoDB's words. */
export type StateUpdate = Pick<UpdateItemCommandInput, 'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeValues'>;

/**
 * Something other than an arrival has to be looked at before anything is told at once. As it is counted too, whoever is at work, and looked before, does not
 * give the lease back as if nothing were left.
 */
export const DISTURBED = {
  UpdateExpression: 'REMOVE idleAt ADD arrivals :one',
  ExpressionAttributeValues: { ':one': { N: '1' } },
} satisfies StateUpdate;

/** What has become of an update: where its condition does not hold, nothing is written. */
export interface Updated {
  readonly isWritten: boolean;
  /** As it stands now. */
  readonly state: LogState;
}

export function tryUpdateState({ client, table }: SignalsTable, id: string, update: StateUpdate): Promise<Updated> {
  const returned = { ReturnValues: 'ALL_NEW', ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
  const command = { TableName: table, Key: keyOf(id, STATE), ...returned, ...update };
  return trying(
    async () => {
      try {
        return { isWritten: true, state: stateOf((await client.send(new UpdateItemCommand(command))).Attributes) };
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return { isWritten: false, state: stateOf(error.Item) };
        throw error;
      }
    },
    (error) => error instanceof TransactionConflictException,
  );
}

/** @returns the state after it; `undefined` when its condition does not hold: then nothing is written. */
export async function updateState(signals: SignalsTable, id: string, update: StateUpdate): Promise<LogState | undefined> {
  const { isWritten, state } = await tryUpdateState(signals, id, update);
  return isWritten ? state : undefined;
}
