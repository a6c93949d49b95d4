import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, subscriptionOf, type World } from './world.ts';

const NHS_NUMBER = 'https://fhir.nhs.uk/Id/nhs-number';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.clock.now = new Date('2026-11-24T10:00:00.000Z');
});

const member = (person: string, more: object = {}) => ({ entity: { reference: `Patient/${person}` }, ...more });
const byNumber = (value: string) => ({ entity: { identifier: { system: NHS_NUMBER, value } } });
const group = (members: readonly object[], more: object = {}) => ({
  resourceType: 'Group',
  type: 'person',
  actual: true,
  member: members,
  ...more,
});
/** A personId: base32, whose digits are a to z and 2 to 7. */
const person = (index: number) =>
  index
    .toString(16)
    .replaceAll(/[0-9]/g, (digit) => 'qrstuvwxyz'[Number(digit)]!)
    .padStart(26, 'g');
const [ONE, TWO, THREE] = ['a', 'b', 'c'].map((letter) => letter.repeat(26)) as [string, string, string];
const post = (body: unknown, organisation = 'uhd') => world.ask('POST', 'Group', { body, organisation });
const put = (id: string, body: object, headers = {}) => world.ask('PUT', `Group/${id}`, { body: { ...body, id }, headers });

describe('a panel', () => {
  it('is answered by the ids of its members, whoever they are', async () => {
    const { status, json, headers } = await post(
      group([member(TWO), member(ONE), byNumber('9000000009')], { name: 'Frail at home' }),
    );
    expect(status).toBe(201);
    const derived = world.dependencies.identity.person({ system: NHS_NUMBER, value: '9000000009' });
    expect(json).toEqual({
      resourceType: 'Group',
      id: expect.any(String),
      meta: { versionId: '1', lastUpdated: '2026-11-24T10:00:00.000Z' },
      active: true,
      type: 'person',
      actual: true,
      name: 'Frail at home',
      quantity: 3,
      member: [ONE, TWO, derived].sort().map((each) => member(each)),
    });
    expect(headers.location).toBe(`https://chesil.example/fhir/R4/Group/${json.id}`);
    const { Items } = await world.engine.client.send(new ScanCommand({ TableName: world.engine.signalsTable }));
    expect(JSON.stringify(Items)).not.toContain('9000000009');
  });

  it('remembers who was a member', async () => {
    const { json } = await post(group([member(ONE), member(TWO)]));
    const changed = await put(json.id, group([member(TWO), member(THREE, { inactive: true })]), { 'if-match': 'W/"1"' });
    expect(changed.json).toMatchObject({ quantity: 1, meta: { versionId: '2' } });
    expect(changed.json.member).toEqual([member(TWO), member(ONE, { inactive: true }), member(THREE, { inactive: true })]);
    expect((await put(json.id, group([member(ONE)]))).json.member).toEqual([
      member(ONE),
      member(TWO, { inactive: true }),
      member(THREE, { inactive: true }),
    ]);
    expect((await put(json.id, group([]), { 'if-match': 'W/"1"' })).codes).toEqual(['version-conflict']);
    expect((await put(json.id, { ...group([]), member: undefined })).json.quantity).toBe(0);
  });

  it('belongs to one organisation', async () => {
    const { json } = await post(group([member(ONE)]));
    const organisation = 'dch';
    expect((await world.ask('GET', `Group/${json.id}`, { organisation })).status).toBe(404);
    expect((await world.ask('DELETE', `Group/${json.id}`, { organisation })).status).toBe(404);
    expect((await world.ask('GET', 'Group', { organisation })).json.total).toBe(0);
    expect((await world.ask('GET', `Group?_id=${json.id}`)).json.total).toBe(1);
    const about = subscriptionOf({ criteria: `person='Group/${json.id}'` });
    expect((await world.ask('POST', 'Subscription', { body: about, organisation })).codes).toEqual(['unknown-panel']);
  });

  it('stays while a subscription is about it', async () => {
    const { json } = await post(group([member(ONE)]));
    const about = await world.ask('POST', 'Subscription', {
      body: subscriptionOf({ criteria: `person='Group/${json.id}' AND urgency='A'` }),
    });
    expect(about.status).toBe(201);
    expect(await world.dependencies.subscriptions.read(about.json.id)).toMatchObject({ panel: json.id });
    expect(await world.ask('DELETE', `Group/${json.id}`)).toMatchObject({ status: 409, codes: ['panel-in-use'] });
    expect((await world.ask('DELETE', `Subscription/${about.json.id}`)).status).toBe(204);
    expect((await world.ask('DELETE', `Group/${json.id}`)).status).toBe(204);
    expect((await world.ask('GET', `Group/${json.id}`)).status).toBe(404);
  });

  it('has five thousand members and no more', async () => {
    const many = Array.from({ length: 5_001 }, (_, index) => member(person(index)));
    expect((await post(group(many.slice(1)))).json.quantity).toBe(5_000);
    expect(await post(group(many))).toMatchObject({ status: 413, codes: ['panel-too-large'] });
    expect(await post(group(Array.from({ length: 20_000 }, () => 'x' as never)))).toMatchObject({ status: 413 });
  });

  it.each<[string, object, string[]]>([
    ['of animals', group([member(ONE)], { type: 'animal' }), ['bad-panel']],
    ['that is described', group([member(ONE)], { actual: false }), ['invariant']],
    ['that is not in use', group([member(ONE)], { active: false }), ['bad-panel']],
    ['with a name without end', group([member(ONE)], { name: 'x'.repeat(500_000) }), ['bad-value']],
    ['with an identifier', group([member(ONE)], { identifier: [{ value: 'x' }] }), ['bad-panel']],
    ['of practitioners', group([{ entity: { reference: 'Practitioner/x' } }]), ['bad-panel']],
    ['of a person under another id', group([{ entity: { reference: 'Patient/x' } }]), ['bad-panel']],
    ['of a person by another number', group([{ entity: { identifier: { system: 'urn:x', value: '1' } } }]), ['bad-panel']],
    ['of a wrong NHS number', group([byNumber('9000000000')]), ['bad-nhs-number']],
    [
      'with a modifier',
      group([member(ONE, { modifierExtension: [{ url: 'urn:x', valueBoolean: true }] })]),
      ['unknown-extension'],
    ],
    ['that is another resource', { ...group([]), resourceType: 'List' }, ['type-mismatch']],
  ])('%s is not kept', async (_, body, codes) => {
    const answer = await post(body);
    expect(answer.codes).toEqual(codes);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(JSON.stringify(answer.json)).not.toContain('9000000000');
  });
});
