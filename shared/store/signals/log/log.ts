import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { NumberedSignal, Signal } from '../../../signals/signal.ts';
import type { Subscription } from '../../../signals/subscription.ts';
import { append, type Places } from './appending.ts';
import { type Beginner, type Begun, begin, type States } from './beginning.ts';
import { MOST_NUMBERED, type SignalsTable } from './items.ts';
import {
  acknowledge,
  lease,
  nudge,
  type Postponement,
  type Progress,
  postpone,
  type Release,
  type Released,
  release,
  renew,
} from './leasing.ts';
import { type Looked, look } from './looking.ts';
import { type Known, type MayHear, type Numbered, number } from './numbering.ts';
import { readTold } from './reading.ts';
import { forgetState, type LogState, readState } from './state.ts';
import {
  count,
  type DeadLetter,
  giveUp,
  keepUnreadable,
  type Retry,
  readDead,
  readRetries,
  redrive,
  settle,
  toRetry,
} from './stragglers.ts';

export type { Beginner, Begun } from './beginning.ts';
export type { Postponement, Progress, Release, Released } from './leasing.ts';
export type { Looked } from './looking.ts';
export type { MayHear, Numbered } from './numbering.ts';
export type { LogState } from './state.ts';
export type { DeadLetter, Retry } from './stragglers.ts';

/** Where a subscription's log stands. */
export interface LogStatus extends LogState {
  /** Signals that were put aside to be sent again, and that were given up. */
  readonly retries: number;
  readonly dead: number;
}

/** What each subscription is still to hear, has heard, and in which order. Ids are those of subscriptions; instants are milliseconds since the epoch. */
export interface SignalLog {
  /** Appends signals in their order. @returns whether nobody is at work for the subscription, so that it must be woken */
  append(id: string, signals: readonly Signal[]): Promise<boolean>;
  /** Numbers signals and takes the lease, so that they are sent at once. @returns `undefined` where something comes before them: then they are appended */
  begin(
    subscription: Pick<Subscription, 'id' | 'organisation' | 'version'>,
    signals: readonly Signal[],
    mayHear: MayHear,
    beginner: Beginner,
  ): Promise<Begun | undefined>;
  /** Keeps what cannot be read. @param name of it, the same each time */
  keepUnreadable(id: string, name: string, body: string): Promise<void>;
  /** Takes the lease. @returns `undefined` where somebody else has it */
  lease(id: string, owner: string, ms: number): Promise<LogState | undefined>;
  /** Holds on to a lease for longer. @returns whether it is still one's own */
  renew(id: string, owner: string, ms: number): Promise<boolean>;
  /** Tells whoever has the lease to look once more. @returns when they could be no more, had they died; `undefined` where nobody has it */
  nudge(id: string): Promise<number | undefined>;
  /** Gives the lease back if nothing has arrived since. */
  release(id: string, owner: string, how: Release): Promise<Released>;
  /** Removes the state of a subscription that is gone, and with it the lease of whoever was woken for it. */
  forget(id: string): Promise<void>;
  /** The subscription, what was put aside and what waits behind the last item that was taken. */
  look(id: string, takenTo: number): Promise<Looked>;
  /** Gives the next numbers to what waits and may be heard. Needs no lease. @param known where it was just read */
  number(subscription: Pick<Subscription, 'id' | 'organisation'>, mayHear: MayHear, known?: Known): Promise<Numbered>;
  /** What has its number and was not acknowledged, in order. */
  unsent(id: string, state: Pick<LogState, 'ackedTo' | 'lastNumber'>): Promise<readonly NumberedSignal[]>;
  /** @param ms how long the lease goes on. @returns `undefined` when the lease was lost */
  acknowledge(id: string, owner: string, progress: Progress, ms: number): Promise<LogState | undefined>;
  /** Puts everything off. @returns `undefined` when the lease was lost */
  postpone(id: string, owner: string, postponement: Postponement): Promise<LogState | undefined>;
  /** Signals by their numbers, from one on. Who may hear them has to be asked again. */
  told(id: string, from: number, count: number): Promise<readonly NumberedSignal[]>;
  state(id: string): Promise<LogState>;
  status(id: string): Promise<LogStatus>;
  toRetry(id: string, retries: readonly Retry[]): Promise<void>;
  retries(id: string): Promise<readonly Retry[]>;
  settle(id: string, numbers: readonly number[]): Promise<void>;
  giveUp(id: string, letter: DeadLetter): Promise<void>;
  dead(id: string): Promise<readonly DeadLetter[]>;
  /** Puts dead letters among what is to be sent. @returns how many; who calls wakes the subscription */
  redrive(id: string): Promise<number>;
}

/** @param options.now milliseconds since the epoch */
export function createSignalLog(options: {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly now: () => number;
}): SignalLog {
  const signals: SignalsTable = options;
  const places: Places = new Map();
  const states: States = new Map();
  return {
    append: (id, arrived) => append(signals, places, id, arrived),
    begin: (subscription, arrived, mayHear, beginner) => begin(signals, states, subscription, arrived, mayHear, beginner),
    keepUnreadable: (id, name, body) => keepUnreadable(signals, id, name, body),
    lease: (id, owner, ms) => lease(signals, id, owner, ms),
    renew: (id, owner, ms) => renew(signals, id, owner, ms),
    nudge: (id) => nudge(signals, id),
    release: async (id, owner, how) => {
      const released = await release(signals, id, owner, how);
      if (states.has(id)) states.set(id, released.state);
      return released;
    },
    forget: (id) => forgetState(signals, id),
    look: (id, takenTo) => look(signals, id, takenTo),
    number: (subscription, mayHear, known) => number(signals, subscription, mayHear, known),
    unsent: async (id, { ackedTo, lastNumber }) =>
      lastNumber > ackedTo ? readTold(signals, id, ackedTo + 1, MOST_NUMBERED) : [],
    acknowledge: (id, owner, progress, ms) => acknowledge(signals, id, owner, progress, ms),
    postpone: (id, owner, postponement) => postpone(signals, id, owner, postponement),
    told: (id, from, wanted) => readTold(signals, id, from, wanted),
    state: (id) => readState(signals, id),
    status: async (id) => {
      const [state, retries, dead] = await Promise.all([
        readState(signals, id),
        count(signals, id, 'retry'),
        count(signals, id, 'dead'),
      ]);
      return { ...state, retries, dead };
    },
    toRetry: (id, retries) => toRetry(signals, id, retries),
    retries: (id) => readRetries(signals, id),
    settle: (id, numbers) => settle(signals, id, numbers),
    giveUp: (id, letter) => giveUp(signals, id, letter),
    dead: (id) => readDead(signals, id),
    redrive: (id) => redrive(signals, id),
  };
}
