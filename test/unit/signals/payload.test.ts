import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../../shared/changes/catalogue.ts';
import { organisationEvent } from '../../../shared/changes/organisation-events.ts';
import { ownPayload, signalPayload } from '../../../shared/signals/payload/payload.ts';
import { problemsOf } from './json-schema.ts';
import { signal, subscription } from './signals.ts';

const SCHEMA = JSON.parse(readFileSync(new URL('../../fixtures/signals/signal-bundle.schema.json', import.meta.url), 'utf8'));
const ORIGIN = { source: 'urn:chesil:test', fhirUrl: 'https://record.example/fhir/R4' };
const subscribed = (payload: 'application/json' | 'application/fhir+json') =>
  subscription({ channel: { type: 'rest-hook', endpoint: 'https://hooks.example', payload } });
const types = Object.entries(CATALOGUE).map(([name, { version }]) => `uk.chesil.${name}.${version}`);

describe('the payload of a signal', () => {
  it.each(types)('is a Bundle that is valid by the schema of the Multicast Notification Service: %s', (type) => {
    const one = { ...signal(), number: 7 };
    const { body } = signalPayload({ ...one, event: { ...one.event, type } }, subscribed('application/fhir+json'), ORIGIN);
    expect(problemsOf(JSON.parse(body), SCHEMA)).toEqual([]);
  });

  it('is such a Bundle too where it is of an organisation', () => {
    const change = {
      name: 'feed-stale',
      organisation: 'uhd',
      at: '2026-03-01T09:00:00.000Z',
      occasion: 'a',
      sequence: '1795420800000',
    } as const;
    const event = organisationEvent({ ...change, reference: 'Organization/$feeds', audience: [] }, ORIGIN);
    const { body } = signalPayload({ ...signal(), event, number: 7 }, subscribed('application/fhir+json'), ORIGIN);
    expect(problemsOf(JSON.parse(body), SCHEMA)).toEqual([]);
  });

  it('would not pass if it were something else', () => {
    const { body } = signalPayload({ ...signal(), number: 7 }, subscribed('application/fhir+json'), ORIGIN);
    const bundle = JSON.parse(body);
    bundle.entry[0].resource.parameter[3].part[0].valueString = '7';
    expect(problemsOf(bundle, SCHEMA)).toEqual(['$.entry[0].resource.parameter[3].part[0].valueString is not "1"']);
  });

  it('is a CloudEvent with its number and nothing of who else hears it', () => {
    const one = { ...signal({ formerly: true, replay: 'a' }), number: 7 };
    const to = subscribed('application/json');
    const { body, ...rest } = signalPayload(one, to, ORIGIN);
    expect(JSON.parse(body)).toEqual({ ...one.event, eventnumber: 7, subscriptionid: to.id });
    expect(rest).toEqual({ id: one.event.id, type: one.event.type, contentType: 'application/json', number: 7 });
    expect(Object.keys(JSON.parse(body)).filter((name) => !/^[a-z0-9]+$/.test(name))).toEqual([]);
  });

  it('is the same each time', () => {
    const one = { ...signal(), number: 7 };
    const to = subscribed('application/fhir+json');
    expect(signalPayload(one, to, ORIGIN)).toEqual(signalPayload(one, to, ORIGIN));
  });

  it('says of a heartbeat how many there have been', () => {
    const own = { kind: 'heartbeat', id: 'a', time: '2026-03-01T09:00:00.000Z', lastNumber: 7 } as const;
    expect(JSON.parse(ownPayload(own, subscribed('application/json'), ORIGIN).body)).toMatchObject({
      type: 'uk.chesil.heartbeat.1',
      eventnumber: 7,
    });
    const { entry } = JSON.parse(ownPayload(own, subscribed('application/fhir+json'), ORIGIN).body);
    expect(entry[0].resource.parameter).toContainEqual({ name: 'events-since-subscription-start', valueString: '7' });
  });
});
