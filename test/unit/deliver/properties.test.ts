import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, startEngine } from '../../engine.ts';
import { personOf, signal } from '../signals/signals.ts';
import { Delivering, startReceiver } from './world.ts';

const DAY_MS = 86_400_000;

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.stop());

describe('whatever a receiver does for a while', () => {
  it('ends with everything that may be heard, each person’s in order, numbered without a gap', async () => {
    const arrivals = fc.array(fc.record({ person: fc.nat(3), withheld: fc.boolean() }), { maxLength: 25 });
    const answers = fc.array(fc.constantFrom(204, 204, 204, 500, 429, 404, 'cut' as const), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(arrivals, arrivals, answers, async (first, second, given) => {
        const deliver = new Delivering(engine);
        const receiver = await startReceiver();
        receiver.answers = (_, response, attempt) => {
          const answer = given[attempt - 1] ?? 204;
          if (answer === 'cut') response.destroy();
          else response.writeHead(answer).end();
        };
        const { id } = await deliver.subscribe(receiver.url);
        const heard: string[][] = [[], [], [], []];
        for (const batch of [first, second]) {
          const arrived = batch.map(({ person, withheld }) => {
            const one = signal({ person: personOf(person) });
            if (withheld) deliver.withheld.add(one.event.id);
            else heard[person]!.push(one.event.id);
            return one;
          });
          await deliver.signals.append(id, arrived);
          await deliver.wake(id);
        }
        await deliver.letPass(DAY_MS, id);
        const accepted = receiver.accepted.map(({ body }) => body);
        for (let person = 0; person < 4; person++)
          expect(accepted.filter(({ subject }) => subject === personOf(person)).map((body) => body.id)).toEqual(heard[person]);
        const numbers = accepted.map(({ eventnumber }) => eventnumber).sort((a, b) => a - b);
        expect(numbers).toEqual(heard.flat().map((_, index) => index + 1));
        await receiver.stop();
      }),
      { numRuns: 25 },
    );
  });
});
