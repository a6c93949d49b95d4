import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Rules } from '../../../shared/bus/rules.ts';
import type { Subscription } from '../../../shared/signals/subscription.ts';
import { subscription } from '../signals/signals.ts';
import { createWorld, quieten, subscribeIn, type World } from './world.ts';

const NOW = '2026-11-24T12:00:00.000Z';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  await quieten(world, NOW);
});

const subscribed = (told: Partial<Subscription> = {}) => subscribeIn(world, told);

describe('drift between subscriptions and rules', () => {
  const rules = () => world.dependencies.rules;
  const ruleOf = async (id: string) => (await rules().list()).find((rule) => rule.id === id);
  const drift = () => world.measured.flatMap(({ values }) => values.ruleDrift ?? []);
  const mend = () => world.run({ task: 'drift' });

  it('is nothing where all is as it should be', async () => {
    await subscribed();
    await mend();
    world.measured.splice(0);
    await mend();
    expect(drift()).toEqual([0]);
  });

  it('is mended where a rule is missing, or is another than it should be', async () => {
    const [missing, changed] = [await subscribed(), await subscribed()];
    await mend();
    const asMade = await ruleOf(missing.id);
    await rules().remove(missing.id);
    await rules().put(changed, JSON.stringify({ source: ['chesil.record'] }));
    world.measured.splice(0);
    await mend();
    expect(drift()).toEqual([2]);
    expect(await ruleOf(missing.id)).toEqual(asMade);
    expect((await ruleOf(changed.id))!.pattern).toBe(asMade!.pattern);
  });

  it('is mended where a rule has no subscription, or one that is off, which is no surprise', async () => {
    const off = await subscribed();
    await mend();
    await world.subscriptions.setStatus(off, { status: 'off', at: NOW });
    const nobody = subscription();
    await rules().put(nobody, JSON.stringify({ source: ['chesil.record'] }));
    world.measured.splice(0);
    await mend();
    expect(drift()).toEqual([1]);
    expect([await ruleOf(off.id), await ruleOf(nobody.id)]).toEqual([undefined, undefined]);
  });

  it('is mended on a full bus where rules that nobody asks for make room', async () => {
    const missing = await subscribed();
    const nobody = subscription();
    await rules().put(nobody, JSON.stringify({ source: ['chesil.record'] }));
    const most = await rules().count();
    const put: Rules['put'] = async (...asked) => ((await rules().count()) >= most ? 'full' : rules().put(...asked));
    await world.run({ task: 'drift' }, { rules: { ...rules(), put } });
    expect(await ruleOf(nobody.id)).toBeUndefined();
    expect(await ruleOf(missing.id)).toBeDefined();
  });

  it('undoes nothing that is made while it looks', async () => {
    const lagging = { ...world.dependencies.subscriptions, all: async () => [] };
    const made = await subscribed();
    await mend();
    const before = await ruleOf(made.id);
    // The list does not know of it yet.
    await world.run({ task: 'drift' }, { subscriptions: lagging });
    expect(await ruleOf(made.id)).toEqual(before);
  });
});
