import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { holdOn } from '../../../functions/deliver/holding.ts';
import { type Engine, startEngine } from '../../engine.ts';
import { personOf, signal } from '../signals/signals.ts';
import { Delivering, type Receiver, startReceiver } from './world.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

let engine: Engine;
let receiver: Receiver;
let deliver: Delivering;
/** Seconds after the beginning at which something was sent. */
let at: number[];

beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  receiver = await startReceiver();
  deliver = new Delivering(engine);
  const begun = deliver.nowMs;
  at = [];
  receiver.answers = (_, response) => {
    at.push((deliver.nowMs - begun) / SECOND_MS);
    response.writeHead(204).end();
  };
});
afterEach(() => receiver.stop());

/** Lets the clock go on with nobody but the queue to wake: whoever tends is not there. */
async function letQueueWake(ms: number, id: string): Promise<void> {
  const until = deliver.nowMs + ms;
  for (;;) {
    const [next] = deliver.wakes.sort((one, other) => one.at - other.at);
    if (next === undefined || next.at > until) break;
    deliver.wakes.shift();
    deliver.nowMs = Math.max(deliver.nowMs, next.at);
    await deliver.wake(id);
  }
  deliver.nowMs = until;
}

describe('who sleeps until something is due', () => {
  it('is woken in time though what was due is put off again', async () => {
    const { id } = await deliver.subscribe(receiver.url, { heartbeatSeconds: 60 });
    await deliver.signals.append(id, [signal()]);
    await deliver.wake(id);
    await letQueueWake(10 * SECOND_MS, id);
    await deliver.signals.append(id, [signal({ sequence: 2 })]);
    await deliver.wake(id);
    await letQueueWake(125 * SECOND_MS, id);
    expect(at).toEqual([0, 10, 70, 130]);
  });

  it('is woken in time though it is later than a message of the queue can wait', async () => {
    const { id } = await deliver.subscribe(receiver.url, { heartbeatSeconds: 3_600 });
    await deliver.signals.append(id, [signal()]);
    await deliver.wake(id);
    await letQueueWake(2.5 * HOUR_MS, id);
    expect(at).toEqual([0, 3_600, 7_200]);
  });

  it('has one message on its way, however much is sent meanwhile', async () => {
    const { id } = await deliver.subscribe(receiver.url, { heartbeatSeconds: 60 });
    for (let sequence = 1; sequence <= 30; sequence++) {
      await deliver.signals.append(id, [signal({ sequence })]);
      await deliver.wake(id);
      await letQueueWake(SECOND_MS, id);
    }
    expect(deliver.wakes).toHaveLength(1);
  });

  it('has one message on its way, however often it is woken while nobody can say who may hear', async () => {
    const { id } = await deliver.subscribe(receiver.url);
    deliver.mayBeKnown = false;
    for (let sequence = 1; sequence <= 30; sequence++) {
      await deliver.signals.append(id, [signal({ person: personOf(sequence) })]);
      await deliver.wake(id);
    }
    expect(deliver.wakes).toHaveLength(1);
    deliver.mayBeKnown = true;
    await letQueueWake(10 * SECOND_MS, id);
    expect(at).toEqual(Array.from({ length: 30 }, () => 10));
  });
});

describe('who died at work', () => {
  it('is followed as soon as nobody can have the lease any more, where the queue hands the wake over again', async () => {
    const { id } = await deliver.subscribe(receiver.url);
    await deliver.signals.append(id, [signal()]);
    await deliver.signals.lease(id, 'dead', 60_000);
    await letQueueWake(10 * SECOND_MS, id);
    await deliver.wake(id, deliver.world(), 180_000, 2);
    await letQueueWake(100 * SECOND_MS, id);
    expect(at).toEqual([65]);
  });
});

describe('who is at work', () => {
  it('keeps the lease for as long as it takes, and begins no call once somebody else has it', async () => {
    const { id } = await deliver.subscribe(receiver.url);
    const world = deliver.world();
    await deliver.signals.lease(id, 'slow', 20_000);
    const holding = holdOn(world, id, 'slow', 5);
    deliver.nowMs += 15_000;
    await vi.waitFor(async () => expect((await deliver.signals.state(id)).lease?.until).toBe(deliver.nowMs + 20_000));
    expect(holding.isHeld()).toBe(true);
    expect((await deliver.signals.release(id, 'slow', {})).isReleased).toBe(true);
    await deliver.signals.lease(id, 'other', 20_000);
    await vi.waitFor(() => expect(holding.isHeld()).toBe(false));
    holding.letGo();
    expect((await deliver.signals.state(id)).lease?.owner).toBe('other');
  });
});

describe('failing', () => {
  it('is over once nothing is left that could fail: the next failure is the first', async () => {
    const { id } = await deliver.subscribe(receiver.url);
    receiver.answers = (_, response) => response.writeHead(500).end();
    await deliver.signals.append(id, [signal()]);
    await deliver.wake(id);
    deliver.withheld.add(personOf(1));
    await letQueueWake(100 * HOUR_MS, id);
    await deliver.signals.append(id, [signal({ person: personOf(2) })]);
    await deliver.wake(id);
    expect(deliver.ended).toEqual([]);
    expect(await deliver.signals.state(id)).toMatchObject({ attempts: 1, failingSince: deliver.nowMs });
  });
});

describe('a receiver that wants fewer', () => {
  it('is left alone for as long as it asks, and then gets the rest in order of each person', async () => {
    const { id } = await deliver.subscribe(receiver.url);
    const arrived = Array.from({ length: 60 }, (_, index) => signal({ person: personOf(index % 30), sequence: index }));
    for (let first = 0; first < 60; first += 10) await deliver.signals.append(id, arrived.slice(first, first + 10));
    const begun = deliver.nowMs;
    const taken = new Map<number, number>();
    receiver.answers = (_, response) => {
      const minute = Math.floor((deliver.nowMs - begun) / (60 * SECOND_MS));
      taken.set(minute, (taken.get(minute) ?? 0) + 1);
      at.push(minute);
      if (taken.get(minute)! <= 20) response.writeHead(204).end();
      else response.writeHead(429, { 'retry-after': '60' }).end();
    };
    await deliver.wake(id);
    // Those that were under way when it said so.
    expect(at.length).toBeLessThanOrEqual(20 + 8);
    await letQueueWake(4 * 60 * SECOND_MS, id);
    expect([...taken.values()].every((count) => count <= 20 + 8)).toBe(true);
    for (let person = 0; person < 30; person++)
      expect(receiver.accepted.map(({ body }) => body).filter(({ subject }) => subject === personOf(person))).toMatchObject([
        { id: arrived[person]!.event.id },
        { id: arrived[person + 30]!.event.id },
      ]);
    expect((await deliver.subscriptions.read(id))?.status).toBe('active');
  });
});

describe('what may be told', () => {
  it('is found at once behind ever so much that may not', async () => {
    const { id } = await deliver.subscribe(receiver.url);
    deliver.withheld.add(personOf(1));
    for (let first = 0; first < 25; first++)
      await deliver.signals.append(
        id,
        Array.from({ length: 10 }, () => signal()),
      );
    await deliver.signals.append(id, [signal({ person: personOf(2) })]);
    await deliver.wake(id);
    expect(receiver.accepted.map(({ body }) => [body.subject, body.eventnumber])).toEqual([[personOf(2), 1]]);
  });
});
