import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACCEPTED, failed, type Outcome } from '../../../../shared/signals/endpoints/outcomes.ts';
import { type Sending, sendInOrder } from '../../../../shared/signals/sending/in-order.ts';
import type { NumberedSignal } from '../../../../shared/signals/signal.ts';
import { personOf, signal } from '../signals.ts';

/** Signals of the persons that are named, with the numbers 1, 2, 3… */
const of = (...persons: readonly number[]): NumberedSignal[] =>
  persons.map((person, index) => ({ ...signal({ person: personOf(person) }), number: index + 1 }));
const numbers = (some: readonly NumberedSignal[]) => some.map(({ number }) => number);

/** Sends, and notes the numbers of each call in the order in which they began. @param outcomeOf what becomes of each number */
async function sending(
  signals: readonly NumberedSignal[],
  told: Partial<Sending>,
  outcomeOf: (number: number) => Outcome = () => ACCEPTED,
) {
  const calls: (readonly number[])[] = [];
  const outcomes = await sendInOrder(signals, {
    most: 1,
    atOnce: 8,
    pace: async () => {},
    mayBegin: () => true,
    send: async (some) => {
      calls.push(numbers(some));
      await new Promise((resolve) => setImmediate(resolve));
      return some.map(({ number }) => outcomeOf(number));
    },
    ...told,
  });
  return { calls, outcomes };
}

const failing =
  (...which: readonly number[]) =>
  (number: number): Outcome =>
    which.includes(number) ? failed('receiver-error') : ACCEPTED;

describe('sending in order', () => {
  it('begins the next of a person only after the one before, where a call takes one', async () => {
    const underWay = new Set<string>();
    const sent: number[] = [];
    let most = 0;
    await sending(of(1, 1, 2, 1, 2, 3), {
      send: async (some) => {
        const [{ event, number }] = some as [NumberedSignal];
        expect(underWay.has(event.subject)).toBe(false);
        underWay.add(event.subject);
        most = Math.max(most, underWay.size);
        await new Promise((resolve) => setImmediate(resolve));
        underWay.delete(event.subject);
        sent.push(number);
        return [ACCEPTED];
      },
    });
    expect(sent.filter((number) => [1, 2, 4].includes(number))).toEqual([1, 2, 4]);
    expect(sent.filter((number) => [3, 5].includes(number))).toEqual([3, 5]);
    expect(sent).toHaveLength(6);
    expect(most).toBe(3);
  });

  it('puts several of one person into one call, in their order, where a call takes ten', async () => {
    const { calls } = await sending(of(...Array<number>(25).fill(1)), { most: 10 });
    expect(calls).toEqual(
      [0, 10, 20].map((first) => Array.from({ length: first < 20 ? 10 : 5 }, (_, index) => first + index + 1)),
    );
  });

  it('fills a call with those of others', async () => {
    expect((await sending(of(1, 2, 1, 3), { most: 10 })).calls).toEqual([[1, 3, 2, 4]]);
    expect((await sending(of(1, 2, 1, 2), { most: 3, atOnce: 1 })).calls).toEqual([[1, 3, 2], [4]]);
  });

  it('begins nothing of a person after what failed, be it anywhere in a call, and goes on with others', async () => {
    const one = await sending(of(1, 2, 1, 2, 1), { most: 1 }, failing(1));
    expect(one.calls.flat().sort()).toEqual([1, 2, 4]);
    for (const bad of [1, 5, 10]) {
      const ten = await sending(of(...Array<number>(15).fill(1), ...Array<number>(15).fill(2)), { most: 10 }, failing(bad));
      expect([...ten.outcomes.keys()].sort((a, b) => a - b)).toEqual([
        ...Array.from({ length: 10 }, (_, index) => index + 1),
        ...Array.from({ length: 15 }, (_, index) => index + 16),
      ]);
    }
  });

  it('stops after the first few where nothing gets through, and at once where it is asked for fewer', async () => {
    const many = of(...Array.from({ length: 40 }, (_, index) => index));
    const all = await sending(many, { atOnce: 4 }, () => failed('receiver-error'));
    // Those that were under way when the fourth had failed.
    expect(all.calls.length).toBeLessThan(2 * 4);
    const first = await sending(many, { atOnce: 4 }, (number) => (number === 6 ? failed('throttled') : ACCEPTED));
    expect(first.calls.length).toBeLessThanOrEqual(6 + 4);
  });

  it('begins no call once there is no time left, and says nothing of what was not tried', async () => {
    let begun = 0;
    const { calls, outcomes } = await sending(of(1, 1, 1, 1), { mayBegin: () => begun++ < 2, atOnce: 1 });
    expect(calls).toEqual([[1], [2]]);
    expect([...outcomes.keys()]).toEqual([1, 2]);
  });

  it('keeps to it whatever there is to send and whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(4), { maxLength: 30 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 30 })),
        fc.constantFrom(1, 3, 10),
        async (persons, bad, most) => {
          const signals = of(...persons);
          const { calls } = await sending(signals, { most, atOnce: 50 }, failing(...bad));
          expect(calls.every(({ length }) => length >= 1 && length <= most)).toBe(true);
          for (const lane of Map.groupBy(signals, ({ event }) => event.subject).values()) {
            const tried = calls.flat().filter((number) => numbers(lane).includes(number));
            expect(tried).toEqual(numbers(lane).slice(0, tried.length));
            const failedAt = calls.findIndex((call) => call.some((number) => bad.includes(number) && tried.includes(number)));
            if (failedAt === -1) expect(tried).toHaveLength(lane.length);
            else
              expect(
                calls
                  .slice(failedAt + 1)
                  .flat()
                  .some((number) => tried.includes(number)),
              ).toBe(false);
          }
        },
      ),
    );
  });
});
