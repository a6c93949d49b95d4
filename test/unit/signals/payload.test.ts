import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { CATALOGUE } from '../../../shared/changes/catalogue.ts';
import { organisationEvent } from '../../../shared/changes/organisation-events.ts';
import { ownPayload, type Payload, signalPayload } from '../../../shared/signals/payload/payload.ts';
import { problemsOf } from './json-schema.ts';
import { signal, subscription } from './signals.ts';

const SCHEMA = JSON.parse(readFileSync(new URL('../../fixtures/signals/signal-bundle.schema.json', import.meta.url), 'utf8'));
const CLOUD_EVENT = z.fromJSONSchema(
  JSON.parse(readFileSync(new URL('../../fixtures/cloudevent.schema.json', import.meta.url), 'utf8')),
);
const TIME = '2026-03-01T09:00:00.000Z';
const ORIGIN = { source: 'urn:chesil:test', fhirUrl: 'https://record.example/fhir/R4' };
const subscribed = (payload: 'application/json' | 'application/fhir+json') =>
  subscription({ channel: { type: 'rest-hook', endpoint: 'https://hooks.example', payload } });
const types = Object.entries(CATALOGUE).map(([name, { version }]) => `uk.chesil.${name}.${version}`);

const fhirOf = (payload: Payload) => JSON.parse(payload.body);

/** What is wrong with a Bundle, by the schema and by what the text of the schema says of its ids. */
function problemsOfBundle(bundle: fhir4.Bundle): string[] {
  const [{ fullUrl, resource } = {}] = bundle.entry ?? [];
  const isNamed = fullUrl === `urn:uuid:${resource?.id}`;
  return [...problemsOf(bundle, SCHEMA), ...(isNamed ? [] : ['the id is not the fullUrl without urn:uuid:'])];
}

describe('the payload of a signal', () => {
  it.each(types)('is a Bundle that is valid by the schema of the Multicast Notification Service: %s', (type) => {
    const one = { ...signal(), number: 7 };
    const payload = signalPayload({ ...one, event: { ...one.event, type } }, subscribed('application/fhir+json'), ORIGIN);
    expect(problemsOfBundle(fhirOf(payload))).toEqual([]);
  });

  it.each([
    ['feed-stale', 'Organization/$feeds'],
    ['subscription-ended', 'Subscription/7d2f7c2e-5d4b-4f0e-9d0e-3c1d2b5a6f70'],
  ] as const)('is such a Bundle too where it is of an organisation: %s', (name, reference) => {
    const event = organisationEvent({ name, organisation: 'uhd', at: TIME, occasion: 'a', reference, audience: [] }, ORIGIN);
    const payload = signalPayload({ ...signal(), event, number: 7 }, subscribed('application/fhir+json'), ORIGIN);
    expect(problemsOfBundle(fhirOf(payload))).toEqual([]);
  });

  it.each(['handshake', 'heartbeat'] as const)('is such a Bundle too where it is a %s, and says so', (kind) => {
    const to = subscribed('application/fhir+json');
    const payload = ownPayload({ kind, id: randomUUID(), time: TIME, lastNumber: 7 }, to, ORIGIN);
    const bundle = fhirOf(payload);
    expect(problemsOfBundle(bundle)).toEqual([]);
    const [, , , event, context] = bundle.entry[0].resource.parameter;
    expect(context.part).toEqual([
      { name: 'event-type', valueString: `uk.chesil.${kind}.1` },
      { name: 'source', valueUri: ORIGIN.source },
    ]);
    expect(event.part[2]).toEqual({
      name: 'focus',
      valueReference: { reference: `${ORIGIN.fhirUrl}/Subscription/${to.id}` },
    });
    expect(payload).toMatchObject({ number: 7, type: `uk.chesil.${kind}.1`, contentType: 'application/fhir+json' });
  });

  it.each(['handshake', 'heartbeat'] as const)('is a valid CloudEvent where it is a %s', (kind) => {
    const own = { kind, id: randomUUID(), time: TIME, lastNumber: 7 };
    const { body } = ownPayload(own, subscribed('application/json'), ORIGIN);
    expect(CLOUD_EVENT.safeParse(JSON.parse(body))).toMatchObject({ success: true });
    expect(JSON.parse(body)).toMatchObject({ type: `uk.chesil.${kind}.1`, eventnumber: 7 });
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
});
