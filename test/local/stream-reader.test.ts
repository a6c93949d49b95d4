import { setTimeout as sleep } from 'node:timers/promises';
import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEngineCalls, type EngineCalls } from '../../infra/local/engine/call.ts';
import { createStreamReader, type StreamReader } from '../../infra/local/streams/stream-reader.ts';
import { type Engine, startEngine } from '../engine.ts';

/** More than two pages of a stream. */
const WRITTEN = 2_500;
const AT_ONCE = 25;

let engine: Engine;
let calls: EngineCalls;

beforeAll(async () => {
  engine = await startEngine();
  calls = createEngineCalls(engine.endpoint);
  for (let from = 0; from < WRITTEN; from += AT_ONCE) {
    const requests = Array.from({ length: AT_ONCE }, (_, index) => ({
      PutRequest: { Item: { subject: { S: 'somebody' }, item: { S: `n${from + index}` } } },
    }));
    await engine.client.send(new BatchWriteItemCommand({ RequestItems: { [engine.recordTable]: requests } }));
  }
}, 30_000);
afterAll(async () => {
  calls.close();
  await engine.stop();
});

const readerOf = (): StreamReader =>
  createStreamReader({
    calls,
    table: engine.recordTable,
    streamArn: 'arn:aws:dynamodb:eu-west-2:000000000000:table/Record/stream/1',
    region: 'eu-west-2',
  });

/** Everything after a place in the stream, as a consumer reads it: with a pause, in which others read. */
async function follow(reader: StreamReader, start: bigint): Promise<bigint[]> {
  const seen: bigint[] = [];
  for (let after = start; ; after = seen.at(-1)!) {
    const entries = await reader.read(after);
    if (entries.length === 0) return seen;
    seen.push(...entries.map(({ sequence }) => sequence));
    await sleep(15);
  }
}

describe('a stream that several read', () => {
  test('is read whole by each, however far behind the others it begins', async () => {
    const all = await follow(readerOf(), 0n);
    expect(all).toHaveLength(WRITTEN);
    const starts = [0, 1_200, WRITTEN - 10, 1_200];
    for (const order of [starts, starts.toReversed()]) {
      const reader = readerOf();
      const read = await Promise.all(order.map((place) => follow(reader, place === 0 ? 0n : all[place - 1]!)));
      order.forEach((place, index) => {
        expect(read[index]).toEqual(all.slice(place));
      });
    }
  });
});
