import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from 'vitest';
import { createEnding } from '../../../functions/deliver/ending.ts';
import { createLog } from '../../../shared/lambda/logger.ts';
import { signalPayload } from '../../../shared/signals/payload/payload.ts';
import { busCarrier } from '../../../shared/signals/sending/carriers/bus.ts';
import { queueCarrier } from '../../../shared/signals/sending/carriers/queue.ts';
import { createKeys } from '../../../shared/signals/sending/keys.ts';
import { queue, queueArn, queueUrl, role, startServices } from '../../local/running-services.ts';
import { startFailingBus } from '../announce/failing-bus.ts';
import { signal, subscription } from '../signals/signals.ts';

const ORIGIN = { source: 'urn:chesil:test', fhirUrl: 'https://record.example/fhir/R4' };
const silent = createLog({ info() {}, warn() {}, error() {} } as never);

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** An AWS service that answers as it is told. */
async function answering(answer: (body: never) => object) {
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify(answer(JSON.parse(Buffer.concat(chunks).toString()) as never)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { endpoint, region: 'eu-west-2', credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, maxAttempts: 1 };
}

const to = (endpoint: string) => subscription({ channel: { type: 'message', endpoint, payload: 'application/json' } });
const payloads = (count: number, endpoint: string) =>
  Array.from({ length: count }, (_, index) => signalPayload({ ...signal(), number: index + 1 }, to(endpoint), ORIGIN));

describe('a queue', () => {
  it('gets messages with what a reader has to know without opening them', async () => {
    const statement = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: queueArn('theirs') };
    const services = await startServices([queue('theirs'), queue('others'), role('deliver', [statement])]);
    stops.push(() => services.stop());
    const client = new SQSClient({ ...services.clientOf('deliver'), useQueueUrlAsEndpoint: false });
    const of = to(queueArn('theirs'));
    const sent = payloads(3, of.channel.endpoint);
    expect(await queueCarrier(client, of).send(sent)).toEqual([{ ok: true }, { ok: true }, { ok: true }]);
    const reader = new SQSClient({ ...services.readerOf('theirs'), useQueueUrlAsEndpoint: false });
    const { Messages = [] } = await reader.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl('theirs'), MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
    );
    expect(Messages.map(({ Body }) => Body)).toEqual(sent.map(({ body }) => body));
    expect(Messages[1]!.MessageAttributes).toMatchObject({
      'event-number': { StringValue: '2' },
      'event-type': { StringValue: 'uk.chesil.admitted.1' },
      'content-type': { StringValue: 'application/json' },
      subscription: { StringValue: of.id },
    });
    const others = to(queueArn('others'));
    expect(await queueCarrier(client, others).send(sent.slice(0, 1))).toEqual([{ ok: false, code: 'no-permission' }]);
    expect(await queueCarrier(client, to(queueArn('gone'))).send(sent.slice(0, 1))).toEqual([
      { ok: false, code: 'name-not-found' },
    ]);
  });
});

describe('an event bus', () => {
  const ARN = 'arn:aws:events:eu-west-2:111122223333:event-bus/theirs';

  it('gets events of our source and their type, and says of each whether it took it', async () => {
    const arrived: unknown[] = [];
    const settings = await answering(({ Entries }: { Entries: readonly object[] }) => {
      arrived.push(...Entries);
      const Failed = { ErrorCode: 'ThrottlingException' };
      return { FailedEntryCount: 1, Entries: Entries.map((_, index) => (index === 1 ? Failed : { EventId: String(index) })) };
    });
    const sent = payloads(3, ARN);
    const outcomes = await busCarrier(new EventBridgeClient(settings), to(ARN)).send(sent);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(arrived[0]).toMatchObject({
      EventBusName: ARN,
      Source: 'chesil.signal',
      DetailType: 'uk.chesil.admitted.1',
      Detail: sent[0]!.body,
    });
  });
});

describe('signing keys', () => {
  it('are remembered for five minutes, and no longer', async () => {
    let [asked, secret] = [0, 'whsec_b25l'];
    const settings = await answering(() => {
      asked++;
      return { SecretString: JSON.stringify({ keys: [{ secret, createdAt: '2026-01-01T00:00:00Z' }] }) };
    });
    let nowMs = Date.parse('2026-03-01T09:00:00Z');
    const keysOf = createKeys(new SecretsManagerClient(settings), 'chesil/test/subscription/', silent, () => nowMs);
    await keysOf('a');
    secret = 'whsec_dHdv';
    nowMs += 299_000;
    expect((await keysOf('a')).map((key) => key.secret)).toEqual(['whsec_b25l']);
    nowMs += 2_000;
    expect((await keysOf('a')).map((key) => key.secret)).toEqual(['whsec_dHdv']);
    expect(asked).toBe(2);
  });
});

describe('the end of a subscription', () => {
  it('is told to its owner before it is noted, and not noted while nobody can be told', async () => {
    const bus = await startFailingBus();
    stops.push(() => bus.stop());
    const noted: string[] = [];
    const end = createEnding({
      subscriptions: {
        setStatus: async (one, { status, error }) => {
          noted.push(`${status} ${error}`);
          return one;
        },
      },
      client: bus.client,
      bus: 'test',
      origin: ORIGIN,
      log: silent,
      now: () => Date.parse('2026-03-01T09:00:00Z'),
    });
    const one = subscription({ organisation: 'ammonite' });
    bus.down = true;
    await expect(end(one, 'It failed.')).rejects.toThrow();
    expect(noted).toEqual([]);
    bus.down = false;
    await end(one, 'It failed.');
    expect(noted).toEqual(['off It failed.']);
    expect(bus.arrived.map(({ type, audience, event }) => [type, audience, event.dataref])).toEqual([
      ['subscription-ended', ['ammonite'], `https://record.example/fhir/R4/Subscription/${one.id}`],
    ]);
  });
});
