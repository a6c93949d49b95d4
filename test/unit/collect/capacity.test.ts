import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Engine, startEngine } from '../../engine.ts';
import { type Receiver, startReceiver } from '../deliver/world.ts';
import { personOf, signal } from '../signals/signals.ts';
import { meteredClient } from '../store/world.ts';
import { Collecting } from './world.ts';

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

/** Promised in docs/capacity.md, beside what reading the record takes. */
describe('what a signal costs', () => {
  it('that comes alone and is told at once: two requests and five write units', async () => {
    const { id } = await world.idle(receiver.url);
    const { client, used } = meteredClient(engine);
    const collect = world.collector(client);
    await collect(id, [signal({ sequence: 1 })]);
    const first = { ...used };
    await collect(id, [signal({ sequence: 2 })]);
    expect(receiver.accepted).toHaveLength(2);
    // The first time the subscription and its state are read.
    expect(first).toEqual({ requests: 4, readUnits: 2, writeUnits: 5 });
    expect({ requests: used.requests - 4, readUnits: used.readUnits - 2, writeUnits: used.writeUnits - 5 }).toEqual({
      requests: 2,
      readUnits: 0,
      writeUnits: 5,
    });
  });

  it('that goes through the log: eight write units', async () => {
    const { id } = await world.idle(receiver.url);
    const { client, used } = meteredClient(engine);
    const log = world.world(client);
    await log.signals.append(id, [signal()]);
    await world.wake(id, log);
    expect(receiver.accepted).toHaveLength(1);
    expect(used.writeUnits).toBe(8);
    expect(used.readUnits).toBeLessThanOrEqual(3);
  });

  it('that comes with nine others of other persons: less than one', async () => {
    const { id } = await world.idle(receiver.url);
    const { client, used } = meteredClient(engine);
    const arrived = Array.from({ length: 10 }, (_, index) => signal({ person: personOf(index), sequence: index }));
    await world.collector(client)(id, arrived);
    expect(receiver.accepted).toHaveLength(10);
    expect(used.writeUnits / 10).toBeLessThan(1);
  });
});
