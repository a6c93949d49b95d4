import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Signal } from '../../../shared/signals/signal.ts';
import { type Engine, startEngine } from '../../engine.ts';
import { startReceiver } from '../deliver/world.ts';
import { personOf, signal } from '../signals/signals.ts';
import { Collecting, expected, heard, numbersOf, oneEach } from './world.ts';

const DAY_MS = 86_400_000;

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.stop());

describe('whatever a receiver does for a while, and whoever is at work beside', () => {
  it('ends with everything that may be heard, each person’s in order, numbered without a gap', async () => {
    const one = fc.record({ person: fc.nat(3), withheld: fc.boolean() });
    const batches = fc.array(
      fc.record({
        arrived: fc.array(one, { minLength: 1, maxLength: 10 }),
        isKnown: fc.constantFrom(true, true, true, false),
        beside: fc.constantFrom('nobody', 'deliver', 'a reader', 'its owner'),
        waitMs: fc.constantFrom(0, 0, 1_500, 60_000),
      }),
      { maxLength: 8 },
    );
    const answers = fc.array(fc.constantFrom(204, 204, 204, 204, 500, 429, 404, 'cut' as const, 'slow' as const), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(batches, answers, async (told, given) => {
        const world = new Collecting(engine);
        const receiver = await startReceiver();
        receiver.answers = (_, response, attempt) => {
          const answer = given[attempt - 1] ?? 204;
          if (answer === 'cut') return void response.destroy();
          if (answer === 'slow') world.nowMs += 600;
          response.writeHead(answer === 'slow' ? 204 : answer).end();
        };
        const { id } = await world.idle(receiver.url);
        const audible: Signal[] = [];
        const does = {
          nobody: async () => {},
          deliver: () => world.wake(id),
          'a reader': () => world.signals.number({ id, organisation: 'ammonite' }, world.world().mayHear).catch(() => undefined),
          'its owner': async () => {
            const before = (await world.subscriptions.read(id))!;
            await world.subscriptions.update({ ...before, version: before.version + 1, reason: 'Another' }, before);
          },
        };
        for (const { arrived, isKnown, beside, waitMs } of told) {
          const some = arrived.map((each) => {
            const event = signal({ person: personOf(each.person) });
            if (each.withheld) world.withheld.add(event.event.id);
            else audible.push(event);
            return event;
          });
          world.mayBeKnown = isKnown;
          const [{ batchItemFailures }] = await Promise.all([world.collect(id, some), does[beside]()]);
          expect(batchItemFailures).toEqual([]);
          world.mayBeKnown = true;
          await world.letPass(waitMs, id);
        }
        await world.letPass(DAY_MS, id);
        expect(heard(receiver.accepted)).toEqual(expected(audible));
        expect(numbersOf(receiver.attempts)).toEqual(oneEach(audible.length));
        expect(receiver.accepted).toHaveLength(audible.length);
        await receiver.stop();
      }),
      { numRuns: 40 },
    );
  });
});
