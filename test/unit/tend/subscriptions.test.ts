import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Subscription } from '../../../shared/signals/subscription.ts';
import { signal } from '../signals/signals.ts';
import { createWorld, quieten, subscribeIn, type World } from './world.ts';

const NOW = '2026-11-24T12:00:00.000Z';
const MINUTE_MS = 60_000;

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  await quieten(world, NOW);
});

const subscribed = (told: Partial<Subscription> = {}) => subscribeIn(world, told);

const wokenBy = async (): Promise<string[]> => {
  await world.run();
  return world.woken();
};

/** As `deliver` does it: takes the lease, and goes on for so long. */
const atWork = (id: string, ms = MINUTE_MS) => world.signals.lease(id, 'deliver', ms);

describe('a subscription is woken', () => {
  it('when signals wait and nobody is at work: its wake was lost', async () => {
    const { id } = await subscribed();
    expect(await wokenBy()).toEqual([]);
    await world.signals.append(id, [signal({ announcedAt: Date.parse(NOW) - 90_000 })]);
    expect(await wokenBy()).toEqual([id]);
    await atWork(id);
    expect(await wokenBy()).toEqual([]);
    // Whoever was at work died.
    world.clock.now = new Date(Date.parse(NOW) + 5 * MINUTE_MS);
    expect(await wokenBy()).toEqual([id]);
  });

  it('when signals have their numbers and were not sent', async () => {
    const made = await subscribed();
    await world.signals.append(made.id, [signal()]);
    await world.signals.number(made, async (_, all) => all.map(() => true));
    expect(await wokenBy()).toEqual([made.id]);
  });

  it('when its next attempt is due, and not before', async () => {
    const { id } = await subscribed({ status: 'error', error: 'It does not answer.' });
    await world.signals.append(id, [signal()]);
    await atWork(id);
    const nowMs = Date.parse(NOW);
    await world.signals.postpone(id, 'deliver', {
      failingSince: nowMs,
      failedAt: nowMs,
      attempts: 3,
      nextAttemptAt: nowMs + 10 * MINUTE_MS,
    });
    await world.signals.release(id, 'deliver', {});
    world.clock.now = new Date(nowMs + 9 * MINUTE_MS);
    expect(await wokenBy()).toEqual([]);
    world.clock.now = new Date(nowMs + 10 * MINUTE_MS);
    expect(await wokenBy()).toEqual([id]);
  });

  it('before that when its owner has mended it, and whoever should have been woken then was not', async () => {
    const made = await subscribed({ status: 'error', error: 'It does not answer.' });
    await world.signals.append(made.id, [signal()]);
    await atWork(made.id);
    const nowMs = Date.parse(NOW);
    await world.signals.postpone(made.id, 'deliver', {
      failingSince: nowMs,
      failedAt: nowMs,
      attempts: 12,
      nextAttemptAt: nowMs + 60 * MINUTE_MS,
    });
    await world.signals.release(made.id, 'deliver', {});
    expect(await wokenBy()).toEqual([]);
    const updatedAt = new Date(nowMs + MINUTE_MS).toISOString();
    await world.subscriptions.update({ ...made, updatedAt, version: made.version + 1 }, made);
    world.clock.now = new Date(nowMs + 2 * MINUTE_MS);
    expect(await wokenBy()).toEqual([made.id]);
  });

  it('when a signal that was put aside is due', async () => {
    const { id } = await subscribed();
    const nowMs = Date.parse(NOW);
    const aside = { signal: { ...signal(), number: 1 }, attempts: 1, since: nowMs, nextAt: nowMs + 5 * MINUTE_MS };
    // Of the same person, so it waits for the first, whenever it could go itself.
    const behind = { signal: { ...signal(), number: 2 }, attempts: 0, since: nowMs, nextAt: nowMs };
    await world.signals.toRetry(id, [aside, behind]);
    expect(await wokenBy()).toEqual([]);
    world.clock.now = new Date(nowMs + 5 * MINUTE_MS);
    expect(await wokenBy()).toEqual([id]);
  });

  it('when whoever was at work last left word to be woken', async () => {
    const { id } = await subscribed();
    await atWork(id);
    const nowMs = Date.parse(NOW);
    await world.signals.release(id, 'deliver', { dueAt: nowMs + 3 * MINUTE_MS });
    expect(await wokenBy()).toEqual([]);
    world.clock.now = new Date(nowMs + 3 * MINUTE_MS);
    expect(await wokenBy()).toEqual([id]);
  });

  it('when it has been silent for as long as its heartbeat allows', async () => {
    const { id } = await subscribed({ heartbeatSeconds: 300, updatedAt: NOW });
    world.clock.now = new Date(Date.parse(NOW) + 4 * MINUTE_MS);
    expect(await wokenBy()).toEqual([]);
    world.clock.now = new Date(Date.parse(NOW) + 5 * MINUTE_MS);
    expect(await wokenBy()).toEqual([id]);
    await atWork(id);
    await world.signals.acknowledge(id, 'deliver', { ackedTo: 0, sentAt: world.clock.now.getTime() }, 0);
    await world.signals.release(id, 'deliver', {});
    world.clock.now = new Date(Date.parse(NOW) + 9 * MINUTE_MS);
    expect(await wokenBy()).toEqual([]);
    world.clock.now = new Date(Date.parse(NOW) + 10 * MINUTE_MS);
    expect(await wokenBy()).toEqual([id]);
  });

  it('when it waits for its handshake, and never once it is off', async () => {
    const asked = await subscribed({ status: 'requested' });
    const off = await subscribed({ status: 'off' });
    await world.signals.append(off.id, [signal()]);
    expect(await wokenBy()).toEqual([asked.id]);
  });

  it('though another cannot be looked at, and then the run fails', async () => {
    const [one, other] = [await subscribed({ status: 'requested' }), await subscribed({ status: 'requested' })];
    const state = (id: string) => (id === one.id ? Promise.reject(new Error('broken')) : world.signals.state(id));
    await expect(world.run({}, { signals: { ...world.signals, state } })).rejects.toThrow();
    expect(await world.woken()).toEqual([other.id]);
  });

  it('with more than a hundred others', async () => {
    const many = await Promise.all(Array.from({ length: 120 }, () => subscribed({ status: 'requested' })));
    expect(await wokenBy()).toEqual(many.map(({ id }) => id).sort());
  });
});

describe('how long the oldest signal has waited', () => {
  it('is measured for each organisation, by the longest of its subscriptions, and is nothing where nothing waits', async () => {
    const [slow, quick] = [await subscribed(), await subscribed()];
    await subscribed({ organisation: 'dch' });
    await world.signals.append(slow.id, [signal({ announcedAt: Date.parse(NOW) - 7_000 })]);
    await world.signals.append(quick.id, [signal({ announcedAt: Date.parse(NOW) - 2_000 })]);
    await world.run();
    expect(Object.fromEntries(world.measured.map(({ organisation, values }) => [organisation, values]))).toEqual({
      uhd: { oldestUndeliveredMs: [7_000] },
      dch: { oldestUndeliveredMs: [0] },
    });
  });
});

describe('a subscription with an end', () => {
  it('is off once that has passed, says why, and has no rule any more', async () => {
    const made = await subscribed({ end: '2026-11-24T12:30:00.000Z' });
    await world.run({ task: 'drift' });
    expect((await world.dependencies.rules.list()).map(({ id }) => id)).toContain(made.id);
    world.at('2026-11-24T12:29:00.000Z');
    await world.run();
    expect(await world.subscriptions.read(made.id)).toEqual(made);
    world.at('2026-11-24T12:30:00.000Z');
    await world.signals.append(made.id, [signal()]);
    expect(await wokenBy()).toEqual([]);
    expect(await world.subscriptions.read(made.id)).toMatchObject({
      status: 'off',
      version: 2,
      error: expect.stringContaining('end'),
    });
    expect((await world.dependencies.rules.list()).map(({ id }) => id)).not.toContain(made.id);
  });

  it('is ended by the instant, whatever offset it is written with', async () => {
    const made = await subscribed({ end: '2026-11-24T13:30:00+01:00' });
    world.at('2026-11-24T12:30:01.000Z');
    await world.run();
    expect(await world.subscriptions.read(made.id)).toMatchObject({ status: 'off' });
  });
});

describe('dead letters', () => {
  it('are sent again when an operator asks', async () => {
    const made = await subscribed();
    const given = { signal: { ...signal(), number: 1 }, attempts: 20, since: 0 };
    await world.signals.giveUp(made.id, given);
    expect(await wokenBy()).toEqual([]);
    await world.run({ 'detail-type': 'redrive-asked', detail: { subscription: made.id } });
    expect(await world.woken()).toEqual([made.id]);
    expect(await world.signals.dead(made.id)).toEqual([]);
    expect(await world.signals.retries(made.id)).toMatchObject([{ signal: { number: 1 }, attempts: 0 }]);
  });

  it.each([undefined, 7, 'nobody'])('of no subscription (%s) are refused without harm', async (id) => {
    await world.run({ 'detail-type': 'redrive-asked', detail: { subscription: id } });
    expect(await world.woken()).toEqual([]);
  });
});

describe('what tending logs', () => {
  it('tells of no person and of no endpoint', async () => {
    const made = await subscribed({ status: 'requested', end: '2026-11-24T12:30:00.000Z' });
    const told = signal();
    await world.signals.append(made.id, [told]);
    await world.run();
    world.at('2026-11-24T13:00:00.000Z');
    await world.run();
    await world.run({ task: 'drift' });
    const said = world.lines.join('\n');
    expect(said).toContain('ended');
    for (const secret of [
      told.event.subject,
      told.event.dataref,
      told.event.id,
      made.channel.endpoint,
      made.reason,
      made.criteria,
    ])
      expect(said).not.toContain(secret);
  });
});
