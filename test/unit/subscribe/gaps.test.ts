import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, subscriptionOf, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

const ABSENT = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }] };

/** Without a value, which is only known by its extensions (http://hl7.org/fhir/R4/json.html#primitive). */
function absent(resource: Readonly<Record<string, unknown>>, name: string) {
  const { [name]: _value, ...rest } = resource;
  return { ...rest, [`_${name}`]: ABSENT };
}

describe('a Subscription or Group whose values are only extensions', () => {
  it.each(['criteria', 'reason', 'status', 'end', 'error'])('is taken or refused: %s', async (name) => {
    const body = absent(subscriptionOf(), name);
    expect((await world.ask('POST', 'Subscription', { body })).status).toBeLessThan(500);
  });

  it.each(['type', 'endpoint', 'payload', 'header'])('is taken or refused: channel.%s', async (name) => {
    const channel = absent(subscriptionOf().channel, name);
    const body = { ...subscriptionOf(), channel };
    expect((await world.ask('POST', 'Subscription', { body })).status).toBeLessThan(500);
  });

  it('is told which element needs a value', async () => {
    const { status, json } = await world.ask('POST', 'Subscription', { body: absent(subscriptionOf(), 'criteria') });
    expect({ status, at: json.issue[0].expression }).toEqual({ status: 400, at: ['Subscription.criteria'] });
  });

  it('is refused without a word about headers where a list of them has a gap', async () => {
    const channel = { ...subscriptionOf().channel, header: ['X: 1', null], _header: [null, ABSENT] };
    const { codes } = await world.ask('POST', 'Subscription', { body: { ...subscriptionOf(), channel } });
    expect(codes).toEqual(['no-headers']);
  });

  it.each(['type', 'actual', 'name'])('is taken or refused: Group.%s', async (name) => {
    const body = absent({ resourceType: 'Group', type: 'person', actual: true, name: 'A' }, name);
    expect((await world.ask('POST', 'Group', { body })).status).toBeLessThan(500);
  });
});
