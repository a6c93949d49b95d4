import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Signal } from '../../../shared/signals/signal.ts';
import type { Subscription } from '../../../shared/signals/subscription.ts';
import { type Engine, startEngine } from '../../engine.ts';
import { forgetfulClient } from '../deliver/dying.ts';
import { type Receiver, startReceiver } from '../deliver/world.ts';
import { personOf, signal } from '../signals/signals.ts';
import { Collecting, expected, heard, numbersOf, oneEach } from './world.ts';

const MINUTE_MS = 60_000;

let engine: Engine;
let receiver: Receiver;
let world: Collecting;

beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  receiver = await startReceiver();
  world = new Collecting(engine);
});
afterEach(() => receiver.stop());

const signals = (count: number, persons = 3): Signal[] =>
  Array.from({ length: count }, (_, index) => signal({ person: personOf(index % persons), sequence: index + 1 }));

describe('what does not go through at once', () => {
  it.each([
    ['is refused but for a few', 500, 2, 0],
    ['is refused', 500, 0, 1_000],
    ['is asked to come slower', 429, 2, 1_000],
  ])('is left to deliver, with its number, where it %s', async (_what, status, taken, waitMs) => {
    const { id } = await world.idle(receiver.url);
    const arrived = signals(9, 3);
    receiver.answers = (_, response, attempt) => response.writeHead(attempt > taken ? status : 204).end();
    expect(await world.collect(id, arrived)).toEqual({ batchItemFailures: [] });
    const state = await world.signals.state(id);
    expect(state).toMatchObject({ lastNumber: 9, isSlow: false });
    expect(state.lease).toBeUndefined();
    expect(world.wakes).toEqual([{ id, at: world.nowMs + waitMs }]);
    receiver.answers = (_, response) => response.writeHead(204).end();
    await world.letPass(MINUTE_MS, id);
    expect(heard(receiver.accepted)).toEqual(expected(arrived));
    expect(numbersOf(receiver.attempts)).toEqual(oneEach(9));
    expect(await world.signals.status(id)).toMatchObject({ ackedTo: 9, retries: 0, dead: 0 });
    world.woken.length = 0;
    await world.collect(id, signals(1));
    expect(world.woken).toEqual([]);
    expect(receiver.accepted.at(-1)?.body.eventnumber).toBe(10);
  });

  it('begins nothing of a person after what failed', async () => {
    const { id } = await world.idle(receiver.url);
    const arrived = signals(6, 2);
    receiver.answers = ({ body }, response) => response.writeHead(body.subject === personOf(0) ? 500 : 204).end();
    await world.collect(id, arrived);
    const tried = receiver.attempts.filter(({ body }) => body.subject === personOf(0));
    expect(tried.map(({ body }) => body.id)).toEqual([arrived[0]!.event.id]);
    expect(await world.signals.status(id)).toMatchObject({ lastNumber: 6, ackedTo: 6, retries: 3 });
  });

  it('is left to deliver where it cannot be noted, and nothing is told at once before that', async () => {
    const { id } = await world.idle(receiver.url);
    const arrived = signals(4, 1);
    receiver.answers = (_, response, attempt) => response.writeHead(attempt === 1 ? 500 : 204).end();
    world.isQueueDown = true;
    const { batchItemFailures } = await world.collect(id, arrived.slice(0, 2));
    expect(batchItemFailures).toHaveLength(2);
    world.isQueueDown = false;
    await world.collect(id, arrived.slice(0, 2), 2);
    await world.collect(id, arrived.slice(2));
    expect(receiver.attempts).toHaveLength(1);
    await world.letPass(MINUTE_MS, id);
    expect(heard(receiver.accepted)).toEqual(expected(arrived));
    expect(numbersOf(receiver.accepted)).toEqual(oneEach(4));
    expect(receiver.accepted).toHaveLength(4);
  });

  it.each([
    ['was begun', 'TransactWriteItemsCommand'],
    ['was told', 'UpdateItemCommand'],
  ])('is looked after once nobody can be at work any more, where it is not known that it %s', async (_what, command) => {
    const { id } = await world.idle(receiver.url);
    const arrived = signals(6);
    const client = forgetfulClient(engine, command);
    const collect = world.collector(client);
    expect(await collect(id, arrived.slice(0, 4))).toEqual({ batchItemFailures: [] });
    expect(world.wakes).toEqual([{ id, at: world.nowMs + 30_000 }]);
    await collect(id, arrived.slice(4));
    await world.letPass(MINUTE_MS, id);
    expect(heard(receiver.accepted)).toEqual(expected(arrived));
    expect(numbersOf(receiver.accepted)).toEqual(oneEach(6));
    expect(receiver.accepted).toHaveLength(6);
    client.destroy();
  });

  it('waits, with what comes after it, for as long as the receiver asks', async () => {
    const { id } = await world.idle(receiver.url);
    receiver.answers = (_, response) => response.writeHead(429, { 'retry-after': '600' }).end();
    await world.collect(id, signals(1));
    await world.letPass(9 * MINUTE_MS, id);
    await world.collect(id, signals(1));
    await world.wake(id);
    expect(receiver.attempts).toHaveLength(1);
    receiver.answers = (_, response) => response.writeHead(204).end();
    await world.letPass(2 * MINUTE_MS, id);
    expect(numbersOf(receiver.accepted)).toEqual(oneEach(2));
  });
});

describe('a receiver that is gone', () => {
  it('has its subscription ended by deliver', async () => {
    const { id } = await world.idle(receiver.url);
    receiver.answers = (_, response) => response.writeHead(410).end();
    await world.collect(id, signals(3));
    // At once, not only when it would be tried again.
    await world.letPass(0, id);
    expect(world.ended).toEqual([expect.stringContaining('410')]);
    const tried = receiver.attempts.length;
    await world.collect(id, signals(3));
    await world.letPass(MINUTE_MS, id);
    expect(receiver.attempts).toHaveLength(tried);
  });
});

describe('a receiver that is slow', () => {
  /** How long an answer takes by the clock of the world. */
  const answersAfter = (ms: number) => {
    receiver.answers = (_, response) => {
      world.nowMs += ms;
      response.writeHead(204).end();
    };
  };

  it('is left to deliver, which waits longer, and not told at once until it is quick again', async () => {
    const { id } = await world.idle(receiver.url);
    const arrived = signals(4, 1);
    receiver.answers = () => {};
    world.answerMs = 100;
    await world.collect(id, arrived.slice(0, 2));
    world.answerMs = 5_000;
    expect(receiver.attempts).toHaveLength(1);
    expect(await world.signals.state(id)).toMatchObject({ lastNumber: 2, ackedTo: 0, isSlow: true });
    answersAfter(600);
    await world.letPass(MINUTE_MS, id);
    expect(receiver.accepted).toHaveLength(2);
    await world.collect(id, arrived.slice(2, 3));
    expect(receiver.accepted).toHaveLength(2);
    answersAfter(100);
    await world.letPass(MINUTE_MS, id);
    expect(receiver.accepted).toHaveLength(3);
    world.woken.length = 0;
    await world.collect(id, arrived.slice(3));
    expect(world.woken).toEqual([]);
    expect(heard(receiver.accepted)).toEqual(expected(arrived));
    expect(numbersOf(receiver.accepted)).toEqual(oneEach(4));
  });

  it('is not told at once the next time where it answers slowly, but before it is given up', async () => {
    const { id } = await world.idle(receiver.url);
    const [first, next] = signals(2, 1);
    answersAfter(600);
    await world.collect(id, [first!]);
    expect(world.woken).toEqual([]);
    expect(await world.signals.state(id)).toMatchObject({ ackedTo: 1, isSlow: true, lastSentAt: world.nowMs });
    await world.collect(id, [next!]);
    expect(receiver.attempts).toHaveLength(1);
    expect(world.woken).toEqual([id]);
  });
});

describe('a subscription that changes', () => {
  /** The next version, to another address. */
  const moved = (before: Subscription, endpoint: string): Subscription => ({
    ...before,
    version: before.version + 1,
    status: 'requested',
    channel: { ...before.channel, endpoint },
  });
  let other: Receiver;
  beforeEach(async () => {
    other = await startReceiver();
  });
  afterEach(() => other.stop());

  it('gets nothing at its old address, though it is still remembered', async () => {
    const before = await world.idle(receiver.url);
    await world.collect(before.id, signals(1));
    await world.subscriptions.update(moved(before, other.url), before);
    await world.collect(before.id, signals(1));
    await world.letPass(MINUTE_MS, before.id);
    expect(receiver.attempts).toHaveLength(1);
    expect(other.accepted.map(({ body }) => body.eventnumber)).toEqual([1, 2]);
  });

  it.each(['collect', 'deliver'] as const)('gets nothing at its old address once what %s has in flight is there', async (by) => {
    const before = await world.idle(receiver.url);
    await world.collect(before.id, signals(1));
    let changed: Promise<unknown> | undefined;
    receiver.answers = (_, response) => {
      changed ??= world.subscriptions.update(moved(before, other.url), before);
      void changed.then(() => response.writeHead(204).end());
    };
    if (by === 'collect') await world.collect(before.id, signals(1));
    else {
      await world.signals.append(before.id, signals(1));
      await world.wake(before.id);
    }
    await world.collect(before.id, signals(1));
    await world.letPass(MINUTE_MS, before.id);
    expect(receiver.attempts).toHaveLength(2);
    expect(other.accepted.at(-1)?.body.eventnumber).toBe(3);
  });

  it('is told nothing once it is off, or in error, though it is still remembered', async () => {
    for (const status of ['off', 'error'] as const) {
      const before = await world.idle(`${receiver.url}/${status}`);
      await world.collect(before.id, signals(1));
      const tried = receiver.attempts.length;
      await world.subscriptions.setStatus(before, { status, error: 'It failed.', at: new Date(world.nowMs).toISOString() });
      await world.collect(before.id, signals(1));
      expect(receiver.attempts).toHaveLength(tried);
    }
  });

  it('is told nothing once it is removed, be it remembered or not, and nothing of it is left but what expires', async () => {
    const before = await world.idle(receiver.url);
    await world.collect(before.id, signals(1));
    await world.subscriptions.remove(before);
    await world.collect(before.id, signals(1));
    await world.letPass(MINUTE_MS, before.id);
    world.nowMs += MINUTE_MS;
    await world.collect(before.id, signals(1));
    expect(receiver.attempts).toHaveLength(1);
    expect(await world.signals.state(before.id)).toMatchObject({ arrivals: 0, lastNumber: 0 });
  });
});
