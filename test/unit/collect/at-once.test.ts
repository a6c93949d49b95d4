import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Signal } from '../../../shared/signals/signal.ts';
import { keyed, keyOf, pack } from '../../../shared/store/signals/log/items.ts';
import { type Engine, startEngine } from '../../engine.ts';
import { type Receiver, startReceiver } from '../deliver/world.ts';
import { personOf, signal } from '../signals/signals.ts';
import { Collecting, expected, heard, numbersOf, oneEach } from './world.ts';

const MINUTE_MS = 60_000;
/** Nobody who died can have a lease after that. */
const GIVEN_UP_MS = 30_000;

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
const posted = () => receiver.attempts.map(({ body }) => body.id);
const ids = (some: readonly Signal[]) => some.map(({ event }) => event.id);

describe('who sleeps, with nothing left to do,', () => {
  it('is told at once, batch after batch, and nobody is woken for it', async () => {
    const { id } = await world.idle(receiver.url);
    const arrived = signals(24);
    for (let at = 0; at < 24; at += 8)
      expect(await world.collect(id, arrived.slice(at, at + 8))).toEqual({ batchItemFailures: [] });
    expect(posted()).toHaveLength(24);
    expect(heard(receiver.accepted)).toEqual(expected(arrived));
    expect(numbersOf(receiver.accepted)).toEqual(oneEach(24));
    expect(receiver.accepted.every(({ body, headers }) => headers['webhook-id'] === body.id)).toBe(true);
    const state = await world.signals.state(id);
    expect(state).toMatchObject({ lastNumber: 24, ackedTo: 24, lastSentAt: world.nowMs, takenTo: 0 });
    expect(state.lease).toBeUndefined();
    expect((await world.signals.look(id, 0)).waiting).toEqual([]);
    expect([...world.woken, ...world.wakes]).toEqual([]);
  });

  it('is told by whoever collects next too, though another process told the last', async () => {
    const { id } = await world.idle(receiver.url);
    const arrived = signals(12, 2);
    const collectors = [world.collector(), world.collector(), world.collector()];
    for (const [index, each] of arrived.entries()) await collectors[index % 3]!(id, [each]);
    expect(heard(receiver.accepted)).toEqual(expected(arrived));
    expect(numbersOf(receiver.accepted)).toEqual(oneEach(12));
    expect(world.wakes).toEqual([]);
  });

  it('hears by $events what it was told', async () => {
    const one = await world.idle(receiver.url);
    const arrived = signals(5);
    await world.collect(one.id, arrived);
    expect(ids(await world.signals.told(one.id, 1, 10))).toEqual(ids(arrived));
  });

  it('gets no number for what it may not hear, and nothing at all is written where that is all', async () => {
    const { id } = await world.idle(receiver.url);
    const [first, hidden, second] = signals(3);
    world.withheld.add(hidden!.event.id);
    const before = await world.signals.state(id);
    await world.collect(id, [hidden!]);
    expect(await world.signals.state(id)).toEqual(before);
    expect((await world.signals.look(id, 0)).waiting).toEqual([]);
    await world.collect(id, [first!, hidden!, second!]);
    expect(receiver.accepted.map(({ body }) => [body.id, body.eventnumber]).sort((a, b) => Number(a[1]) - Number(b[1]))).toEqual([
      [first!.event.id, 1],
      [second!.event.id, 2],
    ]);
    expect(world.wakes).toEqual([]);
  });

  it('is told an event once, though it comes twice, together or later; what is replayed is told again', async () => {
    const { id } = await world.idle(receiver.url);
    const [once, next] = signals(2);
    await world.collect(id, [once!, once!]);
    await world.collect(id, [once!]);
    await world.collector()(id, [once!, next!]);
    expect(posted()).toEqual([once!.event.id, next!.event.id]);
    await world.collect(id, [{ ...once!, replay: 'march' }]);
    expect(receiver.accepted.map(({ body }) => body.eventnumber)).toEqual([1, 2, 3]);
  });

  it('has its heartbeat put off, with one wake on its way', async () => {
    const { id } = await world.idle(receiver.url, { heartbeatSeconds: 60 });
    receiver.accepted.length = 0;
    for (const each of signals(5)) {
      world.nowMs += 1_000;
      await world.collect(id, [each]);
    }
    expect((await world.signals.state(id)).dueAt).toBe(world.nowMs + MINUTE_MS);
    expect(world.wakes).toHaveLength(1);
    await world.letPass(1.5 * MINUTE_MS, id);
    expect(receiver.accepted.slice(5).map(({ body }) => body.type)).toEqual(['uk.chesil.heartbeat.1']);
  });
});

describe('who is not to be told at once', () => {
  it.each([
    ['has not shaken hands', { status: 'requested' as const }],
    ['is in error', { status: 'error' as const, error: 'It failed.' }],
    ['has failed, but not long', { error: 'It failed.' }],
    ['wants so many a second', { ratePerSecond: 5 }],
    ['has ended', { end: '2026-03-01T09:00:00Z' }],
  ])('is woken where it %s', async (_why, told) => {
    const one = await world.subscribe(receiver.url, told);
    // As if nothing were left, so that it is its standing alone that keeps it from being told.
    await world.signals.lease(one.id, 'a', 1_000);
    await world.signals.release(one.id, 'a', { seen: 0, idleVersion: one.version });
    await world.collect(one.id, signals(2));
    expect(receiver.attempts).toEqual([]);
    expect((await world.signals.look(one.id, 0)).waiting).toHaveLength(1);
    expect(world.woken).toEqual([one.id]);
  });

  it('is woken where the settings do not allow its endpoint', async () => {
    const { id } = await world.idle(receiver.url);
    world.isAgreed = false;
    await world.collect(id, signals(1));
    expect(receiver.attempts).toEqual([]);
    expect(world.woken).toEqual([id]);
  });

  it('shakes hands first, hears what came before by deliver, and what comes after at once', async () => {
    const { id } = await world.subscribe(receiver.url, { status: 'requested' });
    const arrived = signals(4, 1);
    await world.collect(id, arrived.slice(0, 2));
    await world.letPass(MINUTE_MS, id);
    expect(receiver.accepted.map(({ body }) => body.eventnumber)).toEqual([0, 1, 2]);
    world.woken.length = 0;
    await world.collect(id, arrived.slice(2));
    expect(world.woken).toEqual([]);
    expect(heard(receiver.accepted)).toEqual(expected(arrived));
  });

  it('is told later while nobody can say who may hear', async () => {
    const { id } = await world.idle(receiver.url);
    world.mayBeKnown = false;
    await world.collect(id, signals(2));
    expect(receiver.attempts).toEqual([]);
    expect(await world.signals.state(id)).toMatchObject({ lastNumber: 0 });
    expect(world.woken).toEqual([id]);
    world.mayBeKnown = true;
    await world.letPass(MINUTE_MS, id);
    expect(numbersOf(receiver.accepted)).toEqual(oneEach(2));
  });

  it('is looked after, when messages are handed over again, once nobody can be at work any more', async () => {
    const { id } = await world.idle(receiver.url);
    await world.signals.lease(id, 'dead', 20_000);
    await world.collect(id, signals(1), 2);
    expect(world.wakes).toEqual([{ id, at: world.nowMs + GIVEN_UP_MS }]);
    await world.letPass(MINUTE_MS, id);
    expect(numbersOf(receiver.accepted)).toEqual(oneEach(1));
  });
});

describe('what comes before', () => {
  it('is told before, where it was put into the log and not counted', async () => {
    const { id } = await world.idle(receiver.url);
    const arrived = signals(3, 1);
    const { client, table } = { client: engine.client, table: engine.signalsTable };
    await client.send(
      new PutItemCommand({ TableName: table, Item: { ...keyOf(id, keyed('pending', 1)), signals: pack(arrived.slice(0, 2)) } }),
    );
    await world.collect(id, arrived, 2);
    expect(receiver.attempts).toEqual([]);
    await world.letPass(MINUTE_MS, id);
    expect(posted()).toEqual(ids(arrived));
    expect(numbersOf(receiver.attempts)).toEqual(oneEach(3));
  });

  it('is told before, where something waits already', async () => {
    const { id } = await world.idle(receiver.url);
    const arrived = signals(6, 2);
    await world.signals.append(id, arrived.slice(0, 3));
    await world.collect(id, arrived.slice(3));
    expect(receiver.attempts).toEqual([]);
    await world.letPass(MINUTE_MS, id);
    expect(heard(receiver.accepted)).toEqual(expected(arrived));
    expect(numbersOf(receiver.accepted)).toEqual(oneEach(6));
  });

  it('is told before, where somebody is at work', async () => {
    const { id } = await world.idle(receiver.url);
    const arrived = signals(60, 4);
    let collected: Promise<unknown> | undefined;
    receiver.answers = (_, response) => {
      collected ??= world.collect(id, arrived.slice(50));
      void collected.then(() => response.writeHead(204).end());
    };
    for (let at = 0; at < 50; at += 10) await world.signals.append(id, arrived.slice(at, at + 10));
    await world.wake(id);
    expect(world.woken).toEqual([]);
    expect(heard(receiver.accepted)).toEqual(expected(arrived));
    expect(numbersOf(receiver.accepted)).toEqual(oneEach(60));
  });

  it('is told before, where it was put aside to be sent again', async () => {
    const { id } = await world.idle(receiver.url);
    const [bad, other, behind] = [signal(), signal({ person: personOf(2) }), signal({ sequence: 2 })];
    receiver.answers = ({ body }, response) => response.writeHead(body.id === bad.event.id ? 500 : 204).end();
    await world.collect(id, [bad, other]);
    await world.wake(id);
    expect(await world.signals.status(id)).toMatchObject({ retries: 1 });
    const tried = receiver.attempts.length;
    await world.collect(id, [behind]);
    expect(receiver.attempts).toHaveLength(tried);
    receiver.answers = (_, response) => response.writeHead(204).end();
    await world.letPass(MINUTE_MS, id);
    expect(receiver.accepted.map(({ body }) => body.id).filter((each) => each !== other.event.id)).toEqual(ids([bad, behind]));
  });

  it('is told before, where it was given up and is driven again', async () => {
    const { id } = await world.idle(receiver.url);
    const [dead, next] = signals(2, 1);
    await world.signals.giveUp(id, { signal: { ...dead!, number: 1 }, attempts: 9, since: world.nowMs });
    await world.signals.redrive(id);
    await world.collect(id, [next!]);
    expect(receiver.attempts).toEqual([]);
    await world.letPass(MINUTE_MS, id);
    expect(posted()).toEqual(ids([dead!, next!]));
  });

  it('is told before, where it is driven again while others are told at once', async () => {
    const { id } = await world.idle(receiver.url);
    const [dead, now, next] = signals(3, 1);
    await world.signals.giveUp(id, { signal: { ...dead!, number: 1 }, attempts: 9, since: world.nowMs });
    receiver.answers = (_, response) => void world.signals.redrive(id).then(() => response.writeHead(204).end());
    await world.collect(id, [now!]);
    receiver.answers = (_, response) => response.writeHead(204).end();
    await world.collect(id, [next!]);
    await world.letPass(MINUTE_MS, id);
    expect(posted()).toEqual(ids([now!, dead!, next!]));
  });
});
