import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Signal } from '../../../../shared/signals/signal.ts';
import type { Subscription } from '../../../../shared/signals/subscription.ts';
import { createSignalLog, type MayHear, type SignalLog } from '../../../../shared/store/signals/log/log.ts';
import { createSubscriptions } from '../../../../shared/store/signals/subscriptions.ts';
import { type Engine, startEngine } from '../../../engine.ts';
import { personOf, signal, subscription } from '../signals.ts';

const everybody: MayHear = async (_organisation, signals) => signals.map(() => true);

let engine: Engine;
let log: SignalLog;
let nowMs: number;
let heard: Subscription;

const another = (): SignalLog => createSignalLog({ client: engine.client, table: engine.signalsTable, now: () => nowMs });

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
const begin = (arrived: readonly Signal[], by = log, of = heard, owner = 'collector') =>
  by.begin(of, arrived, everybody, { owner, ms: 20_000 });

/** Somebody looks, finds nothing, and sleeps. */
async function idle({ id, version }: Subscription = heard): Promise<void> {
  const { arrivals } = (await log.lease(id, 'worker', 20_000))!;
  await log.release(id, 'worker', { seen: arrivals, idleVersion: version });
}

describe('beginning at once', () => {
  it('numbers what arrived and takes the lease; once it is given back with nothing left, it may be done again', async () => {
    await idle();
    for (const [index, arrived] of [signals(2), signals(3)].entries()) {
      const { signals: begun, state } = (await begin(arrived))!;
      expect(ids(begun)).toEqual(ids(arrived));
      expect(begun[0]!.number).toBe(index === 0 ? 1 : 3);
      const { idleVersion: _, lately, ...rest } = await log.state(heard.id);
      expect({ ...state, lately: [...state.lately] }).toEqual({ ...rest, lately: [...lately] });
      expect(state.lease).toEqual({ owner: 'collector', until: nowMs + 20_000 });
      expect(await log.lease(heard.id, 'other', 20_000)).toBeUndefined();
      const progress = { ackedTo: state.lastNumber, sentAt: nowMs };
      await log.release(heard.id, 'collector', { seen: state.arrivals, idleVersion: 1, progress });
    }
    expect((await log.told(heard.id, 1, 10)).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
    expect(await log.state(heard.id)).toMatchObject({ lastNumber: 5, ackedTo: 5, takenTo: 0 });
  });

  const number = (one: Signal) => ({ signal: { ...one, number: 1 }, attempts: 1, since: nowMs });
  const store = () => createSubscriptions({ client: engine.client, table: engine.signalsTable });
  it.each<[string, () => Promise<unknown>]>([
    ['something waits', () => log.append(heard.id, signals(1))],
    [
      'what waited has its numbers, and was not sent',
      async () => {
        await log.append(heard.id, signals(1));
        await log.number(heard, everybody);
      },
    ],
    ['somebody has the lease', () => log.lease(heard.id, 'other', 20_000)],
    [
      'somebody had the lease and died',
      async () => {
        await log.lease(heard.id, 'other', 20_000);
        nowMs += 60_000;
      },
    ],
    ['another has begun', () => begin(signals(1), another())],
    [
      'somebody is to look again',
      async () => {
        await log.lease(heard.id, 'other', 20_000);
        await log.nudge(heard.id);
        await log.release(heard.id, 'other', {});
      },
    ],
    [
      'everything is put off',
      async () => {
        await log.lease(heard.id, 'other', 20_000);
        await log.postpone(heard.id, 'other', { failingSince: nowMs, failedAt: nowMs, attempts: 1, nextAttemptAt: nowMs + 1 });
        await log.release(heard.id, 'other', { dueAt: nowMs + 1 });
      },
    ],
    [
      'something was put aside',
      async () => {
        const { arrivals } = (await log.lease(heard.id, 'other', 20_000))!;
        await log.toRetry(heard.id, [{ ...number(signal()), nextAt: nowMs + 1 }]);
        await log.release(heard.id, 'other', { seen: arrivals, dueAt: nowMs + 1 });
      },
    ],
    [
      'dead letters are driven again',
      async () => {
        await log.giveUp(heard.id, number(signal()));
        await log.redrive(heard.id);
      },
    ],
    [
      'dead letters are driven again while somebody is about to sleep',
      async () => {
        await log.giveUp(heard.id, number(signal()));
        const { arrivals } = (await log.lease(heard.id, 'other', 20_000))!;
        await log.redrive(heard.id);
        await log.release(heard.id, 'other', { seen: arrivals, idleVersion: 1 });
      },
    ],
    ['the subscription is another', () => store().update({ ...heard, version: 2 }, heard)],
    [
      'the subscription becomes another while somebody is about to sleep',
      async () => {
        const { arrivals } = (await log.lease(heard.id, 'other', 20_000))!;
        await store().update({ ...heard, version: 2 }, heard);
        await log.release(heard.id, 'other', { seen: arrivals, idleVersion: 1 });
      },
    ],
    ['the subscription is gone', () => store().remove(heard)],
    ['another version slept', () => idle({ ...heard, version: 2 })],
  ])('is refused where %s, whether the state is remembered or read', async (_what, happens) => {
    heard = subscription({ channel: { ...heard.channel, endpoint: `https://hooks.example/${randomUUID()}` } });
    await store().create(heard);
    await idle();
    // So that this one remembers it.
    const remembering = another();
    await begin([signal()], remembering, heard, 'first');
    await remembering.release(heard.id, 'first', { seen: 0, idleVersion: 1, progress: { ackedTo: 1 } });
    await happens();
    const before = await log.state(heard.id);
    expect(await begin(signals(1), remembering)).toBeUndefined();
    expect(await begin(signals(1), another())).toBeUndefined();
    expect(await log.state(heard.id)).toEqual(before);
  });

  it('is refused where nobody ever looked, and where it is more than one item holds', async () => {
    expect(await begin(signals(1))).toBeUndefined();
    await idle();
    expect(await begin(signals(11))).toBeUndefined();
    expect((await begin(signals(10)))?.signals).toHaveLength(10);
  });

  it('is done by one of several who try at the same time', async () => {
    await idle();
    const begun = await Promise.all(['a', 'b', 'c', 'd'].map((owner) => begin(signals(2), another(), heard, owner)));
    expect(begun.filter((each) => each !== undefined)).toHaveLength(1);
    expect(await log.state(heard.id)).toMatchObject({ lastNumber: 2 });
  });

  it('takes no number that another gives at the same time from what it read before', async () => {
    await idle();
    const state = await log.state(heard.id);
    const { signals: begun, state: now } = (await begin(signals(1)))!;
    await log.release(heard.id, 'collector', { seen: now.arrivals, idleVersion: 1, progress: { ackedTo: 1, sentAt: nowMs } });
    const [later] = signals(1);
    await log.append(heard.id, [later!]);
    const { waiting } = await log.look(heard.id, 0);
    const { signals: numbered } = await log.number(heard, everybody, { state, waiting });
    expect(numbered.map(({ number }) => number)).toEqual([2]);
    expect(ids(await log.told(heard.id, 1, 10))).toEqual(ids([...begun, later!]));
  });

  it('keeps order and numbers whatever is begun, appended, numbered, looked for and left behind at the same time', async () => {
    const person = fc.record({ person: fc.nat(3), withheld: fc.boolean() });
    const batch = fc.record({
      arrived: fc.array(person, { minLength: 1, maxLength: 10 }),
      ends: fc.constantFrom('rests', 'rests', 'rests', 'leaves', 'dies'),
      beside: fc.array(fc.constantFrom('number', 'work', 'change'), { maxLength: 3 }),
      after: fc.array(fc.constantFrom('work', 'wait'), { maxLength: 2 }),
    });
    let begunAtOnce = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { maxLength: 8 }), async (batches) => {
        const own = subscription();
        await idle(own);
        const collector = another();
        const withheld = new Set<string>();
        const mayHear: MayHear = async (_, asked) => asked.map(({ event }) => !withheld.has(event.id));
        const expected: string[] = [];
        const doing: Promise<unknown>[] = [];

        const work = async () => {
          const [by, owner] = [another(), randomUUID()];
          const state = await by.lease(own.id, owner, 20_000);
          if (state === undefined) return by.nudge(own.id);
          const { waiting } = await by.look(own.id, state.takenTo);
          const { arrivals } = await by.number(own, mayHear, { state, waiting });
          const { isReleased } = await by.release(own.id, owner, { seen: arrivals, idleVersion: 1 });
          return isReleased || by.release(own.id, owner, {});
        };
        const does = {
          number: () => another().number(own, mayHear),
          work,
          change: () => another().redrive(own.id),
          wait: async () => void (await Promise.all(doing)),
        };
        for (const { arrived, ends, beside, after } of batches) {
          const some = arrived.map((each) => ({ ...each, signal: signal({ person: personOf(each.person) }) }));
          for (const each of some)
            if (each.withheld) withheld.add(each.signal.event.id);
            else expected.push(each.signal.event.id);
          doing.push(...beside.map((what) => does[what]()));
          const told = some.map((each) => each.signal);
          const owner = randomUUID();
          const begun = await collector.begin(own, told, mayHear, { owner, ms: 20_000 });
          if (begun === undefined) await collector.append(own.id, told);
          else if (begun.signals.length > 0) {
            begunAtOnce++;
            const progress = { ackedTo: begun.state.lastNumber, sentAt: nowMs };
            if (ends === 'rests')
              await collector.release(own.id, owner, { seen: begun.state.arrivals, idleVersion: 1, progress });
            if (ends === 'leaves') await collector.release(own.id, owner, { progress });
            if (ends === 'dies') nowMs += 60_000;
          }
          for (const what of after) await does[what]();
        }
        await Promise.all(doing);
        while ((await log.number(own, mayHear)).more);
        const found = await log.told(own.id, 1, 1000);
        expect(ids(found)).toEqual(expected);
        expect(found.map(({ number }) => number)).toEqual(expected.map((_, index) => index + 1));
        expect(await log.state(own.id)).toMatchObject({ lastNumber: expected.length });
      }),
      { numRuns: 40 },
    );
    // Else it would prove nothing.
    expect(begunAtOnce).toBeGreaterThan(10);
  });
});
