import type { Retry } from '../../store/signals/log/log.ts';
import type { Outcome } from '../endpoints/outcomes.ts';
import type { NumberedSignal } from '../signal.ts';
import { GIVEN_UP_AFTER_MS, waitAfter } from './patience.ts';

/** What is to be sent at once. */
export interface Round {
  /** Put aside before, in order of their numbers. */
  readonly retries: readonly Retry[];
  /** Not tried before, in order of their numbers. */
  readonly fresh: readonly NumberedSignal[];
}

/** The first of each person among those that were put aside: what follows it waits for it. */
export const headsOf = (retries: readonly Retry[]): readonly Retry[] =>
  [...Map.groupBy(retries, ({ signal }) => signal.event.subject).values()].map(([head]) => head!);

/** Signals to send, in the order of each person: those put aside come before later ones, and nothing of a person goes before it is due. */
export function signalsToSend({ retries, fresh }: Round, nowMs: number): readonly NumberedSignal[] {
  const waiting = new Set(
    headsOf(retries)
      .filter(({ nextAt }) => nextAt > nowMs)
      .map(({ signal }) => signal.event.subject),
  );
  return [...retries.map(({ signal }) => signal), ...fresh].filter(({ event }) => !waiting.has(event.subject));
}

/** What a round leaves behind. */
export interface Settled {
  /** Numbers that were put aside and are done. */
  readonly done: readonly number[];
  /** What is put aside from now on, or again. */
  readonly aside: readonly Retry[];
  /** What is given up. */
  readonly dead: readonly Retry[];
  /** Everything fresh up to and with this number is dealt with. */
  readonly ackedTo?: number;
}

/** How a signal that was put aside, or is put aside now, goes on. */
const triedAgain = (
  signal: NumberedSignal,
  before: Retry | undefined,
  outcome: Outcome | undefined,
  nowMs: number,
  random: number,
): Retry => {
  const since = before?.since ?? nowMs;
  // Behind another of its person, or not reached in time: it is tried as soon as it may.
  if (outcome === undefined || outcome.ok)
    return { signal, attempts: before?.attempts ?? 0, since, nextAt: before?.nextAt ?? nowMs };
  const attempts = (before?.attempts ?? 0) + 1;
  return { signal, attempts, since, nextAt: nowMs + waitAfter(attempts, outcome, random), code: outcome.code };
};

/**
 * What is to be kept of a round in which something got through, or in which nothing fresh was tried.
 * @param outcomes of what was tried, by number
 */
export function settle(
  { retries, fresh }: Round,
  outcomes: ReadonlyMap<number, Outcome>,
  nowMs: number,
  random: () => number,
): Settled {
  const accepted = (number: number) => outcomes.get(number)?.ok === true;
  const failedAgain = retries
    .filter(({ signal }) => outcomes.get(signal.number)?.ok === false)
    .map((retry) => triedAgain(retry.signal, retry, outcomes.get(retry.signal.number), nowMs, random()));
  const dead = failedAgain.filter(({ since }) => nowMs - since >= GIVEN_UP_AFTER_MS);
  const blocked = new Set(retries.map(({ signal }) => signal.event.subject));
  const isDealtWith = (signal: NumberedSignal) => outcomes.has(signal.number) || blocked.has(signal.event.subject);
  const ackedTo = fresh.findLast(isDealtWith)?.number;
  const passed = fresh.filter(({ number }) => ackedTo !== undefined && number <= ackedTo && !accepted(number));
  return {
    done: retries.map(({ signal }) => signal.number).filter(accepted),
    aside: [
      ...failedAgain.filter((retry) => !dead.includes(retry)),
      ...passed.map((signal) => triedAgain(signal, undefined, outcomes.get(signal.number), nowMs, random())),
    ],
    dead,
    ...(ackedTo === undefined ? {} : { ackedTo }),
  };
}
