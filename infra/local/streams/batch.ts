import { setTimeout as sleep } from 'node:timers/promises';
import { FunctionFailed } from '../functions/failure.ts';
import type { Mapping } from './mapping.ts';
import type { Entry } from './record.ts';

/** Why a batch was given up, in Lambda's words. */
export type GivenUp = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

export interface BatchParts {
  readonly mapping: Pick<Mapping, 'bisects' | 'mostAgeMs' | 'mostRetries' | 'reportsItemFailures'>;
  /** Runs the function on records. @throws FunctionFailed */
  readonly invoke: (entries: readonly Entry[], signal: AbortSignal) => Promise<unknown>;
  /** Records that are dealt with, well or not. */
  readonly onDone: (entries: readonly Entry[]) => void;
  /** Resolves once what is given up is safe elsewhere. */
  readonly giveUp: (
    entries: readonly Entry[],
    condition: GivenUp,
    attempts: number,
    failure: FunctionFailed | undefined,
  ) => Promise<void>;
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** How long to wait before the n-th retry. */
  readonly backOffMs: (attempt: number) => number;
}

interface Piece {
  readonly entries: readonly Entry[];
  /** Invocations that failed before. */
  readonly attempts: number;
  readonly failure?: FunctionFailed;
}

/** What an invocation left to do. */
type Outcome = { readonly left: 0 } | { readonly left: number; readonly failure: FunctionFailed | undefined };

/**
 * Hands a batch to a function until every record is dealt with, in order: retries, halves what fails, goes on after what succeeded, and
 * gives up what is too old or failed too often (Lambda developer guide, "Using Lambda with DynamoDB", error handling).
 *
 * @throws when the signal aborts; what is not done then is handed over again after the next start
 */
export async function deliverBatch(entries: readonly Entry[], parts: BatchParts): Promise<void> {
  const { mapping, onDone, giveUp, signal, backOffMs } = parts;
  const pieces: Piece[] = [{ entries, attempts: 0 }];
  for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
    signal.throwIfAborted();
    const fresh = await dropOld(piece, parts);
    if (fresh.length === 0) continue;
    const { left, ...outcome } = await attempt(fresh, parts);
    onDone(fresh.slice(0, fresh.length - left));
    if (left === 0) continue;
    const rest = fresh.slice(fresh.length - left);
    const failure = 'failure' in outcome ? outcome.failure : undefined;
    const gotFurther = left < fresh.length;
    // What got further is another batch than the one that failed before.
    const attempts = gotFurther ? 1 : piece.attempts + 1;
    if (mapping.bisects && gotFurther) pieces.unshift({ entries: rest, attempts: 0 });
    else if (mapping.bisects && left > 1) pieces.unshift(...halves(rest, piece.attempts));
    else if (mapping.mostRetries !== undefined && attempts > mapping.mostRetries) {
      await giveUp(rest, 'RetryAttemptsExhausted', attempts, failure);
      onDone(rest);
    } else {
      await sleep(backOffMs(attempts), undefined, { signal });
      pieces.unshift({ entries: rest, attempts, ...(failure === undefined ? {} : { failure }) });
    }
  }
}

/** Splitting does not count as an attempt. */
function halves(entries: readonly Entry[], attempts: number): Piece[] {
  const middle = Math.ceil(entries.length / 2);
  return [entries.slice(0, middle), entries.slice(middle)].map((half) => ({ entries: half, attempts }));
}

async function dropOld(
  { entries, attempts, failure }: Piece,
  { mapping, onDone, giveUp, now }: BatchParts,
): Promise<readonly Entry[]> {
  const { mostAgeMs } = mapping;
  if (mostAgeMs === undefined) return entries;
  const oldest = now() - mostAgeMs;
  const isFresh = ({ record }: Entry) => record.dynamodb.ApproximateCreationDateTime * 1000 >= oldest;
  const first = entries.findIndex(isFresh);
  const old = first === -1 ? entries : entries.slice(0, first);
  if (old.length === 0) return entries;
  await giveUp(old, 'RecordAgeExceeded', attempts, failure);
  onDone(old);
  return entries.slice(old.length);
}

async function attempt(entries: readonly Entry[], { mapping, invoke, signal }: BatchParts): Promise<Outcome> {
  try {
    const result = await invoke(entries, signal);
    return { left: mapping.reportsItemFailures ? leftOf(result, entries) : 0, failure: undefined };
  } catch (failure) {
    signal.throwIfAborted();
    if (!(failure instanceof FunctionFailed)) throw failure;
    return { left: entries.length, failure };
  }
}

/**
 * How many records are left when a function reports failures: all from the first that it names (developer guide, "Configuring partial
 * batch response"). An answer that is not understood means that all failed.
 */
function leftOf(result: unknown, entries: readonly Entry[]): number {
  const { batchItemFailures } = (result ?? {}) as { batchItemFailures?: unknown };
  if (batchItemFailures === undefined || batchItemFailures === null) return 0;
  if (!Array.isArray(batchItemFailures)) return entries.length;
  const named = batchItemFailures.map((item: { itemIdentifier?: unknown } | null) => item?.itemIdentifier);
  if (named.length === 0) return 0;
  const places = named.map((name) => entries.findIndex(({ record }) => record.dynamodb.SequenceNumber === name));
  const first = Math.min(...places);
  return first === -1 ? entries.length : entries.length - first;
}
