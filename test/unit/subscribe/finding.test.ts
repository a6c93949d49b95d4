import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { settleRule } from '../../../shared/bus/drift.ts';
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

describe('a subscription of an organisation that was merged', () => {
  it('belongs to whoever took over, and hears what they may hear', async () => {
    const { json } = await post(subscriptionOf(), 'uhd');
    const made = await world.dependencies.subscriptions.read(json.id);
    const { channel } = subscriptionOf();
    const before = { ...made!, id: randomUUID(), organisation: 'rbch', channel: channel as never };
    expect(await world.dependencies.subscriptions.create(before)).toBe('kept');
    expect((await world.ask('GET', `Subscription/${before.id}`)).json.id).toBe(before.id);
    expect((await world.ask('GET', `Subscription?_id=${before.id}`)).json.total).toBe(1);
    expect((await world.ask('GET', `Subscription/${before.id}`, { organisation: 'dch' })).status).toBe(404);
    const { rules, subscriptions } = world.dependencies;
    await settleRule({ rules, subscriptions, directory }, before.id);
    expect(JSON.parse((await ruleOf(before.id))!.pattern).detail.audience).toEqual(['rbch', 'uhd']);
  });
});

describe('a subscription of somebody else', () => {
  it('is answered as one that is not there', async () => {
    const { json } = await post(subscriptionOf());
    const none = randomUUID();
    for (const [method, path, body] of [
      ['GET', ''],
      ['PUT', '', { ...subscriptionOf(), id: '' }],
      ['DELETE', ''],
      ['GET', '/$status'],
      ['GET', '/$events'],
      ['GET', '/$secret'],
      ['POST', '/$rotate-secret'],
      ['GET', '/$replay'],
      ['POST', '/$replay'],
      ['GET', '/$dead-letters'],
      ['POST', '/$redrive'],
    ] as const) {
      const of = (id: string) =>
        world.ask(method, `Subscription/${id}${path}`, {
          organisation: 'dch',
          ...(body === undefined ? {} : { body: { ...body, id } }),
        });
      const [theirs, nobodys] = [await of(json.id), await of(none)];
      expect(theirs.status).toBe(404);
      expect(theirs).toEqual(nobodys);
    }
    expect((await world.ask('GET', `Subscription?_id=${json.id}`, { organisation: 'dch' })).json.total).toBe(0);
    expect((await world.ask('GET', `Subscription/${json.id}`)).status).toBe(200);
  });
});

describe('a search', () => {
  it('finds the caller’s own, by status, criteria, endpoint, page by page', async () => {
    const organisation = 'dch';
    for (let index = 0; index < 5; index++) {
      world.clock.now = new Date(Date.parse('2026-11-24T10:00:00.000Z') + index);
      await world.ask('POST', 'Subscription', {
        organisation,
        body: subscriptionOf({ criteria: `urgency='${index < 3 ? 'A' : 'B'}'` }),
      });
    }
    const found = async (address: string) => (await world.ask('GET', address, { organisation })).json;
    const all = await found('Subscription?status=requested,active');
    expect(all).toMatchObject({ type: 'searchset', total: 5 });
    const [first] = all.entry;
    expect((await found(`Subscription?url=${encodeURIComponent(first.resource.channel.endpoint)}`)).entry).toEqual([first]);
    expect((await found(`Subscription?criteria=${encodeURIComponent("urgency='A'")}`)).total).toBe(3);
    expect((await found('Subscription?status=off')).total).toBe(0);
    const seen: string[] = [];
    let address: string | undefined = 'Subscription?_count=2';
    while (address !== undefined) {
      const page: fhir4.Bundle = await found(address);
      seen.push(...page.entry!.map(({ resource }) => resource!.id!));
      address = page.link!.find(({ relation }) => relation === 'next')?.url.replace('https://chesil.example/fhir/R4/', '');
    }
    expect(seen).toEqual(all.entry.map(({ resource }: fhir4.BundleEntry) => resource!.id));
  });

  it('says what it passed over, or refuses it', async () => {
    const { json } = await world.ask('GET', 'Subscription?contact=x');
    expect(json.entry.at(-1).resource.issue[0].details.coding[0].code).toBe('ignored-parameter');
    const strict = await world.ask('GET', 'Subscription?contact=x', { headers: { prefer: 'handling=strict' } });
    expect(strict).toMatchObject({ status: 400, codes: ['unknown-parameter'] });
    expect((await world.ask('GET', 'Subscription?_count=many')).codes).toEqual(['bad-parameter']);
    expect((await world.ask('GET', 'Subscription?_count=1&_count=2')).codes).toEqual(['repeated-parameter']);
    expect((await world.ask('GET', 'Subscription?_count=1&_count=1')).status).toBe(200);
  });
});

describe('what is not there to be asked', () => {
  it.each([
    ['PATCH', 'Subscription/x'],
    ['GET', 'Subscription/x/_history'],
    ['GET', 'Subscription/x/constructor'],
    ['PUT', 'Subscription/x/$status'],
    ['POST', 'Subscription/x/$constructor'],
    ['GET', 'Group/x/$status'],
    ['GET', 'constructor/x'],
    ['GET', 'Subscription/x/$status/y'],
  ])('%s %s', async (method, path) => {
    expect(await world.ask(method, path)).toMatchObject({ status: 405, codes: ['not-allowed'] });
  });
});
