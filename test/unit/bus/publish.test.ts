import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Entry } from '../../../shared/bus/batches.ts';
import { createPublisher, type Publisher } from '../../../shared/bus/publish.ts';
import { createLog } from '../../../shared/lambda/logger.ts';
import { type FailingBus, startFailingBus } from '../announce/failing-bus.ts';

let bus: FailingBus;
let publish: Publisher;
const slept: number[] = [];

beforeEach(async () => {
  bus = await startFailingBus();
  slept.length = 0;
  const log = createLog({ info() {}, warn() {}, error() {} } as never);
  const sleep = async (ms: number) => void slept.push(ms);
  publish = createPublisher({ client: bus.client, log, now: Date.now, random: () => 0, sleep });
});
afterEach(() => bus.stop());

interface Sent {
  readonly entry: Entry;
  readonly lane: string;
  readonly step: number;
  readonly id: string;
}

/** An event of a person's contribution. */
function event(lane: string, step: number, part: number): Sent {
  const id = `${lane} ${step} ${part}`;
  const Detail = JSON.stringify({ event: { id, subject: lane, sequence: String(step), part } });
  return {
    entry: { EventBusName: 'bus', Source: 'chesil.record', DetailType: 'admitted', Detail, Time: new Date(0) },
    lane,
    step,
    id,
  };
}

/** Contributions of persons, each of some events, as they follow one another in a stream. */
const streams = fc
  .array(fc.record({ lane: fc.constantFrom('a', 'b', 'c', 'd'), parts: fc.integer({ min: 1, max: 12 }) }), {
    minLength: 1,
    maxLength: 14,
  })
  .map((contributions) =>
    contributions.flatMap(({ lane, parts }, step) => Array.from({ length: parts }, (_, part) => event(lane, step, part))),
  );

const LATER = () => Date.now() + 60_000;
const stepsOf = (lane: string) =>
  bus.arrived.flatMap(({ event: { subject, sequence } }) => (subject === lane ? [Number(sequence)] : []));

describe('events of one person', () => {
  it('arrive contribution after contribution, whatever the bus refuses, and no two calls hold any at once', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(streams, fc.infiniteStream(fc.integer({ min: 0, max: 3 })), async (sent, refusals) => {
        bus.arrived.length = 0;
        const often = new Map<string, number>();
        round++;
        const fresh = sent.map((each) => ({
          ...each,
          entry: { ...each.entry, Detail: each.entry.Detail.replace('"id":"', `"id":"${round} `) },
        }));
        bus.refuses = ({ id }, before) => {
          if (!often.has(id)) often.set(id, refusals.next().value as number);
          return before < often.get(id)!;
        };
        const shared: string[][] = [];
        bus.onCall = (underWay) => {
          const persons = underWay.flat();
          if (new Set(persons).size < persons.length) shared.push(persons);
        };
        expect(await publish(fresh, LATER())).toEqual([]);
        expect(shared).toEqual([]);
        expect(bus.arrived).toHaveLength(sent.length);
        for (const lane of 'abcd') expect(stepsOf(lane)).toEqual(stepsOf(lane).toSorted((a, b) => a - b));
      }),
      { numRuns: 40 },
    );
  });

  it('wait for one that the bus goes on refusing, and are handed back with it; those of others go', async () => {
    const sent = [event('a', 1, 1), event('a', 2, 1), event('a', 2, 2), event('b', 3, 1), event('a', 4, 1), event('b', 5, 1)];
    bus.refuses = ({ id }) => id === 'a 2 1';
    const unsent = await publish(sent, LATER());
    expect(unsent.map(({ id }) => id)).toEqual(['a 2 1', 'a 4 1']);
    expect(bus.arrived.map(({ event: { id } }) => id).toSorted()).toEqual(['a 1 1', 'a 2 2', 'b 3 1', 'b 5 1']);
    // It was tried again ever later.
    expect(slept).toEqual(slept.toSorted((a, b) => a - b));
    expect(slept).toHaveLength(7);
  });

  it('do not begin once the time is up', async () => {
    const sent = [1, 2, 3].map((step) => event('a', step, 1));
    expect((await publish(sent, Date.now() - 1)).map(({ step }) => step)).toEqual([2, 3]);
    expect(bus.calls).toEqual([1]);
  });
});

describe('events of many persons', () => {
  it('go ten in a call, eight calls at once', async () => {
    let most = 0;
    bus.onCall = (underWay) => {
      most = Math.max(most, underWay.length);
    };
    const sent = Array.from({ length: 200 }, (_, index) => event(`person ${index}`, index, 1));
    expect(await publish(sent, LATER())).toEqual([]);
    expect(bus.calls).toEqual(Array.from({ length: 20 }, () => 10));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(8);
  });
});
