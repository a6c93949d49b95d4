import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAboutPerson } from '../../../shared/changes/organisation-events.ts';
import { createWorld, MERGER_DAY, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

const toldAt = async (time: string) => {
  world.at(time);
  await world.run();
  return world.announced();
};
const wordsOf = (told: Awaited<ReturnType<World['announced']>>) =>
  told.map(({ event }) => `${event.type} ${event.subject}`).sort();

const STALE = 'uk.chesil.feed-stale.1 urn:chesil:organisation:uhd';
const RESUMED = 'uk.chesil.feed-resumed.1 urn:chesil:organisation:uhd';

describe('a feed that falls silent', () => {
  it('is told to every partner once, and once that it is back', async () => {
    await world.feeds.heard('uhd', '2026-11-24T12:00:00.000Z');
    await world.feeds.heard('dch', '2026-11-24T18:00:00.000Z');
    await world.feeds.heard('poole', '2026-11-24T18:00:00.000Z');
    expect(await toldAt('2026-11-24T12:30:00.000Z')).toEqual([]);
    const [stale, ...others] = await toldAt('2026-11-24T13:16:00.000Z');
    expect(others).toEqual([]);
    expect(wordsOf([stale!])).toEqual([STALE]);
    expect(stale).toMatchObject({
      audience: ['dch', 'poole', 'uhd'],
      formerly: [],
      event: { time: '2026-11-24T13:15:00.000Z', sequence: String(Date.parse('2026-11-24T13:15:00.000Z')) },
    });
    for (const minute of [17, 18, 19]) expect(await toldAt(`2026-11-24T13:${minute}:00.000Z`)).toEqual([]);

    await world.feeds.heard('uhd', '2026-11-24T13:40:00.000Z');
    const [resumed] = await toldAt('2026-11-24T13:41:00.000Z');
    expect(wordsOf([resumed!])).toEqual([RESUMED]);
    expect(resumed).toMatchObject({
      event: { time: '2026-11-24T13:40:00.000Z', sequence: String(Date.parse('2026-11-24T13:40:00.000Z')) },
    });
    expect(await toldAt('2026-11-24T13:42:00.000Z')).toEqual([]);

    const [again] = await toldAt('2026-11-24T15:00:00.000Z');
    expect(wordsOf([again!])).toEqual([STALE]);
    expect(again!.event.id).not.toBe(stale!.event.id);
    expect([isAboutPerson(stale!.event), isAboutPerson(resumed!.event)]).toEqual([false, false]);
  });

  it('is told with the same id by two runs at once, and when what was told could not be noted', async () => {
    await world.feeds.heard('dch', '2026-11-24T19:00:00.000Z');
    await world.feeds.heard('poole', '2026-11-25T19:00:00.000Z');
    world.at('2026-11-24T21:00:00.000Z');
    const forgetting = { feeds: { ...world.feeds, told: () => Promise.reject(new Error('died')) } };
    await expect(world.run({}, forgetting)).rejects.toThrow();
    await Promise.all([world.run(), world.run()]);
    const told = await world.announced();
    expect(new Set(wordsOf(told))).toEqual(new Set(['uk.chesil.feed-stale.1 urn:chesil:organisation:dch']));
    expect(told.length).toBeGreaterThan(1);
    expect(new Set(told.map(({ event }) => event.id)).size).toBe(1);
    expect(await toldAt('2026-11-24T21:01:00.000Z')).toEqual([]);
  });

  it('is not noted as told when the bus takes nothing', async () => {
    await world.feeds.heard('dch', '2026-11-25T00:00:00.000Z');
    expect(wordsOf(await toldAt('2026-11-25T00:01:00.000Z'))).toEqual(['uk.chesil.feed-resumed.1 urn:chesil:organisation:dch']);
    world.at('2026-11-25T02:00:00.000Z');
    await expect(world.run({}, { publish: async (sent) => sent })).rejects.toThrow();
    expect(wordsOf(await toldAt('2026-11-25T02:01:00.000Z'))).toEqual(['uk.chesil.feed-stale.1 urn:chesil:organisation:dch']);
  });
});

describe('an organisation that is merged into another', () => {
  it('is told of once, from the day of the merger, and is missed no more', async () => {
    await world.feeds.heard('uhd', `${MERGER_DAY}T00:00:00.000Z`);
    await world.feeds.heard('dch', `${MERGER_DAY}T00:00:00.000Z`);
    await world.feeds.heard('poole', '2026-11-30T23:30:00.000Z');
    await toldAt('2026-11-30T23:59:00.000Z');
    const [merged, ...others] = await toldAt(`${MERGER_DAY}T00:01:00.000Z`);
    expect(others).toEqual([]);
    expect(wordsOf([merged!])).toEqual(['uk.chesil.organisation-merged.1 urn:chesil:organisation:poole']);
    expect(merged).toMatchObject({ audience: ['dch', 'uhd'], event: { time: '2026-12-01T00:00:00.000Z' } });
    await world.feeds.heard('uhd', '2026-12-05T00:00:00.000Z');
    await world.feeds.heard('dch', '2026-12-05T00:00:00.000Z');
    expect(await toldAt('2026-12-05T00:01:00.000Z')).toEqual([]);
  });

  it('was told long ago where it merged before the system was there', async () => {
    const { feeds } = world;
    const forgetful = { feeds: { ...feeds, states: async () => new Map() } };
    world.at('2026-12-20T00:01:00.000Z');
    await world.run({}, forgetful);
    expect(await world.announced()).toEqual([]);
  });
});
