import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signalPayload } from '../../../../shared/signals/payload/payload.ts';
import { createCarriers } from '../../../../shared/signals/sending/carriers/carriers.ts';
import type { Subscription } from '../../../../shared/signals/subscription.ts';
import { type Receiver, SECRET, startReceiver } from '../../deliver/world.ts';
import { signal, subscription } from '../signals.ts';

const ORIGIN = { source: 'urn:chesil:test', fhirUrl: 'https://record.example/fhir/R4' };

let receiver: Receiver;
let other: Receiver;
beforeEach(async () => {
  [receiver, other] = [await startReceiver(), await startReceiver()];
});
afterEach(() => Promise.all([receiver.stop(), other.stop()]));

const carriers = () =>
  createCarriers({
    queues: new SQSClient({ region: 'eu-west-2' }),
    events: new EventBridgeClient({ region: 'eu-west-2' }),
    keysOf: async () => [{ secret: SECRET, createdAt: '2026-01-01T00:00:00.000Z' }],
    now: Date.now,
  });
const to = (endpoint: string): Subscription =>
  subscription({ channel: { type: 'rest-hook', endpoint, payload: 'application/json' } });

describe('carriers', () => {
  it('are the same as long as a subscription stays as it is, and others for the next version, and for another', () => {
    const carrierOf = carriers();
    const one = to(receiver.url);
    const first = carrierOf(one);
    expect(carrierOf({ ...one })).toBe(first);
    const next = carrierOf({ ...one, version: 2 });
    expect(next).not.toBe(first);
    expect(carrierOf({ ...one, version: 2 })).toBe(next);
    expect(carrierOf(to(other.url))).not.toBe(next);
    expect(carrierOf({ ...one, version: 2 })).toBe(next);
  });

  it('take what follows a change to the new endpoint', async () => {
    const carrierOf = carriers();
    const one = to(receiver.url);
    const send = (by: Subscription) => carrierOf(by).send([signalPayload({ ...signal(), number: 1 }, by, ORIGIN)]);
    expect(await send(one)).toEqual([{ ok: true }]);
    expect(await send({ ...to(other.url), id: one.id, version: 2 })).toEqual([{ ok: true }]);
    expect([receiver.accepted.length, other.accepted.length]).toEqual([1, 1]);
  });
});
