import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { driftOf, settleRule } from '../../../shared/bus/drift.ts';
import { createWorld, directory, subscriptionOf, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  world.clock.now = new Date('2026-11-24T10:00:00.000Z');
  await world.woken();
});

const post = (body: unknown, organisation = 'uhd') => world.ask('POST', 'Subscription', { body, organisation });
const ruleOf = async (id: string) => (await world.dependencies.rules.list()).find((rule) => rule.id === id);
const drift = async () => {
  const { rules, subscriptions } = world.dependencies;
  return driftOf(await subscriptions.all(), await rules.list(), { directory, targetOf: rules.targetOf });
};
const crash = () => Promise.reject(new Error('killed'));
const NO_DRIFT = { missing: [], changed: [], orphaned: [], unreadable: [] };

describe('a crash while a subscription is made', () => {
  it.each<[string, (dependencies: World['dependencies']) => Partial<World['dependencies']>, 'missing' | 'none']>([
    ['before its key', ({ secrets }) => ({ secrets: { ...secrets, ensure: crash } }), 'missing'],
    ['before its rule', ({ rules }) => ({ rules: { ...rules, put: crash } }), 'missing'],
    ['before its wake', () => ({ wake: crash }), 'none'],
  ])('%s leaves what the check on drift sees and mends', async (_, broken, expected) => {
    const { rules, subscriptions } = world.dependencies;
    const body = subscriptionOf();
    await expect(world.ask('POST', 'Subscription', { body }, broken(world.dependencies))).rejects.toThrow('killed');
    const again = await post(body);
    expect(again.codes).toEqual(['endpoint-taken']);
    const id = again.json.issue[0].diagnostics.replace('Subscription/', '');
    expect(await drift()).toEqual(expected === 'none' ? NO_DRIFT : { ...NO_DRIFT, missing: [id] });
    expect(await settleRule({ rules, subscriptions, directory }, id)).toBe('settled');
    expect(await drift()).toEqual(NO_DRIFT);
    expect((await world.ask('GET', `Subscription/${id}/$secret`)).status).toBe(200);
    expect((await world.ask('DELETE', `Subscription/${id}`)).status).toBe(204);
  });
});

describe('a subscription that is changed', () => {
  const put = (id: string, body: object, headers = {}) =>
    world.ask('PUT', `Subscription/${id}`, { body: { ...body, id }, headers });

  it('keeps its status with other criteria, and has another rule at once', async () => {
    const { id, channel } = await world.subscribe();
    const { status, json, headers } = await put(id, subscriptionOf({ criteria: "urgency='A'" }, channel), {
      'if-match': 'W/"2"',
    });
    expect({ status, active: json.status, etag: headers.etag }).toEqual({ status: 200, active: 'active', etag: 'W/"3"' });
    expect((await ruleOf(id))?.pattern).toContain('"urgency":["A"]');
  });

  it('has to shake hands at another endpoint, and frees the one before', async () => {
    const { id, channel } = await world.subscribe();
    expect((await put(id, subscriptionOf())).json.status).toBe('requested');
    expect((await post(subscriptionOf({}, channel))).status).toBe(201);
    expect((await put(id, subscriptionOf({}, channel))).codes).toEqual(['endpoint-taken']);
  });

  it('is turned off, without a rule, and on again, with a handshake', async () => {
    const { id, channel } = await world.subscribe();
    await world.woken();
    expect((await put(id, subscriptionOf({ status: 'off' }, channel))).json.status).toBe('off');
    expect(await ruleOf(id)).toBeUndefined();
    expect(await world.woken()).toEqual([]);
    expect((await put(id, subscriptionOf({ status: 'off', reason: 'Still off' }, channel))).json.status).toBe('off');
    expect((await put(id, subscriptionOf({}, channel))).json.status).toBe('requested');
    expect(await ruleOf(id)).toBeDefined();
    expect(await world.woken()).toEqual([id]);
  });

  it('is changed by nobody who has not seen the last version', async () => {
    const { id, channel } = await world.subscribe();
    expect((await put(id, subscriptionOf({}, channel), { 'if-match': 'W/"1"' })).codes).toEqual(['version-conflict']);
    expect((await put(id, subscriptionOf({}, channel), { 'if-match': 'x' })).codes).toEqual(['bad-precondition']);
    const many = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        put(id, subscriptionOf({ criteria: `urgency='${'ABCD'[index % 4]}'` }, channel), { 'if-match': '2' }),
      ),
    );
    expect(many.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await drift()).toEqual(NO_DRIFT);
  });

  it('of two changes at once has the rule of the one that is kept', async () => {
    const { id, channel } = await world.subscribe();
    await Promise.all(
      Array.from({ length: 8 }, (_, index) => put(id, subscriptionOf({ criteria: `urgency='${'ABCD'[index % 4]}'` }, channel))),
    );
    expect(await drift()).toEqual(NO_DRIFT);
  });

  it('cannot be made under an id of somebody’s own', async () => {
    expect((await put(randomUUID(), subscriptionOf())).status).toBe(404);
    const { id } = await world.subscribe();
    expect((await world.ask('PUT', `Subscription/${id}`, { body: { ...subscriptionOf(), id: randomUUID() } })).codes).toEqual([
      'type-mismatch',
    ]);
  });
});

describe('a subscription that is deleted', () => {
  it('leaves no rule, no key, no claim', async () => {
    const { id, channel } = await world.subscribe();
    expect(await world.ask('DELETE', `Subscription/${id}`)).toMatchObject({ status: 204, json: undefined });
    expect((await world.ask('GET', `Subscription/${id}`)).status).toBe(404);
    expect(await drift()).toEqual(NO_DRIFT);
    expect((await post(subscriptionOf({}, channel))).status).toBe(201);
  });

  it.each(['rules', 'secrets', 'subscriptions'] as const)(
    'is deleted when it is asked again after a crash at its %s',
    async (at) => {
      const { id } = await world.subscribe();
      const crash = () => Promise.reject(new Error('killed'));
      const broken = { [at]: { ...world.dependencies[at], remove: crash } };
      await expect(world.ask('DELETE', `Subscription/${id}`, {}, broken)).rejects.toThrow('killed');
      expect((await world.ask('GET', `Subscription/${id}`)).json.status).toBe('off');
      expect((await world.ask('DELETE', `Subscription/${id}`)).status).toBe(204);
      expect(await drift()).toEqual(NO_DRIFT);
    },
  );
});
