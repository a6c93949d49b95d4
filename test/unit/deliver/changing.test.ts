import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Signal } from '../../../shared/signals/signal.ts';
import { type Engine, startEngine } from '../../engine.ts';
import { personOf, signal } from '../signals/signals.ts';
import { Delivering, type Receiver, startReceiver } from './world.ts';

const MINUTE_MS = 60_000;

let engine: Engine;
let receiver: Receiver;
let deliver: Delivering;

beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  receiver = await startReceiver();
  deliver = new Delivering(engine);
});
afterEach(() => receiver.stop());

const signals = (count: number, persons = 3): Signal[] =>
  Array.from({ length: count }, (_, index) => signal({ person: personOf(index % persons), sequence: index + 1 }));

async function append(id: string, arrived: readonly Signal[]) {
  for (let at = 0; at < arrived.length; at += 10) await deliver.signals.append(id, arrived.slice(at, at + 10));
}

describe('a subscription that changes while its signals wait, or are in flight,', () => {
  it('ends at once when the endpoint is gone', async () => {
    const { id } = await deliver.subscribe(receiver.url);
    receiver.answers = (_, response) => response.writeHead(410).end();
    await append(id, signals(1));
    await deliver.wake(id);
    expect((await deliver.subscriptions.read(id))?.status).toBe('off');
    expect(deliver.ended).toEqual([expect.stringContaining('410')]);
  });

  it('ends when the end has passed, and sends nothing more', async () => {
    const { id } = await deliver.subscribe(receiver.url, { end: '2026-03-01T09:00:00Z' });
    await append(id, signals(1));
    await deliver.wake(id);
    expect(receiver.attempts).toEqual([]);
    expect((await deliver.subscriptions.read(id))?.status).toBe('off');
    expect(deliver.ended).toEqual([]);
  });

  it('leaves nothing of a subscription that is removed while its signals are in flight', async () => {
    const one = await deliver.subscribe(receiver.url);
    await append(one.id, signals(130, 130));
    let removed: Promise<unknown> | undefined;
    receiver.answers = (_, response) => {
      removed ??= deliver.subscriptions.remove(one);
      void removed.then(() => response.writeHead(204).end());
    };
    await deliver.wake(one.id);
    expect(receiver.attempts.length).toBeLessThan(130);
    await deliver.wake(one.id);
    const left = await engine.client.send(
      new QueryCommand({
        TableName: engine.signalsTable,
        KeyConditionExpression: '#of = :of',
        FilterExpression: 'attribute_not_exists(expiresAt)',
        ExpressionAttributeNames: { '#of': 'of' },
        ExpressionAttributeValues: { ':of': { S: one.id } },
      }),
    );
    expect(left.Items).toEqual([]);
  });

  it('sends to the new endpoint once the subscription is changed while signals are in flight', async () => {
    const other = await startReceiver();
    const before = await deliver.subscribe(receiver.url);
    const arrived = signals(130, 130);
    await append(before.id, arrived);
    let changed: Promise<unknown> | undefined;
    receiver.answers = (_, response) => {
      const next = { ...before, version: 2, status: 'requested' as const, channel: { ...before.channel, endpoint: other.url } };
      changed ??= deliver.subscriptions.update(next, before);
      void changed.then(() => response.writeHead(204).end());
    };
    await deliver.wake(before.id);
    expect(other.accepted[0]?.body.type).toBe('uk.chesil.handshake.1');
    expect(receiver.accepted.length + other.accepted.length - 1).toBe(130);
    expect(other.accepted.length).toBeGreaterThan(1);
    await other.stop();
  });

  it('sends nothing where the settings do not allow the endpoint any more', async () => {
    const { id } = await deliver.subscribe(receiver.url);
    await append(id, signals(1));
    deliver.isAgreed = false;
    await deliver.wake(id);
    expect(receiver.attempts).toEqual([]);
    deliver.isAgreed = true;
    await deliver.letPass(MINUTE_MS, id);
    expect(receiver.accepted).toHaveLength(1);
  });
});
