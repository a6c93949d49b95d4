import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FunctionFailed } from '../../infra/local/functions/failure.ts';
import { type BatchParts, deliverBatch, type GivenUp } from '../../infra/local/streams/batch.ts';
import { createProgress } from '../../infra/local/streams/progress.ts';
import type { Entry } from '../../infra/local/streams/record.ts';

const NOW = 1_800_000_000_000;

const entry = (number: number, ageMs = 0): Entry => ({
  sequence: BigInt(number),
  bytes: 100,
  record: {
    eventID: String(number),
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'eu-west-2',
    eventSourceARN: 'arn:stream',
    dynamodb: {
      ApproximateCreationDateTime: (NOW - ageMs) / 1000,
      Keys: {},
      SequenceNumber: String(number),
      SizeBytes: 10,
      StreamViewType: 'NEW_IMAGE',
    },
  },
});
const entries = (count: number): Entry[] => Array.from({ length: count }, (_, index) => entry(index + 1));
const numbers = (some: readonly Entry[]): number[] => some.map(({ sequence }) => Number(sequence));
const failed = () => new FunctionFailed('f', 'r', { errorType: 'Error', errorMessage: '', cause: 'exception' });

interface Told {
  readonly done: number[];
  readonly handled: number[];
  readonly batches: number[][];
  readonly waits: number[];
  readonly givenUp: { readonly numbers: number[]; readonly condition: GivenUp; readonly attempts: number }[];
}

/** @param answer what the function does with a batch: throws, or answers */
async function deliver(
  all: readonly Entry[],
  mapping: Partial<BatchParts['mapping']>,
  answer: (batch: number[], told: Told) => unknown,
): Promise<Told> {
  const told: Told = { done: [], handled: [], batches: [], waits: [], givenUp: [] };
  await deliverBatch(all, {
    mapping: { bisects: false, reportsItemFailures: false, mostRetries: undefined, mostAgeMs: undefined, ...mapping },
    invoke: async (batch) => {
      told.batches.push(numbers(batch));
      return answer(numbers(batch), told);
    },
    onDone: (some) => void told.done.push(...numbers(some)),
    giveUp: async (some, condition, attempts) => void told.givenUp.push({ numbers: numbers(some), condition, attempts }),
    signal: new AbortController().signal,
    now: () => NOW,
    backOffMs: (attempt) => {
      told.waits.push(attempt);
      return 0;
    },
  });
  return told;
}

const throwIf = (fails: boolean) => {
  if (fails) throw failed();
};

describe('a batch', () => {
  test('that succeeds is done', async () => {
    const { done, batches } = await deliver(entries(3), {}, () => ({ whatever: 1 }));
    expect([done, batches]).toEqual([[1, 2, 3], [[1, 2, 3]]]);
  });

  test('that fails is tried again, waiting longer each time', async () => {
    const { done, batches, waits } = await deliver(entries(2), {}, (_batch, { batches: tried }) => throwIf(tried.length < 4));
    expect(batches).toHaveLength(4);
    expect(waits).toEqual([1, 2, 3]);
    expect(done).toEqual([1, 2]);
  });

  test('is given up whole after its retries, when it is not to be halved', async () => {
    const { done, batches, givenUp } = await deliver(entries(3), { mostRetries: 2 }, () => throwIf(true));
    expect(batches).toHaveLength(3);
    expect(givenUp).toEqual([{ numbers: [1, 2, 3], condition: 'RetryAttemptsExhausted', attempts: 3 }]);
    expect(done).toEqual([1, 2, 3]);
  });

  test('is halved until the record at fault is alone; the others succeed', async () => {
    const { done, batches, givenUp } = await deliver(entries(8), { bisects: true, mostRetries: 1 }, (batch) =>
      throwIf(batch.includes(6)),
    );
    expect(batches).toEqual([[1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4], [5, 6, 7, 8], [5, 6], [5], [6], [6], [7, 8]]);
    expect(givenUp).toEqual([{ numbers: [6], condition: 'RetryAttemptsExhausted', attempts: 2 }]);
    expect(done).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('goes on from the first record that the function reports', async () => {
    const seen: number[][] = [];
    const { done, batches } = await deliver(entries(5), { reportsItemFailures: true }, (batch) => {
      seen.push(batch);
      return { batchItemFailures: seen.length === 1 ? [{ itemIdentifier: '4' }, { itemIdentifier: '3' }] : [] };
    });
    expect(batches).toEqual([
      [1, 2, 3, 4, 5],
      [3, 4, 5],
    ]);
    expect(done).toEqual([1, 2, 3, 4, 5]);
  });

  test.each([
    ['an item that is not in it', { batchItemFailures: [{ itemIdentifier: 'x' }] }],
    ['an item without a name', { batchItemFailures: [null] }],
    ['what is no list', { batchItemFailures: 'all' }],
  ])('fails whole when the function reports %s', async (_what, answer) => {
    const { batches } = await deliver(entries(2), { reportsItemFailures: true }, (_batch, { batches: tried }) =>
      tried.length < 2 ? answer : null,
    );
    expect(batches).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  test('reports count for nothing unless they were asked for', async () => {
    const { batches } = await deliver(entries(2), {}, () => ({ batchItemFailures: [{ itemIdentifier: '1' }] }));
    expect(batches).toHaveLength(1);
  });

  test('loses what is too old', async () => {
    const all = [entry(1, 70_000), entry(2, 61_000), entry(3, 1_000)];
    const { batches, givenUp, done } = await deliver(all, { mostAgeMs: 60_000 }, () => undefined);
    expect(givenUp).toEqual([{ numbers: [1, 2], condition: 'RecordAgeExceeded', attempts: 0 }]);
    expect(batches).toEqual([[3]]);
    expect(done).toEqual([1, 2, 3]);
  });

  test('whatever fails: every record is dealt with once and in order, only those at fault are given up', async () => {
    const cases = fc.record({
      count: fc.integer({ min: 1, max: 40 }),
      poison: fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 6 }),
      reports: fc.boolean(),
      retries: fc.integer({ min: 0, max: 3 }),
      flaky: fc.integer(),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ count, poison, reports, retries, flaky }) => {
        const succeeded: number[] = [];
        const { done, givenUp } = await deliver(
          entries(count),
          { bisects: true, reportsItemFailures: reports, mostRetries: retries },
          (batch, { batches }) => {
            // Some invocations of a healthy batch fail too, when there are retries to spare.
            const unlucky = retries === 3 && batches.length % 7 === Math.abs(flaky) % 7 && batches.length < 8;
            const bad = batch.find((number) => poison.includes(number));
            if (unlucky) throw failed();
            if (bad === undefined) return void succeeded.push(...batch);
            if (!reports) throw failed();
            succeeded.push(...batch.slice(0, batch.indexOf(bad)));
            return { batchItemFailures: [{ itemIdentifier: String(bad) }] };
          },
        );
        const all = Array.from({ length: count }, (_, index) => index + 1);
        expect(done).toEqual(all);
        expect(givenUp.flatMap((each) => each.numbers)).toEqual(all.filter((number) => poison.includes(number)));
        expect(succeeded).toEqual(all.filter((number) => !poison.includes(number)));
      }),
      { numRuns: 300 },
    );
  });

  test('stops when the runtime stops, and what is not done is not said to be', async () => {
    const controller = new AbortController();
    const done: number[] = [];
    const delivery = deliverBatch(entries(2), {
      mapping: { bisects: false, reportsItemFailures: false, mostRetries: undefined, mostAgeMs: undefined },
      invoke: async () => {
        controller.abort();
        throw failed();
      },
      onDone: (some) => void done.push(...numbers(some)),
      giveUp: async () => {},
      signal: controller.signal,
      now: () => NOW,
      backOffMs: () => 60_000,
    });
    await expect(delivery).rejects.toThrow();
    expect(done).toEqual([]);
  });
});

describe('progress', () => {
  test('moves only over what is dealt with, in whatever order that happens', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.string(), (count, seed) => {
        const progress = createProgress(10n);
        const all = Array.from({ length: count }, (_, index) => BigInt(11 + index * 2));
        progress.take(all);
        const rank = (sequence: bigint) => createHash('sha1').update(`${seed}${sequence}`).digest('hex');
        const left = new Set(all);
        for (const sequence of all.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))) {
          progress.finish([sequence]);
          left.delete(sequence);
          const firstLeft = all.find((each) => left.has(each));
          const expected = firstLeft === undefined ? all.at(-1) : (all[all.indexOf(firstLeft) - 1] ?? 10n);
          expect(progress.position).toBe(expected);
        }
        expect(progress.open).toBe(0);
      }),
    );
  });
});
