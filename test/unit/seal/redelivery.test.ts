import type { DynamoDBRecord } from 'aws-lambda';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linkOf } from '../../../shared/store/chain/link.ts';
import { startEngine } from '../../engine.ts';
import { type Fault, mortalClient } from '../store/world.ts';
import { createWorld } from './world.ts';

/** How a stream hands over: which of its shards goes on, with how many records, to a process of which life, and whether it hears that it went well. */
const step = fc.record({
  shard: fc.nat(2),
  records: fc.integer({ min: 1, max: 5 }),
  process: fc.nat(2),
  fault: fc.option(
    fc.record({ request: fc.integer({ min: 1, max: 5 }), at: fc.constantFrom('before' as const, 'after' as const) }),
    {
      nil: undefined,
    },
  ),
  isForgotten: fc.boolean(),
  hours: fc.constantFrom(0, 0, 0, 1, 13),
});

test('however batches are cut, handed over again, and processes killed: every look is sealed once, in a chain without findings', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 3, maxLength: 3 }),
      fc.array(step, { maxLength: 14 }),
      run,
    ),
    { numRuns: 40 },
  );
});

async function run(counts: readonly number[], steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]) {
  const engine = await startEngine({ stream: false });
  try {
    const world = createWorld(engine);
    // Given looks in three shards
    const shards: DynamoDBRecord[][] = [];
    for (const count of counts) {
      const records = [];
      for (let number = 0; number < count; number++) records.push(await world.told(await world.look()));
      shards.push(records);
    }
    const done = shards.map(() => 0);
    const processes = [0, 1, 2].map(() => world.sealer());
    const handOver = async ({ shard, records, process, fault, isForgotten, hours }: (typeof steps)[number]) => {
      world.clock.advance(hours * 60 * 60_000);
      const from = done[shard]!;
      const batch = shards[shard]!.slice(from, from + records);
      if (batch.length === 0) return;
      const sealer = fault === undefined ? processes[process]! : world.sealer(mortalClient(engine, fault as Fault));
      const { batchItemFailures } = await sealer.seal(batch);
      // Of two who were handed the same, side by side, both may say that it went well: it went on once.
      if (batchItemFailures.length === 0 && !isForgotten) done[shard] = Math.max(done[shard]!, from + batch.length);
    };
    // When they are handed over by twos, side by side
    for (let at = 0; at < steps.length; at += 2) await Promise.all(steps.slice(at, at + 2).map(handOver));
    // And in the end all are, by a process that knows nothing
    for (const [shard, records] of shards.entries()) await world.sealer().seal(records.slice(done[shard]));
    // Then each is there once
    const keys: string[] = [];
    for (const { link: day } of await world.linksOf('days'))
      for (const item of await world.linksOf(day!.S!)) keys.push(...linkOf(item)!.changes.map(({ access }) => access));
    expect(keys.toSorted()).toEqual(
      shards
        .flat()
        .map(({ dynamodb }) => dynamodb!.Keys!.access!.S!)
        .toSorted(),
    );
    expect((await world.verify()).findings).toEqual([]);
  } finally {
    await engine.stop();
  }
}
