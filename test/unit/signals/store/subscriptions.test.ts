import { randomUUID } from 'node:crypto';
import { PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Subscription } from '../../../../shared/signals/subscription.ts';
import { createPanels, type Panel } from '../../../../shared/store/signals/panels.ts';
import { createSubscriptions } from '../../../../shared/store/signals/subscriptions.ts';
import { type Engine, startEngine } from '../../../engine.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine({ stream: false });
});
afterAll(() => engine.stop());

const store = () => ({ client: engine.client, table: engine.signalsTable });
const subscriptions = () => createSubscriptions(store());
const panels = () => createPanels(store());

const AT = '2026-11-24T10:00:00.000Z';
const subscription = (more: Partial<Subscription> = {}): Subscription => ({
  id: randomUUID(),
  organisation: 'uhd',
  client: 'uhd-system',
  status: 'requested',
  reason: '',
  criteria: "urgency='A'",
  channel: { type: 'rest-hook', endpoint: `https://hooks.uhd.nhs.uk/${randomUUID()}`, payload: 'application/json' },
  createdAt: AT,
  updatedAt: AT,
  version: 1,
  ...more,
});
const panel = (more: Partial<Panel> = {}): Panel => ({
  id: randomUUID(),
  organisation: 'uhd',
  members: new Set(['a'.repeat(26), 'b'.repeat(26)]),
  former: new Set(),
  updatedAt: AT,
  version: 1,
  ...more,
});
const next = (before: Subscription, more: Partial<Subscription>): Subscription => ({
  ...before,
  ...more,
  version: before.version + 1,
});

describe('subscriptions', () => {
  it('are read as they were kept, and listed by organisation and all together', async () => {
    const [one, other] = [
      subscription({ organisation: 'dch' }),
      subscription({ organisation: 'dhc', createdAt: '2026-11-23T10:00:00.000Z' }),
    ];
    expect(await subscriptions().create(one)).toBe('kept');
    expect(await subscriptions().create(other)).toBe('kept');
    expect(await subscriptions().read(one.id)).toEqual(one);
    expect(await subscriptions().read(randomUUID())).toBeUndefined();
    expect(await subscriptions().ofOrganisation('dch')).toEqual([one]);
    expect(await subscriptions().all()).toEqual([other, one]);
  });

  it('have an endpoint each, however it is written, and give it up when they go', async () => {
    const endpoint = `https://hooks.uhd.nhs.uk/${randomUUID()}`;
    const channel = { type: 'rest-hook', endpoint, payload: 'application/json' } as const;
    const first = subscription({ channel });
    const second = subscription({ channel: { ...channel, endpoint: endpoint.replace('hooks.uhd', 'HOOKS.uhd') } });
    expect(await subscriptions().create(first)).toBe('kept');
    expect(await subscriptions().create(second)).toBe('endpoint-taken');
    expect(await subscriptions().claimOf(endpoint)).toEqual({ id: first.id, organisation: 'uhd' });
    expect(await subscriptions().read(second.id)).toBeUndefined();
    expect(await subscriptions().remove(first)).toBe(true);
    expect(await subscriptions().create(second)).toBe('kept');
  });

  it('of which many ask for the same endpoint at once are one', async () => {
    const { channel } = subscription();
    const kept = await Promise.all(Array.from({ length: 8 }, () => subscriptions().create(subscription({ channel }))));
    expect(kept.toSorted()).toEqual([...Array.from({ length: 7 }, () => 'endpoint-taken'), 'kept']);
  });

  it('change their endpoint only where it is free, and free the one before', async () => {
    const [one, other] = [subscription(), subscription()];
    await subscriptions().create(one);
    await subscriptions().create(other);
    expect(await subscriptions().update(next(one, { channel: other.channel }), one)).toBe('endpoint-taken');
    const moved = next(one, { channel: subscription().channel });
    expect(await subscriptions().update(moved, one)).toBe('kept');
    expect(await subscriptions().create(subscription({ channel: one.channel }))).toBe('kept');
    expect(await subscriptions().read(one.id)).toEqual(moved);
  });

  it('are written by nobody who has not seen their last version', async () => {
    const one = subscription();
    await subscriptions().create(one);
    const active = await subscriptions().setStatus(one, { status: 'active', at: AT });
    expect(active).toEqual({ ...one, status: 'active', version: 2 });
    expect(await subscriptions().setStatus(one, { status: 'error', at: AT })).toBeUndefined();
    expect(await subscriptions().update(next(one, { reason: 'late' }), one)).toBe('changed');
    expect(await subscriptions().remove(one)).toBe(false);
    const failing = await subscriptions().setStatus(active!, { status: 'error', error: 'It answers 500.', at: AT });
    expect(failing).toMatchObject({ status: 'error', error: 'It answers 500.', version: 3 });
    expect(await subscriptions().setStatus(failing!, { status: 'active', at: AT })).not.toHaveProperty('error');
  });

  it('leave nothing when they go', async () => {
    const one = subscription();
    await subscriptions().create(one);
    for (let index = 0; index < 60; index++)
      await engine.client.send(
        new PutItemCommand({ TableName: engine.signalsTable, Item: { of: { S: one.id }, item: { S: `pending#${index}` } } }),
      );
    expect(await subscriptions().remove(one)).toBe(true);
    const { Items = [] } = await engine.client.send(new ScanCommand({ TableName: engine.signalsTable }));
    expect(Items.filter((item) => item.of?.S === one.id || item.subscription?.S === one.id)).toEqual([]);
  });

  it('are about a Group that is there, and that stays while they are', async () => {
    expect(await subscriptions().create(subscription({ panel: 'none' }))).toBe('no-panel');
    const list = panel();
    await panels().create(list);
    const one = subscription({ panel: list.id });
    expect(await subscriptions().create(subscription({ panel: list.id, organisation: 'dch' }))).toBe('no-panel');
    expect(await subscriptions().create(one)).toBe('kept');
    expect(await panels().remove(list)).toBe('in-use');
    const { panel: _, ...rest } = next(one, {});
    expect(await subscriptions().update(rest, one)).toBe('kept');
    expect(await panels().remove(list)).toBe('removed');
    expect(await subscriptions().update({ ...next(rest, {}), panel: list.id }, rest)).toBe('no-panel');
  });
});

describe('panels', () => {
  it('are read as they were kept, of one organisation', async () => {
    const list = panel({ organisation: 'ryf', name: 'Frequent callers' });
    await panels().create(list);
    expect(await panels().read('ryf', list.id)).toEqual(list);
    expect(await panels().read('uhd', list.id)).toBeUndefined();
    expect(await panels().ofOrganisation('ryf')).toEqual([list]);
  });

  it('stay known to their subscriptions through a change, and are changed by nobody who has not seen the last version', async () => {
    const list = panel();
    await panels().create(list);
    const one = subscription({ panel: list.id });
    await subscriptions().create(one);
    const changed = panel({ id: list.id, members: new Set(), former: list.members, version: 2 });
    expect(await panels().update(changed)).toBe(true);
    expect(await panels().update(changed)).toBe(false);
    expect(await panels().read('uhd', list.id)).toEqual(changed);
    expect(await panels().remove(list)).toBe('changed');
    expect(await panels().remove(changed)).toBe('in-use');
    expect(await subscriptions().remove(one)).toBe(true);
    expect(await panels().remove(changed)).toBe('removed');
  });

  it('hold as many as they may', async () => {
    const ids = (from: number) =>
      new Set(Array.from({ length: 5_000 }, (_, index) => `${'a'.repeat(20)}${String(from + index).padStart(6, '2')}`));
    const list = panel({ members: ids(0), former: ids(100_000) });
    await panels().create(list);
    expect((await panels().read('uhd', list.id))?.former.size).toBe(5_000);
  });
});
