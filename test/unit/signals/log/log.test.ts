import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Signal } from '../../../../shared/signals/signal.ts';
import type { Subscription } from '../../../../shared/signals/subscription.ts';
import { createSignalLog, type MayHear, type SignalLog } from '../../../../shared/store/signals/log/log.ts';
import { type Engine, startEngine } from '../../../engine.ts';
import { personOf, signal, subscription } from '../signals.ts';

const DAY_MS = 86_400_000;
const everybody: MayHear = async (_organisation, signals) => signals.map(() => true);

let engine: Engine;
let log: SignalLog;
let nowMs: number;
let heard: Subscription;

const another = (skewMs = 0): SignalLog =>
  createSignalLog({ client: engine.client, table: engine.signalsTable, now: () => nowMs + skewMs });

beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.stop());
beforeEach(() => {
  nowMs = Date.parse('2026-03-01T09:00:00Z');
  log = another();
  heard = subscription();
});

const signals = (count: number): Signal[] => Array.from({ length: count }, (_, index) => signal({ sequence: index + 1 }));
const ids = (some: readonly Signal[]): string[] => some.map(({ event }) => event.id);

describe('the log of a subscription', () => {
  it('gives numbers without a gap to what may be heard, in order of arrival, and says of each where it is found', async () => {
    const arrived = signals(25);
    for (let at = 0; at < 25; at += 10) await log.append(heard.id, arrived.slice(at, at + 10));
    const withheld = arrived[7]!.event.id;
    const mayHear: MayHear = async (_, asked) => asked.map(({ event }) => event.id !== withheld);
    const { signals: numbered, dropped } = await log.number(heard, mayHear);
    expect(dropped).toBe(1);
    expect(ids(numbered)).toEqual(ids(arrived.filter(({ event }) => event.id !== withheld)));
    expect(numbered.map(({ number }) => number)).toEqual(Array.from({ length: 24 }, (_, index) => index + 1));
    expect(await log.told(heard.id, 9, 3)).toEqual(numbered.slice(8, 11));
    expect((await log.number(heard, everybody)).signals).toEqual([]);
  });

  it('reads by number across items without reading what lies before', async () => {
    for (const each of signals(7)) {
      await log.append(heard.id, [each]);
      await log.number(heard, everybody);
    }
    expect((await log.told(heard.id, 3, 3)).map(({ number }) => number)).toEqual([3, 4, 5]);
    expect((await log.told(heard.id, 6, 100)).map(({ number }) => number)).toEqual([6, 7]);
    expect(await log.told(heard.id, 8, 100)).toEqual([]);
  });

  it('tells an event that arrives twice once, and tells it again when it is replayed', async () => {
    const [once] = signals(1);
    await log.append(heard.id, [once!, once!]);
    await log.number(heard, everybody);
    await log.append(heard.id, [once!, { ...once!, replay: 'a' }, { ...once!, replay: 'b' }]);
    expect((await log.number(heard, everybody)).signals.map(({ replay }) => replay)).toEqual(['a', 'b']);
  });

  it('tells nothing while nobody can say who may hear', async () => {
    await log.append(heard.id, signals(2));
    const unknown: MayHear = () => Promise.reject(new Error('the record cannot be read'));
    await expect(log.number(heard, unknown)).rejects.toThrow('the record cannot be read');
    expect((await log.number(heard, everybody)).signals).toHaveLength(2);
  });

  it('keeps signals for 30 days', async () => {
    await log.append(heard.id, signals(2));
    await log.number(heard, everybody);
    nowMs += 29 * DAY_MS;
    expect(await log.told(heard.id, 1, 10)).toHaveLength(2);
    nowMs += 2 * DAY_MS;
    expect(await log.told(heard.id, 1, 10)).toEqual([]);
    await another().append(heard.id, signals(1));
    expect((await log.number(heard, everybody)).signals.map(({ number }) => number)).toEqual([3]);
  });

  it('numbers what several ask for at once only once', async () => {
    const arrived = signals(60);
    for (let at = 0; at < 60; at += 6) await log.append(heard.id, arrived.slice(at, at + 6));
    const all = await Promise.all(Array.from({ length: 5 }, () => another().number(heard, everybody)));
    const numbered = all.flatMap((each) => each.signals).sort((a, b) => a.number - b.number);
    expect(ids(numbered)).toEqual(ids(arrived));
    expect(numbered.map(({ number }) => number)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
  });

  it('keeps order and numbers whatever arrives, is withheld and is numbered at the same time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.record({ person: fc.nat(3), withheld: fc.boolean() }), { maxLength: 12 }), { maxLength: 6 }),
        async (batches) => {
          const own = subscription();
          const withheld = new Set<string>();
          const expected: string[] = [];
          const mayHear: MayHear = async (_, asked) => asked.map(({ event }) => !withheld.has(event.id));
          const numbering: Promise<unknown>[] = [];
          for (const batch of batches) {
            const arrived = batch.map((each) => ({ ...each, signal: signal({ person: personOf(each.person) }) }));
            for (const each of arrived)
              if (each.withheld) withheld.add(each.signal.event.id);
              else expected.push(each.signal.event.id);
            await log.append(
              own.id,
              arrived.map((each) => each.signal),
            );
            numbering.push(another().number(own, mayHear));
          }
          await Promise.all(numbering);
          await log.number(own, mayHear);
          const told = await log.told(own.id, 1, 1000);
          expect(ids(told)).toEqual(expected);
          expect(told.map(({ number }) => number)).toEqual(expected.map((_, index) => index + 1));
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe('the lease of a subscription', () => {
  it('wakes nobody twice, and lets nobody sleep over what has arrived', async () => {
    expect(await log.append(heard.id, signals(1))).toBe(true);
    await log.lease(heard.id, 'a', 60_000);
    const { arrivals } = await log.number(heard, everybody);
    expect(await log.append(heard.id, signals(1))).toBe(false);
    expect((await log.release(heard.id, 'a', { seen: arrivals })).isReleased).toBe(false);
    const again = await log.number(heard, everybody);
    expect(again.signals).toHaveLength(1);
    expect((await log.release(heard.id, 'a', { seen: again.arrivals })).isReleased).toBe(true);
    expect(await log.append(heard.id, signals(1))).toBe(true);
  });

  it('is had by one, until it ends by the slower clock', async () => {
    const slow = another(-4_000);
    const fast = another(4_000);
    expect(await slow.lease(heard.id, 'slow', 60_000)).toBeDefined();
    expect(await fast.lease(heard.id, 'fast', 60_000)).toBeUndefined();
    nowMs += 53_000;
    expect(await fast.lease(heard.id, 'fast', 60_000)).toBeUndefined();
    expect(await fast.nudge(heard.id)).toBeDefined();
    nowMs += 17_000;
    expect(await fast.lease(heard.id, 'fast', 60_000)).toBeDefined();
    expect(await slow.acknowledge(heard.id, 'slow', { ackedTo: 1 }, 60_000)).toBeUndefined();
    expect((await slow.release(heard.id, 'slow', { seen: 0 })).isReleased).toBe(true);
    expect((await log.state(heard.id)).lease?.owner).toBe('fast');
  });

  it('is taken by one of two who race for it', async () => {
    const owners = ['a', 'b', 'c', 'd'];
    const taken = await Promise.all(owners.map((owner) => another().lease(heard.id, owner, 60_000)));
    expect(taken.filter((state) => state !== undefined)).toHaveLength(1);
  });

  it('does not wake who has been put off until later', async () => {
    await log.lease(heard.id, 'a', 60_000);
    await log.postpone(heard.id, 'a', { failingSince: nowMs, failedAt: nowMs, attempts: 1, nextAttemptAt: nowMs + 5_000 });
    await log.release(heard.id, 'a', {});
    expect(await log.append(heard.id, signals(1))).toBe(false);
    nowMs += 5_000;
    expect(await log.append(heard.id, signals(1))).toBe(true);
  });
});

describe('what is put aside', () => {
  it('is kept with what is known of its attempts, given up as dead letters, and driven again by command', async () => {
    await log.append(heard.id, signals(3));
    const { signals: numbered } = await log.number(heard, everybody);
    const retries = numbered.map((each) => ({ signal: each, attempts: 2, since: nowMs, nextAt: nowMs + 1, code: 'timeout' }));
    await log.toRetry(heard.id, retries);
    expect(await log.retries(heard.id)).toEqual(retries);
    await log.settle(heard.id, [1]);
    await log.giveUp(heard.id, retries[1]!);
    await log.keepUnreadable(heard.id, 'message', '{"half');
    expect(await log.status(heard.id)).toMatchObject({ lastNumber: 3, ackedTo: 0, retries: 1, dead: 2 });
    expect((await log.dead(heard.id)).map((letter) => letter.signal.number)).toEqual([2]);
    expect(await log.redrive(heard.id)).toBe(1);
    expect((await log.retries(heard.id)).map(({ signal: { number }, attempts }) => [number, attempts])).toEqual([
      [2, 0],
      [3, 2],
    ]);
    expect(await log.dead(heard.id)).toEqual([]);
  });
});
