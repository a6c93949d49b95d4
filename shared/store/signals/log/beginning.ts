import { TransactionCanceledException, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import type { NumberedSignal, Signal } from '../../../signals/signal.ts';
import type { Subscription } from '../../../signals/subscription.ts';
import { cut, keyOf, MOST_APPENDED, type SignalsTable, STATE } from './items.ts';
import { latelyAfter, type MayHear, numberedAfter, toldItem, unheard } from './numbering.ts';
import { type LogState, readState } from './state.ts';

/** Who begins, and for how long they have the lease. */
export interface Beginner {
  readonly owner: string;
  readonly ms: number;
}

/** What was begun. */
export interface Begun {
  /** What may be heard, with its numbers, to be sent now. Where there is none no lease was taken. */
  readonly signals: readonly NumberedSignal[];
  /** As it stands now. */
  readonly state: LogState;
}

/** States as this process saw them last, by subscription it begins with: who is wrong about one is told so by the write. */
export type States = Map<string, LogState>;

/**
 * Gives the next numbers to what has just arrived and may be heard, and takes the lease, in one transaction: where nobody is at work, nothing at all waits, is failing or was put aside,
 * and the subscription is still what is known of it.
 * @param states kept up to date
 * @returns `undefined` where something comes before it: then it has to be appended
 */
export async function begin(
  signals: SignalsTable,
  states: States,
  subscription: Pick<Subscription, 'id' | 'organisation' | 'version'>,
  arrived: readonly Signal[],
  mayHear: MayHear,
  beginner: Beginner,
): Promise<Begun | undefined> {
  const { id, organisation, version } = subscription;
  // More than one item holds waits for its turn.
  if (cut(arrived, MOST_APPENDED).length > 1) return undefined;
  let isRead = !states.has(id);
  for (;;) {
    const state = isRead ? await readState(signals, id) : states.get(id)!;
    states.set(id, state);
    if (isIdle(state, version)) {
      const news = unheard(arrived, state.lately);
      const may = news.length === 0 ? [] : await mayHear(organisation, news);
      const told = news.filter((_, index) => may[index] === true);
      if (told.length === 0) return { signals: [], state };
      const begun = await write(signals, id, state, told, beginner);
      if (begun !== undefined) {
        states.set(id, begun.state);
        return begun;
      }
    }
    if (isRead) return undefined;
    isRead = true;
  }
}

/** Beside what was found idle, somebody who sends nothing may have given numbers. */
const isIdle = ({ idleAt, idleVersion, arrivals, lastNumber, ackedTo }: LogState, version: number): boolean =>
  idleAt === arrivals && idleVersion === version && lastNumber <= ackedTo;

/** @returns `undefined` where the state is another by now */
async function write(
  { client, table, now }: SignalsTable,
  id: string,
  state: LogState,
  told: readonly Signal[],
  { owner, ms }: Beginner,
): Promise<Begun | undefined> {
  const after = {
    lastNumber: state.lastNumber + told.length,
    lately: latelyAfter(state, told),
    lease: { owner, until: now() + ms },
  };
  const Update = {
    TableName: table,
    Key: keyOf(id, STATE),
    UpdateExpression: 'SET lastNumber = :last, lately = :lately, leaseOwner = :owner, leaseUntil = :until REMOVE idleAt',
    ConditionExpression:
      'idleAt = arrivals AND idleVersion = :version AND attribute_not_exists(leaseOwner) AND (lastNumber = :before OR (attribute_not_exists(lastNumber) AND :before = :none))',
    ExpressionAttributeValues: {
      ':version': { N: String(state.idleVersion) },
      ':before': { N: String(state.lastNumber) },
      ':none': { N: '0' },
      ':last': { N: String(after.lastNumber) },
      ':lately': { B: after.lately },
      ':owner': { S: owner },
      ':until': { N: String(after.lease.until) },
    },
  };
  const Put = { TableName: table, Item: toldItem(id, state, told, now()) };
  try {
    await client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }, { Update }] }));
  } catch (error) {
    if (error instanceof TransactionCanceledException) return undefined;
    throw error;
  }
  const { idleAt: _idleAt, idleVersion: _idleVersion, ...rest } = state;
  return { signals: numberedAfter(state, told), state: { ...rest, ...after } };
}
