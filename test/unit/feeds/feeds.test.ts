import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FeedState, graceMinutes, newsOf, staleAt } from '../../../shared/signals/freshness.ts';
import { createFeeds, type Feeds } from '../../../shared/store/signals/feeds.ts';
import { type Engine, startEngine } from '../../engine.ts';

let engine: Engine;
let feeds: Feeds;
beforeAll(async () => {
  engine = await startEngine({ stream: false });
  feeds = createFeeds({ client: engine.client, table: engine.signalsTable });
});
afterAll(() => engine.stop());

const stateOf = async (organisation: string) => (await feeds.states([organisation])).get(organisation);

describe('a feed', () => {
  it('was last heard from at the newest instant, whoever notes last', async () => {
    await feeds.heard('uhd', '2026-11-24T12:01:00.000Z');
    await feeds.heard('uhd', '2026-11-24T12:00:00.000Z');
    await Promise.all(['12:03', '12:05', '12:04'].map((time) => feeds.heard('uhd', `2026-11-24T${time}:00.000Z`)));
    expect(await stateOf('uhd')).toEqual({ told: 0, lastAt: '2026-11-24T12:05:00.000Z' });
  });

  it('is not there before it was heard or watched', async () => {
    expect(await feeds.states(['nobody', 'uhd', 'neither'])).toHaveLength(1);
    await feeds.watch('nobody', '2026-11-24T12:00:00.000Z');
    await feeds.watch('nobody', '2026-11-24T13:00:00.000Z');
    expect(await stateOf('nobody')).toEqual({ told: 0, watchedFrom: '2026-11-24T12:00:00.000Z' });
  });

  it('remembers what was told by one of two who tell at once', async () => {
    await feeds.heard('dch', '2026-11-24T12:00:00.000Z');
    const before = (await stateOf('dch'))!;
    const both = await Promise.all([1, 2].map(() => feeds.told('dch', before, { silence: before.lastAt })));
    expect(both.filter(Boolean)).toHaveLength(1);
    const silent = (await stateOf('dch'))!;
    expect(silent).toMatchObject({ told: 1, silence: '2026-11-24T12:00:00.000Z' });
    expect(await feeds.told('dch', silent, { silence: undefined })).toBe(true);
    expect(await stateOf('dch')).toEqual({ told: 2, lastAt: '2026-11-24T12:00:00.000Z' });
  });

  it('of every organisation of a large county is read', async () => {
    const many = Array.from({ length: 230 }, (_, number) => `practice-${number}`);
    await Promise.all(many.map((id) => feeds.heard(id, '2026-11-24T12:00:00.000Z')));
    expect((await feeds.states(many)).size).toBe(230);
  });
});

describe('the silence of a feed', () => {
  const HOURLY = { organisation: 'uhd', everyMinutes: 60 };
  const LAST = '2026-11-24T12:00:00.000Z';
  const heard: FeedState = { told: 0, lastAt: LAST };

  it.each([
    ['within the rhythm', '2026-11-24T12:59:00.000Z', undefined],
    ['within the grace', '2026-11-24T13:15:00.000Z', undefined],
    ['past both', '2026-11-24T13:15:00.001Z', 'feed-stale'],
    ['for weeks', '2027-01-24T13:15:00.001Z', 'feed-stale'],
  ])('%s', (_name, at, news) => {
    expect(newsOf(HOURLY, heard, at)?.name).toBe(news);
  });

  it('counts from the beginning of the watch where nothing was ever heard', () => {
    expect(staleAt(HOURLY, { told: 0 }, LAST)).toBeUndefined();
    expect(staleAt(HOURLY, { told: 0, watchedFrom: LAST }, '2026-11-24T13:15:00.001Z')).toMatchObject({ from: LAST });
  });

  it('is told once, and its end once, at instants that do not depend on when they are found', () => {
    const silent = { ...heard, told: 1, silence: LAST };
    expect(newsOf(HOURLY, silent, '2026-11-25T12:00:00.000Z')).toBeUndefined();
    const back = { ...silent, lastAt: '2026-11-24T20:00:00.000Z' };
    const end = { name: 'feed-resumed', from: LAST, at: '2026-11-24T20:00:00.000Z' };
    expect(newsOf(HOURLY, back, '2026-11-24T20:00:30.000Z')).toEqual(end);
    // Found two days later, when it is silent again: the end of the first comes first.
    expect(newsOf(HOURLY, back, '2026-11-26T20:00:30.000Z')).toEqual(end);
    expect(newsOf(HOURLY, { told: 2, lastAt: back.lastAt }, '2026-11-26T20:00:30.000Z')).toEqual({
      name: 'feed-stale',
      from: back.lastAt,
      at: '2026-11-24T21:15:00.000Z',
    });
  });

  it('has a grace in proportion to the rhythm, at least as long as notes are apart', () => {
    expect([1, 15, 60, 1_440].map(graceMinutes)).toEqual([2, 3.75, 15, 120]);
  });
});
