import { setTimeout as wait } from 'node:timers/promises';
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Contribution } from '../record/contribution.ts';
import { type Fold, foldContribution } from '../record/fold.ts';
import type { Subject } from '../record/identity.ts';
import type { Folds, SeenFold } from './folds.ts';
import type { Table } from './table/reading.ts';
import { write } from './table/writing.ts';
import { createTurns } from './turns.ts';

/** What `contribute` shall write, and what it then answers. */
export interface Decision<T> {
  readonly result: T;
  /** Each the next one of a fold that was given. */
  readonly contributions: readonly Contribution[];
  /** Written in the same transaction, all or nothing. */
  readonly alongside?: readonly TransactWriteItem[];
}

/** See `RecordStore.contribute`. */
export type Contribute = <T>(
  subjects: readonly Subject[],
  decide: (folds: ReadonlyMap<Subject, Fold>, now: string) => Decision<T>,
) => Promise<T | 'contended' | 'too-large'>;

interface Dependencies {
  readonly table: Table;
  readonly folds: Folds;
  readonly now: () => Date;
  readonly random: () => number;
}

/** Most races that one contribution may lose: about two seconds of waiting. */
const MAX_LOSSES = 12;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 400;

/** The optimistic loop: decide on what is remembered, write on condition that it still is the latest, else read and decide again. */
export function createContribute({ table, folds, now, random }: Dependencies): Contribute {
  const inTurn = createTurns();
  return (subjects, decide) => {
    const distinct = [...new Set(subjects)];
    return inTurn(distinct, async () => {
      let freshness: 'recent' | 'now' = 'recent';
      let losses = 0;
      while (losses < MAX_LOSSES) {
        const since = now();
        const seen = await readAll(folds, distinct, freshness);
        const decision = decide(new Map(seen.map(({ fold }) => [fold.subject, fold])), since.toISOString());
        if (!isSettled(seen, decision)) {
          freshness = 'now';
          continue;
        }
        checkSequence(seen, decision);
        const outcome = await writeDecision(table, decision);
        if (outcome === 'too-large') return outcome;
        if (outcome === 'refused') return 'contended';
        if (outcome === 'written') {
          keepAll(folds, seen, decision, since.getTime());
          return decision.result;
        }
        freshness = 'now';
        await wait(random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** losses++));
      }
      return 'contended';
    });
  };
}

const readAll = (folds: Folds, subjects: readonly Subject[], freshness: 'recent' | 'now'): Promise<SeenFold[]> =>
  Promise.all(subjects.map((subject) => folds.read(subject, freshness)));

/** What is written upon proves itself by its condition; what is only looked at, and what is not written, must be the latest. */
function isSettled<T>(seen: readonly SeenFold[], { contributions }: Decision<T>): boolean {
  const written = new Set(contributions.map(({ subject }) => subject));
  return seen.every(({ fold, fresh }) => fresh || written.has(fold.subject));
}

function checkSequence<T>(seen: readonly SeenFold[], { contributions }: Decision<T>): void {
  for (const { subject, sequence } of contributions) {
    const fold = seen.find((each) => each.fold.subject === subject)?.fold;
    if (fold?.sequence !== sequence - 1) throw new Error('a contribution must be the next one of a fold that it was decided on');
  }
}

async function writeDecision<T>(table: Table, { contributions, alongside = [] }: Decision<T>) {
  return contributions.length + alongside.length === 0 ? 'written' : write(table, contributions, alongside);
}

function keepAll<T>(folds: Folds, seen: readonly SeenFold[], { contributions }: Decision<T>, since: number): void {
  for (const contribution of contributions) {
    const fold = seen.find((each) => each.fold.subject === contribution.subject)!.fold;
    const bytes = contribution.bodies.reduce((sum, body) => sum + (body?.length ?? 0), 0);
    folds.keep(foldContribution(fold, contribution), since, bytes);
  }
}
