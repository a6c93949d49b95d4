import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Signal } from '../../../shared/signals/signal.ts';
import { type Engine, startEngine } from '../../engine.ts';
import { personOf, signal } from '../signals/signals.ts';
import { Delivering, type Received, type Receiver, startReceiver } from './world.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

let engine: Engine;
let receiver: Receiver;
let deliver: Delivering;

beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  receiver = await startReceiver();
  deliver = new Delivering(engine);
});
afterEach(() => receiver.stop());

const signals = (count: number, persons = 3): Signal[] =>
  Array.from({ length: count }, (_, index) => signal({ person: personOf(index % persons), sequence: index + 1 }));

async function append(id: string, arrived: readonly Signal[]) {
  for (let at = 0; at < arrived.length; at += 10) await deliver.signals.append(id, arrived.slice(at, at + 10));
}

/** Ids by person, as they came, an id that came again left out. */
function byPerson(some: readonly { readonly id: string; readonly subject?: string }[]) {
  const lanes: Record<string, string[]> = {};
  const seen = new Set<string>();
  for (const { id, subject = '' } of some) {
    if (seen.has(id)) continue;
    seen.add(id);
    lanes[subject] = [...(lanes[subject] ?? []), id];
  }
  return lanes;
}
const heard = (received: readonly Received[]) => byPerson(received.map(({ body }) => body).filter(({ subject }) => subject));
const expected = (some: readonly Signal[]) => byPerson(some.map(({ event }) => event));

describe('deliver', () => {
  it('posts what waits, in order of each person, numbered and signed, then sleeps', async () => {
    const { id } = await deliver.subscribe(receiver.url);
    const arrived = signals(25);
    await append(id, arrived);
    expect(await deliver.wake(id)).toEqual({ batchItemFailures: [] });
    expect(heard(receiver.accepted)).toEqual(expected(arrived));
    expect(receiver.accepted.map(({ body }) => body.eventnumber).sort((a, b) => a - b)).toEqual(
      arrived.map((_, index) => index + 1),
    );
    const [first] = receiver.accepted;
    expect(first!.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': first!.body.id,
      'chesil-subscription': id,
      'chesil-event-number': String(first!.body.eventnumber),
    });
    expect(JSON.stringify(receiver.accepted.map(({ body }) => body))).not.toContain('audience');
    const state = await deliver.signals.state(id);
    expect(state).toMatchObject({ ackedTo: 25, lastNumber: 25 });
    expect(state.lease).toBeUndefined();
  });

  it('shakes hands before it sends anything, and sends what has waited afterwards', async () => {
    const { id } = await deliver.subscribe(receiver.url, { status: 'requested' });
    await append(id, signals(2));
    receiver.answers = (_, response) => response.writeHead(500).end();
    await deliver.wake(id);
    expect(receiver.attempts.map(({ body }) => body.type)).toEqual(['uk.chesil.handshake.1']);
    expect((await deliver.subscriptions.read(id))?.status).toBe('requested');
    receiver.answers = (_, response) => response.writeHead(200).end();
    await deliver.letPass(MINUTE_MS, id);
    expect(receiver.accepted.map(({ body }) => body.eventnumber)).toEqual([0, 1, 2]);
    expect((await deliver.subscriptions.read(id))?.status).toBe('active');
  });

  it('gives a subscriber who was away for two days everything, in order of each person', async () => {
    const { id } = await deliver.subscribe(receiver.url);
    receiver.answers = (_, response) => void response.destroy();
    const arrived = signals(150, 7);
    await append(id, arrived.slice(0, 50));
    await deliver.wake(id);
    await deliver.letPass(DAY_MS, id);
    await append(id, arrived.slice(50));
    await deliver.letPass(DAY_MS, id);
    expect((await deliver.subscriptions.read(id))?.status).toBe('error');
    receiver.answers = (_, response) => response.writeHead(204).end();
    await deliver.letPass(61 * MINUTE_MS, id);
    expect(heard(receiver.accepted)).toEqual(expected(arrived));
    expect(receiver.accepted).toHaveLength(150);
    expect((await deliver.subscriptions.read(id))?.status).toBe('active');
    expect(deliver.ended).toEqual([]);
  });

  it('puts a subscription off after three days of failing, and goes on once its owner asks for it again', async () => {
    const { id } = await deliver.subscribe(receiver.url);
    receiver.answers = (_, response) => response.writeHead(503).end();
    await append(id, signals(3));
    await deliver.wake(id);
    await deliver.letPass(3.1 * DAY_MS, id);
    const off = await deliver.subscriptions.read(id);
    expect(off).toMatchObject({ status: 'off', error: expect.stringContaining('three days') });
    expect(deliver.ended).toHaveLength(1);
    const tried = receiver.attempts.length;
    await deliver.wake(id);
    expect(receiver.attempts).toHaveLength(tried);
    await deliver.subscriptions.setStatus(off!, { status: 'requested', at: new Date(deliver.nowMs).toISOString() });
    await deliver.wake(id);
    expect(receiver.attempts.length).toBeGreaterThan(tried);
    expect((await deliver.subscriptions.read(id))?.status).toBe('requested');
    receiver.answers = (_, response) => response.writeHead(204).end();
    await deliver.letPass(MINUTE_MS, id);
    expect(receiver.accepted.map(({ body }) => body.eventnumber).sort()).toEqual([1, 2, 3, 3]);
  });

  it('goes on with others while every third is answered with 500, and ends with everything in order of each person', async () => {
    const { id } = await deliver.subscribe(receiver.url);
    receiver.answers = (_, response, attempt) => response.writeHead(attempt % 3 === 0 ? 500 : 204).end();
    const arrived = signals(120, 11);
    await append(id, arrived);
    await deliver.wake(id);
    await deliver.letPass(DAY_MS, id);
    expect(heard(receiver.accepted)).toEqual(expected(arrived));
    expect(receiver.accepted).toHaveLength(120);
    expect(await deliver.signals.status(id)).toMatchObject({ retries: 0, dead: 0, ackedTo: 120 });
  });

  it('makes a dead letter of what fails by itself for three days, lets its person go on, and drives it again by command', async () => {
    const { id } = await deliver.subscribe(receiver.url);
    const arrived = [signal({ person: personOf(1) }), signal({ person: personOf(1), sequence: 2 }), ...signals(3, 3)];
    const bad = arrived[0]!.event.id;
    receiver.answers = ({ body }, response) => response.writeHead(body.id === bad ? 422 : 204).end();
    await append(id, arrived);
    await deliver.wake(id);
    await deliver.letPass(2 * DAY_MS, id);
    expect(receiver.accepted.map(({ body }) => body.id)).not.toContain(arrived[1]!.event.id);
    await deliver.letPass(1.2 * DAY_MS, id);
    expect(receiver.accepted.map(({ body }) => body.id)).toContain(arrived[1]!.event.id);
    expect((await deliver.signals.dead(id)).map((letter) => [letter.signal.event.id, letter.code])).toEqual([[bad, 'refused']]);
    expect((await deliver.subscriptions.read(id))?.status).toBe('active');
    receiver.answers = (_, response) => response.writeHead(204).end();
    await deliver.signals.redrive(id);
    await deliver.wake(id);
    expect(receiver.accepted.at(-1)?.body.id).toBe(bad);
  });

  it('does not send what may not be heard any more, be it queued, numbered or put aside', async () => {
    const { id } = await deliver.subscribe(receiver.url);
    receiver.answers = ({ body }, response) => response.writeHead(body.subject === personOf(0) ? 500 : 204).end();
    await append(id, signals(6, 2));
    await deliver.wake(id);
    deliver.withheld.add(personOf(0));
    await append(id, signals(4, 2));
    await deliver.letPass(DAY_MS, id);
    const sent = receiver.attempts.filter(({ body }) => body.subject === personOf(0)).length;
    expect(sent).toBe(1);
    expect(receiver.accepted).toHaveLength(5);
    expect(receiver.accepted.map(({ body }) => body.eventnumber).at(-1)).toBe(8);
    expect(await deliver.signals.status(id)).toMatchObject({ retries: 0, dead: 0 });
  });

  it('does not send what was put aside and falls due while others are asked about, before it is asked about too', async () => {
    const { id } = await deliver.subscribe(receiver.url);
    receiver.answers = ({ body }, response) => response.writeHead(body.subject === personOf(0) ? 500 : 204).end();
    await append(id, signals(2, 2));
    await deliver.wake(id);
    receiver.answers = (_, response) => response.writeHead(204).end();
    deliver.withheld.add(personOf(0));
    await append(id, [signal({ person: personOf(1), sequence: 9 })]);
    const world = deliver.world();
    const slowly: typeof world.mayHear = async (organisation, asked) => {
      const may = await world.mayHear(organisation, asked);
      deliver.nowMs += MINUTE_MS / 3;
      return may;
    };
    await deliver.wake(id, { ...world, mayHear: slowly });
    expect(receiver.accepted.map(({ body }) => body.subject)).toEqual([personOf(1), personOf(1)]);
  });

  it('asks again about what has waited behind a slow receiver since it was decided', async () => {
    const { id } = await deliver.subscribe(receiver.url, { ratePerSecond: 1 });
    receiver.answers = (_, response) => {
      if (receiver.accepted.length === 7) deliver.withheld.add(personOf(0));
      response.writeHead(204).end();
    };
    await append(id, signals(30, 1));
    await deliver.wake(id);
    expect(receiver.accepted.length).toBeLessThan(15);
  });

  it('sends nothing while nobody can say who may hear, and asks again', async () => {
    const { id } = await deliver.subscribe(receiver.url);
    await append(id, signals(2));
    deliver.mayBeKnown = false;
    await deliver.wake(id);
    expect(receiver.attempts).toEqual([]);
    deliver.mayBeKnown = true;
    await deliver.letPass(MINUTE_MS, id);
    expect(receiver.accepted).toHaveLength(2);
  });

  it('waits as long as the receiver asks, up to an hour', async () => {
    const { id } = await deliver.subscribe(receiver.url);
    receiver.answers = (_, response) => response.writeHead(429, { 'retry-after': '600' }).end();
    await append(id, signals(1));
    await deliver.wake(id);
    expect((await deliver.signals.state(id)).nextAttemptAt).toBe(deliver.nowMs + 600_000);
  });

  it('keeps to the rate that its owner has set', async () => {
    const { id } = await deliver.subscribe(receiver.url, { ratePerSecond: 5 });
    await append(id, signals(20, 20));
    const begun = deliver.nowMs;
    await deliver.wake(id);
    expect(receiver.accepted).toHaveLength(20);
    expect(deliver.nowMs - begun).toBeGreaterThanOrEqual(3_800);
  });

  it('beats when nothing was sent for as long as its owner wants, and uses no number for it', async () => {
    const { id } = await deliver.subscribe(receiver.url, { heartbeatSeconds: 60 });
    await append(id, signals(1));
    await deliver.wake(id);
    await deliver.letPass(2.5 * MINUTE_MS, id);
    expect(receiver.accepted.map(({ body }) => [body.type, body.eventnumber])).toEqual([
      ['uk.chesil.admitted.1', 1],
      ['uk.chesil.heartbeat.1', 1],
      ['uk.chesil.heartbeat.1', 1],
    ]);
  });

  it('stops in time, wakes itself, and goes on where it was', async () => {
    const { id } = await deliver.subscribe(receiver.url, { ratePerSecond: 1 });
    await append(id, signals(20, 20));
    await deliver.wake(id, deliver.world(), 40_000);
    expect(receiver.accepted.length).toBeLessThan(10);
    expect(deliver.wakes).toEqual([{ id, at: deliver.nowMs }]);
    await deliver.letPass(MINUTE_MS, id);
    expect(receiver.accepted.map(({ body }) => body.eventnumber)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it('measures what was accepted, how long it took since the contribution, and what failed', async () => {
    const { id } = await deliver.subscribe(receiver.url);
    receiver.answers = (_, response, attempt) => response.writeHead(attempt === 2 ? 500 : 204).end();
    await append(id, signals(3, 3));
    deliver.nowMs += 700;
    await deliver.wake(id);
    expect(deliver.measured).toEqual({
      signalsDelivered: [2],
      deliveryFailed: [1],
      contributionToDeliveryMs: [700, 700],
      oldestUndeliveredMs: [650],
    });
    expect(deliver.lines.join()).not.toContain(personOf(0));
    expect(deliver.lines.join()).not.toContain(receiver.url);
  });
});
