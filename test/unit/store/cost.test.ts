import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, startEngine } from '../../engine.ts';
import { personId } from '../record/histories.ts';
import { TYPICAL, typicalDraft } from '../record/typical.ts';
import { by, contribute, createClock, meteredClient, storeOf } from './world.ts';

describe('what a contribution costs', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine({ stream: false });
  });
  afterAll(() => engine.stop());

  const submission = by('uhd', '7d0c1c0e-5c1b-4b0e-9b1c-2f6f0f3c8e11');
  const kinds = Object.keys(TYPICAL) as (keyof typeof TYPICAL)[];
  const metered = () => {
    const { client, used } = meteredClient(engine);
    return { store: storeOf(engine, createClock(), client), used };
  };

  test.each(kinds)('a typical %s is created with one write unit', async (kind) => {
    const subject = personId(`create ${kind}`);
    const { store, used } = metered();
    await contribute(store, subject, submission, [typicalDraft(kind, subject, 1)]);
    expect(used).toEqual({ requests: 2, readUnits: 1, writeUnits: 1 });
  });

  test('an update costs one write unit and no read', async () => {
    const subject = personId('update');
    const { store, used } = metered();
    await contribute(store, subject, submission, [typicalDraft('observation', subject, 1)]);
    const before = { ...used };
    const changed = { ...typicalDraft('observation', subject, 1), sourceVersion: '2' };
    const rest = changed.content!.rest.replace('"final"', '"amended"');
    await contribute(store, subject, submission, [{ ...changed, content: { ...changed.content!, rest } }]);
    expect(used).toEqual({ ...before, requests: before.requests + 1, writeUnits: before.writeUnits + 1 });
  });

  test('a hundred creates in one bundle cost at most 8 write units', async () => {
    const subject = personId('hundred');
    const { store, used } = metered();
    const drafts = Array.from({ length: 100 }, (_, number) => typicalDraft(kinds[number % kinds.length]!, subject, number));
    await contribute(store, subject, submission, drafts);
    expect(used.writeUnits).toBeLessThanOrEqual(8);
  });

  test('what stands already costs one small read, and writes nothing', async () => {
    const subject = personId('again');
    const { store, used } = metered();
    const drafts = Array.from({ length: 50 }, (_, number) => typicalDraft('observation', subject, number));
    await contribute(store, subject, submission, drafts);
    const before = { ...used };
    const again = await contribute(store, subject, by('uhd', 'another night'), drafts);
    expect(again).not.toHaveProperty('contribution');
    expect(used).toEqual({ ...before, requests: before.requests + 1, readUnits: before.readUnits + 1 });
  });

  test('a record that this process knows is read again for one read unit, however long it is', async () => {
    const subject = personId('long');
    const { store, used } = metered();
    const drafts = Array.from({ length: 500 }, (_, number) => typicalDraft('observation', subject, number));
    await contribute(store, subject, submission, drafts);
    const before = { ...used };
    expect((await store.fold(subject)).fragments.size).toBe(500);
    expect(used).toEqual({ ...before, requests: before.requests + 1, readUnits: before.readUnits + 1 });
    await store.fold(subject, { freshness: 'recent' });
    expect(used.requests).toBe(before.requests + 1);
  });
});
