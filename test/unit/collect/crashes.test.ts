import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, startEngine } from '../../engine.ts';
import { dyingClient } from '../deliver/dying.ts';
import { startReceiver } from '../deliver/world.ts';
import { personOf, signal } from '../signals/signals.ts';
import { Collecting, expected, heard, numbersOf, oneEach } from './world.ts';

const DAY_MS = 86_400_000;

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.stop());

/** After which call it dies, and whether that call is lost on the way, or its answer is. */
const ends = Array.from({ length: 7 }, (_, calls) => calls + 1).flatMap((calls) => [
  { calls, before: true },
  { calls, before: false },
]);

describe('a crash between any two effects of collect', () => {
  it.each([
    { while: 'all goes well', failing: 0, known: true, againMs: 30_000 },
    { while: 'the receiver fails for a moment', failing: 3, known: true, againMs: 30_000 },
    {
      while: 'the receiver fails, and the queue hands over again before the lease has ended',
      failing: 3,
      known: true,
      againMs: 5_000,
    },
    { while: 'nothing gets through', failing: 12, known: true, againMs: 30_000 },
    { while: 'nobody can say who may hear', failing: 0, known: false, againMs: 30_000 },
  ])('loses nothing, keeps each person’s order and tells nothing under two numbers, while $while', async (given) => {
    for (const { calls, before } of ends) {
      const world = new Collecting(engine);
      const receiver = await startReceiver();
      receiver.answers = (_, response, attempt) => response.writeHead(attempt <= given.failing ? 500 : 204).end();
      const { id } = await world.idle(receiver.url);
      const arrived = Array.from({ length: 80 }, (_, index) => signal({ person: personOf(index % 4), sequence: index }));
      const hidden = signal({ person: personOf(0) });
      world.withheld.add(hidden.event.id);
      const first = [...arrived.slice(0, 4), hidden, ...arrived.slice(4, 8)];
      world.mayBeKnown = given.known;
      const dying = dyingClient(engine, calls, before);
      await world
        .collector(dying)(id, first)
        .catch(() => undefined);
      dying.destroy();
      world.mayBeKnown = true;
      // Who is dead wakes nobody, and the queue hands everything over again.
      world.wakes.length = 0;
      world.nowMs += given.againMs;
      const collect = world.collector();
      await collect(id, first, 2);
      await world.letPass(60_000, id);
      // More than is remembered of what was told, so that nothing left behind is found by chance.
      for (let at = 8; at < 80; at += 8) await collect(id, arrived.slice(at, at + 8));
      await world.wake(id);
      await world.letPass(DAY_MS, id);
      const where = `after ${calls} calls, ${before ? 'before' : 'after'} the last`;
      expect(heard(receiver.accepted), where).toEqual(expected(arrived));
      expect(numbersOf(receiver.attempts), where).toEqual(oneEach(80));
      expect(await world.signals.status(id), where).toMatchObject({ ackedTo: 80, retries: 0, dead: 0 });
      await receiver.stop();
    }
  });
});
