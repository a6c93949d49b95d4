import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { organisationSubject } from '../../../shared/changes/organisation-events.ts';
import type { Subscription } from '../../../shared/signals/subscription.ts';
import { signal } from '../signals/signals.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  world.clock.now = new Date('2026-11-24T10:00:00.000Z');
  await world.woken();
});

const everybody = organisationSubject('uhd');
/** What everybody in its audience may hear, and what nobody may: of a person of whom nothing is known. */
const heard = (sequence: number) => signal({ person: everybody, sequence });
const unheard = (sequence: number) => signal({ person: 'a'.repeat(26), sequence });
const append = ({ id }: Subscription, ...signals: Parameters<World['dependencies']['log']['append']>[1]) =>
  world.dependencies.log.append(id, signals);
const get = (address: string) => world.ask('GET', `Subscription/${address}`);
const values = (json: fhir4.Parameters) =>
  Object.fromEntries((json.parameter ?? []).map(({ name, ...value }) => [name, Object.values(value)[0]]));

describe('$status', () => {
  it('says how far the signals have come, and what waits', async () => {
    const subscription = await world.subscribe();
    await append(subscription, heard(1), heard(2), heard(3));
    await get(`${subscription.id}/$events`);
    const { status, json } = await get(`${subscription.id}/$status`);
    expect(status).toBe(200);
    expect(json.meta.profile).toEqual([
      'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-status-r4',
    ]);
    expect(values(json)).toEqual({
      subscription: { reference: `https://chesil.example/fhir/R4/Subscription/${subscription.id}` },
      status: 'active',
      type: 'query-status',
      'events-since-subscription-start': '3',
      undelivered: 3,
      'dead-letters': 0,
      'oldest-undelivered': '2026-03-01T09:00:00.050Z',
    });
  });

  it('says why nothing is sent', async () => {
    const subscription = await world.subscribe();
    await world.dependencies.subscriptions.setStatus(subscription, {
      status: 'error',
      error: 'It answers 500.',
      at: '2026-11-24T10:00:00.000Z',
    });
    expect(values((await get(`${subscription.id}/$status`)).json)).toMatchObject({
      status: 'error',
      error: { text: 'It answers 500.' },
    });
  });
});

describe('$events', () => {
  it('gives what waits its numbers, without what may not be heard, page by page', async () => {
    const subscription = await world.subscribe();
    for (let index = 0; index < 25; index++) await append(subscription, heard(index), unheard(index));
    const first = await get(`${subscription.id}/$events?_count=10`);
    expect(first.headers['content-type']).toMatch(/^application\/cloudevents-batch\+json/);
    expect(first.json.map(({ eventnumber }: { eventnumber: number }) => eventnumber)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(first.json[0]).toMatchObject({ specversion: '1.0', subscriptionid: subscription.id, subject: everybody });
    const next = `https://chesil.example/fhir/R4/Subscription/${subscription.id}/$events?from=11&_count=10`;
    expect(first.headers.link).toBe(`<${next}>; rel="next"`);
    const last = await get(`${subscription.id}/$events?from=21`);
    expect(last.json).toHaveLength(5);
    expect(last.headers).not.toHaveProperty('link');
    expect((await get(`${subscription.id}/$events?from=26`)).json).toEqual([]);
  });

  it('tells no more of a person once it may not', async () => {
    const subscription = await world.subscribe();
    await append(subscription, unheard(1), heard(2), unheard(3));
    const all = { mayHear: async (_: string, signals: readonly unknown[]) => signals.map(() => true) };
    const numbers = (json: readonly { eventnumber: number }[]) => json.map(({ eventnumber }) => eventnumber);
    const told = await world.ask('GET', `Subscription/${subscription.id}/$events`, {}, { hearing: all });
    expect(numbers(told.json)).toEqual([1, 2, 3]);
    expect(numbers((await get(`${subscription.id}/$events`)).json)).toEqual([2]);
  });

  it('comes as a Bundle of the backport to whoever hears in FHIR', async () => {
    const subscription = await world.subscribe([{}, { payload: 'application/fhir+json' }]);
    await append(subscription, heard(1), heard(2));
    const { json } = await get(`${subscription.id}/$events?_count=1`);
    expect(json).toMatchObject({ resourceType: 'Bundle', type: 'history' });
    expect(json.link).toEqual([{ relation: 'next', url: expect.stringContaining('from=2&_count=1') }]);
    const [{ resource }] = json.entry;
    expect(values(resource)).toMatchObject({ type: 'query-event', 'events-since-subscription-start': '2' });
    expect(resource.parameter.at(-1).part[0]).toEqual({ name: 'event-number', valueString: '1' });
  });

  it.each(['from=0', 'from=-1', 'from=x', '_count=0', '_count=x'])('is not read with %s', async (query) => {
    const { id } = await world.subscribe();
    expect(await get(`${id}/$events?${query}`)).toMatchObject({ status: 400, codes: ['bad-parameter'] });
  });
});

describe('an operation that only reads, by POST', () => {
  const post = (path: string, body?: unknown) => world.ask('POST', `Subscription/${path}`, { body });

  it.each(['$status', '$secret', '$dead-letters'])('answers as by GET: %s', async (operation) => {
    const { id } = await world.subscribe();
    expect(await post(`${id}/${operation}`)).toEqual(await get(`${id}/${operation}`));
  });

  it('takes its parameters from the body', async () => {
    const { id } = await world.subscribe();
    const parameter = [{ name: '_count', valueInteger: 0 }];
    expect((await post(`${id}/$events`, { resourceType: 'Parameters', parameter })).codes).toEqual(['bad-parameter']);
    expect((await post(`${id}/$events`)).status).toBe(200);
  });
});

describe('parameters of $events', () => {
  it.each([
    ['from=1&from=2', 'repeated-parameter'],
    ['_count=1&_count=2', 'repeated-parameter'],
    ['form=2', 'unknown-parameter'],
  ])('are refused, and none is overwritten or ignored: %s', async (query, code) => {
    const { id } = await world.subscribe();
    expect(await get(`${id}/$events?${query}`)).toMatchObject({ status: 400, codes: [code] });
  });

  it('may come twice with one value, and beside those of the form', async () => {
    const { id } = await world.subscribe();
    expect((await get(`${id}/$events?from=1&from=1&_count=1&_pretty=true`)).status).toBe(200);
  });
});

describe('$replay', () => {
  const period = (start: string, end: string) => ({
    resourceType: 'Parameters',
    parameter: [
      { name: 'start', valueInstant: start },
      { name: 'end', valueInstant: end },
    ],
  });
  const replay = (id: string, body: unknown) => world.ask('POST', `Subscription/${id}/$replay`, { body });

  it('starts a replay of the archive to the one rule, and says how far it has come', async () => {
    const { id } = await world.subscribe();
    const { status, json } = await replay(id, period('2026-11-23T10:00:00Z', '2026-11-24T09:00:00Z'));
    expect(status).toBe(202);
    expect(values(json)).toMatchObject({ start: '2026-11-23T10:00:00.000Z', end: '2026-11-24T09:00:00.000Z' });
    const told = await get(`${id}/$replay`);
    const [{ part }] = told.json.parameter;
    expect(values({ resourceType: 'Parameters', parameter: part })).toMatchObject({
      name: values(json).name,
      start: '2026-11-23T10:00:00.000Z',
    });
  });

  it('is one at a time', async () => {
    const { id } = await world.subscribe();
    const running = { name: 'x', state: 'RUNNING', start: '', end: '' };
    const replays = { ...world.dependencies.replays, of: async () => [running] };
    const body = period('2026-11-23T10:00:00Z', '2026-11-24T09:00:00Z');
    expect(await world.ask('POST', `Subscription/${id}/$replay`, { body }, { replays })).toMatchObject({
      status: 409,
      codes: ['replay-runs'],
    });
    const busy = { ...world.dependencies.replays, start: async () => 'busy' as const };
    expect(await world.ask('POST', `Subscription/${id}/$replay`, { body }, { replays: busy })).toMatchObject({ status: 429 });
  });

  it('is for those who are active, and for days that are archived', async () => {
    const { id, channel } = await world.subscribe();
    for (const [start, end] of [
      ['2026-10-24T10:00:00Z', '2026-11-24T09:00:00Z'],
      ['2026-11-24T09:00:00Z', '2026-11-24T09:00:00Z'],
      ['2026-11-24T09:00:00Z', '2026-11-24T10:00:01Z'],
    ] as const)
      expect(await replay(id, period(start, end))).toMatchObject({ status: 422, codes: ['replay-beyond'] });
    expect(await replay(id, { resourceType: 'Parameters', parameter: [] })).toMatchObject({
      status: 400,
      codes: ['bad-parameters'],
    });
    expect(await replay(id, undefined)).toMatchObject({ codes: ['body-required'] });
    const off = { resourceType: 'Subscription', id, status: 'off', reason: '', criteria: "urgency='A'", channel };
    await world.ask('PUT', `Subscription/${id}`, { body: off });
    expect(await replay(id, period('2026-11-23T10:00:00Z', '2026-11-24T09:00:00Z'))).toMatchObject({
      status: 409,
      codes: ['not-active'],
    });
  });
});

describe('the key of a subscription', () => {
  const keys = (json: fhir4.Parameters) =>
    (json.parameter ?? []).map(({ part }) => values({ resourceType: 'Parameters', parameter: part ?? [] }));

  it('is shown to whoever may change the subscription, and kept in no cache', async () => {
    const { id } = await world.subscribe();
    const { json, headers } = await get(`${id}/$secret`);
    expect(keys(json)).toEqual([
      { secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/), from: '2026-11-24T10:00:00.000Z' },
    ]);
    expect(headers['cache-control']).toBe('no-store');
    const reader = await world.ask('GET', `Subscription/${id}/$secret`, { scopes: ['system/*.rs'] });
    expect(reader).toMatchObject({ status: 403, codes: ['missing-scope'] });
    expect((await world.ask('GET', `Subscription/${id}/$status`, { scopes: ['system/Subscription.r'] })).status).toBe(200);
  });

  it('is replaced with a day in which both sign', async () => {
    const { id } = await world.subscribe();
    const [before] = keys((await get(`${id}/$secret`)).json);
    world.clock.now = new Date('2026-11-24T12:00:00.000Z');
    const rotated = keys((await world.ask('POST', `Subscription/${id}/$rotate-secret`)).json);
    expect(rotated).toEqual([
      { secret: expect.not.stringContaining(before!.secret as string), from: '2026-11-24T12:00:00.000Z' },
      { ...before, until: '2026-11-25T12:00:00.000Z' },
    ]);
    world.clock.now = new Date('2026-11-25T12:00:00.000Z');
    expect(keys((await get(`${id}/$secret`)).json)).toEqual([rotated[0]]);
  });

  it('is none where nothing is posted', async () => {
    const endpoint = 'arn:aws:sqs:eu-west-2:000000000000:chesil-test-uhd';
    const { id } = await world.subscribe([{}, { type: 'message', endpoint }]);
    expect(await get(`${id}/$secret`)).toMatchObject({ status: 409, codes: ['no-secret'] });
    expect(await world.ask('POST', `Subscription/${id}/$rotate-secret`)).toMatchObject({ status: 409, codes: ['no-secret'] });
  });
});

describe('dead letters', () => {
  it('are shown as far as they may still be told, and sent again by command', async () => {
    const subscription = await world.subscribe();
    const { log } = world.dependencies;
    const letter = (number: number, of: ReturnType<typeof signal>) =>
      log.giveUp(subscription.id, {
        signal: { ...of, number },
        attempts: 40,
        since: Date.parse('2026-11-21T10:00:00Z'),
        code: 'status-500',
      });
    await letter(4, heard(4));
    await letter(5, unheard(5));
    const { json } = await get(`${subscription.id}/$dead-letters`);
    expect(json.parameter).toHaveLength(1);
    expect(values({ resourceType: 'Parameters', parameter: json.parameter[0].part })).toMatchObject({
      'event-number': '4',
      attempts: 40,
      since: '2026-11-21T10:00:00.000Z',
      code: 'status-500',
    });
    await world.woken();
    const redriven = await world.ask('POST', `Subscription/${subscription.id}/$redrive`);
    expect({ status: redriven.status, count: values(redriven.json).count }).toEqual({ status: 202, count: 2 });
    expect(await world.woken()).toEqual([subscription.id]);
    expect((await get(`${subscription.id}/$dead-letters`)).json).toEqual({ resourceType: 'Parameters' });
  });
});
