import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GIVEN_UP_MS } from '../../../functions/collect/at-once.ts';
import type { World } from '../../../functions/deliver/world.ts';
import type { Signal } from '../../../shared/signals/signal.ts';
import type { Subscription } from '../../../shared/signals/subscription.ts';
import { type Engine, startEngine } from '../../engine.ts';
import { interruptedClient } from '../deliver/dying.ts';
import { type Receiver, startReceiver } from '../deliver/world.ts';
import { personOf, signal } from '../signals/signals.ts';
import { Collecting } from './world.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

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

const everything = async (_: string, asked: readonly Signal[]) => asked.map(() => true);
const two = (person = 1) => [1, 2].map((sequence) => signal({ person: personOf(person), sequence })) as [Signal, Signal];
const ids = (...some: readonly Signal[]) => some.map(({ event }) => event.id);
const accepted = () => receiver.accepted.map(({ body }) => body.id);

async function letAllBeDone(id: string) {
  world.nowMs += MINUTE_MS;
  await world.wake(id);
  await world.letPass(DAY_MS, id);
}

describe('who asks for $events while somebody delivers', () => {
  /** Asks as soon as it is decided who may hear, so that what waits gets its numbers from another hand. */
  function askingMeanwhile(one: Subscription, then: () => Promise<unknown>): World {
    const deliver = world.world();
    let isAsked = false;
    const mayHear: World['mayHear'] = async (organisation, asked) => {
      if (!isAsked) {
        isAsked = true;
        await world.signals.number(one, everything);
        await then();
      }
      return deliver.mayHear(organisation, asked);
    };
    return { ...deliver, mayHear };
  }

  it('loses nothing that got its number so, though the next is told at once', async () => {
    const one = await world.idle(receiver.url);
    const [first, second] = two();
    await world.signals.append(one.id, [first]);
    await world.wake(
      one.id,
      askingMeanwhile(one, async () => {}),
    );
    await world.collect(one.id, [second]);
    await letAllBeDone(one.id);
    expect(accepted()).toEqual(ids(first, second));
  });

  it('loses nothing though more arrives in the same moment', async () => {
    const one = await world.idle(receiver.url);
    const [first, second] = two();
    await world.signals.append(one.id, [first]);
    await world.wake(
      one.id,
      askingMeanwhile(one, () => world.signals.append(one.id, [second])),
    );
    await letAllBeDone(one.id);
    expect(accepted()).toEqual(ids(first, second));
  });

  it('loses nothing that was put into the log and not counted', async () => {
    const one = await world.idle(receiver.url);
    const [first, second] = two();
    const dying = interruptedClient(engine, 'UpdateItemCommand', () => {
      throw new Error('the process has ended');
    });
    const unsure = { mayHear: () => Promise.reject(new Error('nobody can say')) };
    expect((await world.collector(dying, unsure)(one.id, [first])).batchItemFailures).toHaveLength(1);
    dying.destroy();
    await world.signals.number(one, everything);
    await world.collect(one.id, [first], 2);
    await world.collect(one.id, [second]);
    await letAllBeDone(one.id);
    expect(accepted()).toEqual(ids(first, second));
  });
});

describe('what was decided', () => {
  it('holds for a moment: nothing is told by it after a write that took long', async () => {
    const { id } = await world.idle(receiver.url);
    const one = signal();
    const slow = interruptedClient(engine, 'TransactWriteItemsCommand', () => {
      world.nowMs += 28_000;
      world.withheld.add(one.event.subject);
    });
    await world.collector(slow)(id, [one]);
    slow.destroy();
    await letAllBeDone(id);
    expect(receiver.attempts).toEqual([]);
  });
});

describe('who died while telling at once', () => {
  it('is followed by whoever is woken then, be their clock behind', async () => {
    const { id } = await world.idle(receiver.url);
    const broken = () => {
      throw new Error('a fault');
    };
    await world.collector(engine.client, { carrierOf: broken })(id, [signal()]);
    expect(world.wakes).toEqual([{ id, at: world.nowMs + GIVEN_UP_MS }]);
    world.nowMs += GIVEN_UP_MS;
    await world.wake(id, world.world(engine.client, -4_000));
    expect(receiver.accepted).toHaveLength(1);
  });
});

describe('who asks to be left alone', () => {
  it('is, though a signal of another person failed before', async () => {
    const { id } = await world.idle(receiver.url);
    const [first, second] = [signal({ person: personOf(1) }), signal({ person: personOf(2) })];
    receiver.answers = ({ body }, response) =>
      body.id === second.event.id ? response.writeHead(429, { 'retry-after': '600' }).end() : response.writeHead(500).end();
    await world.collect(id, [first, second]);
    await world.letPass(599_000, id);
    expect(receiver.attempts).toHaveLength(2);
  });
});

describe('what has waited for so long that it is no longer kept', () => {
  it('hides nothing that waits behind it, and nothing overtakes that', async () => {
    const { id } = await world.subscribe(receiver.url);
    for (let sequence = 0; sequence < 100; sequence++)
      await world.signals.append(id, [signal({ person: personOf(5), sequence })]);
    world.nowMs += 15 * DAY_MS;
    const [kept, newer] = two();
    await world.signals.append(id, [kept]);
    // The hundred have expired by now, and were not removed yet.
    world.nowMs += 16 * DAY_MS;
    await world.wake(id);
    await world.collect(id, [newer]);
    await letAllBeDone(id);
    expect(accepted()).toEqual(ids(kept, newer));
  });
});

describe('a subscription that was off', () => {
  it('misses nothing of what is announced once it is on again', async () => {
    const off = await world.subscribe(receiver.url, { status: 'off' });
    await world.collect(off.id, [signal()]);
    expect(await world.subscriptions.update({ ...off, status: 'active', version: 2 }, off)).toBe('kept');
    const next = signal();
    await world.collect(off.id, [next]);
    await letAllBeDone(off.id);
    expect(accepted()).toEqual(ids(next));
  });
});
