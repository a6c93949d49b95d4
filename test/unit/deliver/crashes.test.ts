import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, startEngine } from '../../engine.ts';
import { personOf, signal } from '../signals/signals.ts';
import { dyingClient } from './dying.ts';
import { Delivering, startReceiver } from './world.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.stop());

describe('a crash between any two effects of deliver', () => {
  it('loses nothing, keeps each person’s order, and doubles an event only with its own id', async () => {
    const ends = Array.from({ length: 14 }, (_, calls) => [calls + 1, true] as const).flatMap(([calls]) => [
      [calls, true] as const,
      [calls, false] as const,
    ]);
    for (const [calls, before] of ends) {
      const deliver = new Delivering(engine);
      const receiver = await startReceiver();
      const { id } = await deliver.subscribe(receiver.url);
      const arrived = Array.from({ length: 12 }, (_, index) => signal({ person: personOf(index % 4), sequence: index }));
      const bad = arrived[1]!.event.id;
      receiver.answers = ({ body }, response, attempt) => response.writeHead(body.id === bad && attempt < 20 ? 500 : 204).end();
      await deliver.signals.append(id, arrived.slice(0, 6));
      await deliver.signals.append(id, arrived.slice(6));
      const dying = dyingClient(engine, calls, before);
      await deliver.wake(id, deliver.world(dying)).catch(() => undefined);
      dying.destroy();
      // The queue hands the wake over again once nobody can have the lease any more.
      deliver.nowMs += 120_000;
      await deliver.wake(id);
      await deliver.letPass(86_400_000, id);
      const firsts = new Map<string, string[]>();
      for (const { body } of receiver.accepted) {
        const lane = firsts.get(body.subject!) ?? [];
        if (!lane.includes(body.id)) firsts.set(body.subject!, [...lane, body.id]);
      }
      for (let person = 0; person < 4; person++)
        expect(firsts.get(personOf(person)), `after ${calls} calls, ${before ? 'before' : 'after'} the last`).toEqual(
          arrived.filter((_, index) => index % 4 === person).map(({ event }) => event.id),
        );
      const numbers = new Map(receiver.accepted.map(({ body }) => [body.id, body.eventnumber]));
      expect([...numbers.values()].sort((a, b) => a - b)).toEqual(arrived.map((_, index) => index + 1));
      await receiver.stop();
    }
  });
});

describe('two who deliver at once', () => {
  it('send everything once between them', async () => {
    const deliver = new Delivering(engine);
    const receiver = await startReceiver();
    const { id } = await deliver.subscribe(receiver.url);
    const arrived = Array.from({ length: 40 }, (_, index) => signal({ person: personOf(index % 5), sequence: index }));
    const work: Promise<unknown>[] = [];
    for (let at = 0; at < 40; at += 5) {
      await deliver.signals.append(id, arrived.slice(at, at + 5));
      work.push(deliver.wake(id, deliver.world(engine.client, at % 10 === 0 ? 4_000 : -4_000)));
    }
    await Promise.all(work);
    expect(receiver.accepted.map(({ body }) => body.eventnumber).sort((a, b) => a - b)).toEqual(
      arrived.map((_, index) => index + 1),
    );
    await receiver.stop();
  });
});
