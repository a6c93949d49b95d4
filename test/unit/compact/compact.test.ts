import type { DynamoDBRecord } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHandler } from '../../../functions/compact/compact.ts';
import { dueSubjects, LARGE_BASE64_CHARACTERS, LOOK_EVERY } from '../../../functions/compact/due.ts';
import { createLog } from '../../../shared/lambda/logger.ts';
import { BOUNDS, createCompactor, isWorthASnapshot } from '../../../shared/store/compaction.ts';
import { type Engine, startEngine } from '../../engine.ts';
import { draftOf, fragmentId, personId, plain } from '../record/histories.ts';
import { by, contribute, createClock, itemsIn, storeOf } from '../store/world.ts';

/** A record of the stream, as Lambda hands it over. */
const streamed = (subject: string, item: string, { event = 'INSERT', body = '' } = {}): DynamoDBRecord => ({
  eventName: event as 'INSERT',
  dynamodb: {
    SequenceNumber: `place of ${subject} ${item}`,
    NewImage: { subject: { S: subject }, item: { S: item }, manifest: { B: 'AQ==' }, body: { B: body } },
  },
});

const key = (sequence: number) => `contribution#${String(sequence).padStart(12, '0')}`;

describe('which subjects of a batch are looked at', () => {
  test('those with a contribution whose number is due, or that is large, each once', () => {
    const large = 'A'.repeat(LARGE_BASE64_CHARACTERS);
    const due = dueSubjects([
      streamed('ordinary', key(LOOK_EVERY + 1)),
      streamed('due', key(LOOK_EVERY)),
      streamed('due', key(LOOK_EVERY * 2)),
      streamed('large', key(3), { body: large }),
      streamed('snapshot', `snapshot#${'0'.repeat(12)}-ab#0000`, { body: large }),
      streamed('moved', 'covered#000000000016', { body: large }),
      streamed('part', `${key(16)}#01`, { body: large }),
      streamed('slot', key(16), { event: 'MODIFY' }),
    ]);
    expect(due).toEqual([
      { subject: 'due', streamSequence: `place of due ${key(LOOK_EVERY)}` },
      { subject: 'large', streamSequence: `place of large ${key(3)}` },
    ]);
  });
});

describe('whether a tail is worth a snapshot', () => {
  test.each([
    ['one huge contribution', { contributions: 1, tailBytes: 3_000_000, snapshotBytes: 0, superseded: 0 }, false],
    ['a short tail', { contributions: 31, tailBytes: 20_000, snapshotBytes: 0, superseded: 0 }, false],
    ['a tail past the bound', { contributions: 32, tailBytes: 20_000, snapshotBytes: 0, superseded: 0 }, true],
    ['the same on a large snapshot', { contributions: 32, tailBytes: 20_000, snapshotBytes: 400_000, superseded: 0 }, false],
    ['a long tail on a large snapshot', { contributions: 128, tailBytes: 60_000, snapshotBytes: 400_000, superseded: 0 }, true],
    ['extracts that keep changing', { contributions: 4, tailBytes: 400_000, snapshotBytes: 100_000, superseded: 0.6 }, true],
    ['extracts that add', { contributions: 4, tailBytes: 400_000, snapshotBytes: 100_000, superseded: 0.1 }, false],
  ])('%s', (_, measured, worth) => {
    expect(isWorthASnapshot(measured, BOUNDS)).toBe(worth);
  });
});

describe('the function', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine({ stream: false });
  });
  afterAll(() => engine.stop());
  const clock = createClock();
  const compact = () => createCompactor({ client: engine.client, table: engine.recordTable, now: clock.now });

  test('makes a long tail a snapshot, and the record reads the same', async () => {
    const subject = personId('function');
    const store = storeOf(engine, clock);
    for (let number = 0; number < 40; number++) {
      await contribute(store, subject, by('uhd'), [draftOf(fragmentId('uhd', number % 7), `content ${number}`)]);
    }
    const before = plain(await store.fold(subject));
    const handler = createHandler({ compact: compact(), log: createLog() });
    expect(await handler({ Records: [streamed(subject, key(LOOK_EVERY * 2))] })).toEqual({ batchItemFailures: [] });
    const reader = storeOf(engine, clock);
    expect(plain(await reader.fold(subject))).toEqual(before);
    expect((await itemsIn(engine, subject)).filter(({ manifest }) => manifest !== undefined)).toEqual([]);
    expect(await itemsIn(engine, `${subject}#history`)).toHaveLength(40);
  });

  test('gives back the subject that fails, and does the rest', async () => {
    const done: string[] = [];
    const failing = createHandler({
      compact: async (subject) => {
        if (subject === 'fails') throw new Error('the table does not answer');
        done.push(subject);
        return { moved: 0 };
      },
      log: createLog(),
    });
    const records = ['one', 'fails', 'two'].map((subject) => streamed(subject, key(LOOK_EVERY)));
    expect(await failing({ Records: records })).toEqual({
      batchItemFailures: [{ itemIdentifier: `place of fails ${key(LOOK_EVERY)}` }],
    });
    expect(done).toEqual(['one', 'two']);
  });
});
