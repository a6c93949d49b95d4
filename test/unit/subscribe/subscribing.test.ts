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

describe('a subscription that is made', () => {
  it('is answered as it was sent, with an id, a version and the status requested', async () => {
    const sent = subscriptionOf({ reason: 'Tell the discharge team' });
    const { status, headers, json } = await post(sent);
    expect(status).toBe(201);
    expect(json).toEqual({
      ...sent,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      meta: { versionId: '1', lastUpdated: '2026-11-24T10:00:00.000Z' },
    });
    expect(headers).toMatchObject({ location: `https://chesil.example/fhir/R4/Subscription/${json.id}`, etag: 'W/"1"' });
    expect((await world.ask('GET', `Subscription/${json.id}`)).json).toEqual(json);
  });

  it('has one rule, that sends what the organisation may hear to the arrivals, in order; and is woken', async () => {
    const { json } = await post(subscriptionOf({ criteria: "urgency='A' AND section='allergies'" }));
    expect(await ruleOf(json.id)).toEqual({
      id: json.id,
      pattern: JSON.stringify({
        source: ['chesil.record'],
        detail: { audience: ['uhd'], routing: { urgency: ['A'], section: ['allergies'] } },
      }),
      description: 'Signals of a subscription of uhd',
      isEnabled: true,
      target: world.dependencies.rules.targetOf(json.id),
    });
    expect(await world.woken()).toEqual([json.id]);
    expect(await drift()).toEqual(NO_DRIFT);
  });

  it('goes to a queue, an event bus or an address, as either payload', async () => {
    const message = { type: 'message', payload: 'application/fhir+json' };
    for (const endpoint of [
      'arn:aws:sqs:eu-west-2:000000000000:chesil-test-uhd',
      'arn:aws:events:eu-west-2:111122223333:event-bus/uhd',
    ])
      expect((await post(subscriptionOf({}, { ...message, endpoint }))).status).toBe(201);
    expect((await post(subscriptionOf({}, { endpoint: 'http://127.0.0.1:4000/x' }))).status).toBe(201);
  });

  it('is taken as the Multicast Notification Service has it: with an id, an empty reason, and no quotes', async () => {
    const { status, json } = await post(
      subscriptionOf({
        id: 'e9050741-ae87-4720-beb1-2abd9248e227',
        end: '2027-04-05T17:00:00.000Z',
        criteria: 'eventType=fragment-created-1',
      }),
    );
    expect({ status, reason: json.reason, end: json.end }).toEqual({ status: 201, reason: '', end: '2027-04-05T17:00:00.000Z' });
    expect(json.id).not.toBe('e9050741-ae87-4720-beb1-2abd9248e227');
  });

  it('keeps how often it wants to hear, and passes over extensions of others', async () => {
    const extension = [
      {
        url: 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-heartbeat-period',
        valueUnsignedInt: 300,
      },
      { url: 'urn:chesil:signals-per-second', valuePositiveInt: 20 },
    ];
    const other = { url: 'https://example.org/other', valueString: 'x' };
    const { status, json } = await post(subscriptionOf({}, { extension: [...extension, other] }));
    expect(status).toBe(201);
    expect(json.channel.extension).toEqual(extension);
    expect(await world.dependencies.subscriptions.read(json.id)).toMatchObject({ heartbeatSeconds: 300, ratePerSecond: 20 });
  });
});

describe('a subscription that cannot be made', () => {
  it.each<[string, ReturnType<typeof subscriptionOf> | string, number, string[], string?]>([
    ['not JSON', '{', 400, ['not-json']],
    ['another resource', { ...subscriptionOf(), resourceType: 'Patient' }, 400, ['type-mismatch']],
    ['active at once', subscriptionOf({ status: 'active' }), 422, ['bad-subscription-status'], 'Subscription.status'],
    ['no criteria', subscriptionOf({ criteria: undefined }), 400, ['required-element'], 'Subscription.criteria'],
    ['no channel', { ...subscriptionOf(), channel: undefined as never }, 400, ['required-element'], 'Subscription.channel'],
    ['criteria that do not parse', subscriptionOf({ criteria: "eventType='x" }), 422, ['bad-criteria'], 'Subscription.criteria'],
    ['criteria of 10 kB', subscriptionOf({ criteria: "urgency='A' OR ".repeat(700) }), 422, ['criteria-too-long']],
    ['another channel', subscriptionOf({}, { type: 'email' }), 422, ['bad-channel'], 'Subscription.channel.type'],
    ['another payload', subscriptionOf({}, { payload: 'text/plain' }), 422, ['bad-channel'], 'Subscription.channel.payload'],
    ['no payload', subscriptionOf({}, { payload: undefined }), 400, ['required-element'], 'Subscription.channel.payload'],
    ['no endpoint', subscriptionOf({}, { endpoint: undefined }), 400, ['required-element'], 'Subscription.channel.endpoint'],
    ['a header', subscriptionOf({}, { header: ['Authorization: Bearer x'] }), 422, ['no-headers'], 'Subscription.channel.header'],
    ['an end that is past', subscriptionOf({ end: '2026-11-24T09:59:59Z' }), 422, ['bad-end'], 'Subscription.end'],
    ['an end that is no instant', subscriptionOf({ end: '2027' }), 400, ['bad-value'], 'Subscription.end'],
    [
      'a queue of others',
      subscriptionOf({}, { type: 'message', endpoint: 'arn:aws:sqs:eu-west-2:000000000000:chesil-test-dch' }),
      422,
      ['endpoint-not-agreed'],
      'Subscription.channel.endpoint',
    ],
    ['a host that is not agreed', subscriptionOf({}, { endpoint: 'https://evil.example/' }), 422, ['endpoint-not-agreed']],
    ['metadata of the cloud', subscriptionOf({}, { endpoint: 'http://169.254.169.254/' }), 422, ['bad-endpoint']],
    ['a user in the address', subscriptionOf({}, { endpoint: 'https://u:p@hooks.shared.nhs.uk/' }), 422, ['bad-endpoint']],
    [
      'a heartbeat every second',
      subscriptionOf(
        {},
        {
          extension: [
            {
              url: 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-heartbeat-period',
              valueUnsignedInt: 1,
            },
          ],
        },
      ),
      422,
      ['bad-extension'],
    ],
    [
      'a rate in words',
      subscriptionOf({}, { extension: [{ url: 'urn:chesil:signals-per-second', valueString: 'many' }] }),
      422,
      ['bad-extension'],
    ],
    [
      'a modifier',
      subscriptionOf({ modifierExtension: [{ url: 'https://example.org/not', valueBoolean: true }] }),
      422,
      ['unknown-extension'],
    ],
    ['rules of its own', subscriptionOf({ implicitRules: 'https://example.org/rules' }), 422, ['unknown-extension']],
    [
      'a Group that is not there',
      subscriptionOf({ criteria: "person='Group/none'" }),
      422,
      ['unknown-panel'],
      'Subscription.criteria',
    ],
    ['an element that FHIR has not', subscriptionOf({ toString: 'x' }), 400, ['unknown-element']],
    [
      'several at once',
      subscriptionOf({ status: 'off', criteria: "urgenc='A' AND section='y'" }, { type: 'sms' }),
      422,
      ['bad-subscription-status', 'bad-criteria', 'bad-criteria', 'bad-channel'],
    ],
  ])('%s', async (_, body, status, codes, expression) => {
    const before = await world.dependencies.rules.count();
    const answer = await post(body);
    expect({ status: answer.status, codes: answer.codes }).toEqual({ status, codes });
    if (expression !== undefined) expect(answer.json.issue[0].expression).toEqual([expression]);
    expect(await world.dependencies.rules.count()).toBe(before);
    expect(await world.woken()).toEqual([]);
  });

  it('is named where its endpoint is taken, to its owner and to nobody else', async () => {
    const body = subscriptionOf();
    const { json } = await post(body);
    const again = await post(body);
    expect(again).toMatchObject({ status: 409, codes: ['endpoint-taken'] });
    expect(again.json.issue[0].diagnostics).toBe(`Subscription/${json.id}`);
    const other = await post(body, 'dch');
    expect(other.status).toBe(409);
    expect(JSON.stringify(other.json)).not.toContain(json.id);
  });

  it('is not made where the bus takes no more rules, and leaves nothing', async () => {
    const { dependencies } = world;
    const mostRules = await dependencies.rules.count();
    const body = subscriptionOf();
    const full = await world.ask('POST', 'Subscription', { body }, { mostRules });
    expect(full).toMatchObject({ status: 503, codes: ['subscriptions-full'] });
    // Somebody else took the last place in between.
    const rules = { ...dependencies.rules, put: async () => 'full' as const };
    expect(await world.ask('POST', 'Subscription', { body }, { rules })).toMatchObject({ status: 503 });
    expect((await post(body)).status).toBe(201);
    expect(await drift()).toEqual(NO_DRIFT);
  });

  it('is not for people, nor for systems without the scope', async () => {
    const viewer = {
      organisation: 'uhd',
      client: 'portal',
      role: 'clinician',
      purpose: 'direct-care',
      staff: 'dorset|x',
    } as const;
    const user = await world.ask('POST', 'Subscription', { viewer, scopes: ['user/*.cruds'], body: subscriptionOf() });
    expect(user).toMatchObject({ status: 403, codes: ['only-systems'] });
    const reader = await world.ask('POST', 'Subscription', { scopes: ['system/*.rs'], body: subscriptionOf() });
    expect(reader).toMatchObject({ status: 403, codes: ['missing-scope'] });
  });
});

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
  });
});

describe('what is not there to be asked', () => {
  it.each([
    ['PATCH', 'Subscription/x'],
    ['GET', 'Subscription/x/_history'],
    ['GET', 'Subscription/x/constructor'],
    ['POST', 'Subscription/x/$status'],
    ['GET', 'Group/x/$status'],
    ['GET', 'constructor/x'],
    ['GET', 'Subscription/x/$status/y'],
  ])('%s %s', async (method, path) => {
    expect(await world.ask(method, path)).toMatchObject({ status: 405, codes: ['not-allowed'] });
  });
});
