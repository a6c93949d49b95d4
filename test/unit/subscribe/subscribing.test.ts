import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { driftOf } from '../../../shared/bus/drift.ts';
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
    ['a reason without end', subscriptionOf({ reason: 'x'.repeat(500_000) }), 400, ['bad-value'], 'Subscription.reason'],
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

  it('is one for one endpoint, however that is written', async () => {
    const of = (endpoint: string) => post(subscriptionOf({}, { endpoint }));
    expect((await of('https://hooks.shared.nhs.uk/~uhd?of=%2F')).status).toBe(201);
    for (const same of [
      'HTTPS://hooks.shared.nhs.uk/~uhd?of=%2F',
      'https://HOOKS.shared.nhs.uk:443/~uhd?of=%2F',
      'https://hooks.shared.nhs.uk/x/../~uhd?of=%2F',
      'https://hooks.shared.nhs.uk/%7euhd?of=%2f',
    ])
      expect(await of(same), same).toMatchObject({ status: 409, codes: ['endpoint-taken'] });
    expect((await of('https://hooks.shared.nhs.uk/')).status).toBe(201);
    expect(await of('https://hooks.shared.nhs.uk/?')).toMatchObject({ status: 409 });
  });

  it('is not made where the bus takes no more rules, and leaves nothing', async () => {
    const { dependencies } = world;
    const mostRules = await dependencies.rules.count();
    const body = subscriptionOf();
    const full = await world.ask('POST', 'Subscription', { body, organisation: 'dch' }, { mostRules });
    expect(full).toMatchObject({ status: 503, codes: ['subscriptions-full'] });
    // Somebody else took the last place in between.
    const rules = { ...dependencies.rules, put: async () => 'full' as const };
    expect(await world.ask('POST', 'Subscription', { body }, { rules })).toMatchObject({ status: 503 });
    expect((await post(body)).status).toBe(201);
    expect(await drift()).toEqual(NO_DRIFT);
  });

  it('is not made beyond the share of the rules that one organisation may have', async () => {
    const own = (await world.dependencies.subscriptions.ofOrganisation('uhd')).length;
    const asked = (mostRules: number, organisation: string) =>
      world.ask('POST', 'Subscription', { body: subscriptionOf(), organisation }, { mostRules });
    expect(await asked(3 * own + 2, 'uhd')).toMatchObject({ status: 422, codes: ['too-many-subscriptions'] });
    expect(await asked(3 * own + 2, 'dch')).toMatchObject({ status: 201 });
    expect(await asked(3 * own + 3, 'uhd')).toMatchObject({ status: 201 });
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
