import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import type { TendDependencies } from '../../../functions/tend/context.ts';
import { createHandler, type TendEvent } from '../../../functions/tend/tend.ts';
import { type Bus, createBus } from '../../../infra/local/events/bus.ts';
import { createPublisher } from '../../../shared/bus/publish.ts';
import { createRules } from '../../../shared/bus/rules.ts';
import { createWakeAll } from '../../../shared/bus/wakes.ts';
import type { AnnouncementDetail } from '../../../shared/changes/announcement.ts';
import { createDirectory, type Organisation } from '../../../shared/directory/directory.ts';
import { createLog } from '../../../shared/lambda/logger.ts';
import type { Subscription } from '../../../shared/signals/subscription.ts';
import { createFeeds } from '../../../shared/store/signals/feeds.ts';
import { createSignalLog } from '../../../shared/store/signals/log/log.ts';
import { createSubscriptions } from '../../../shared/store/signals/subscriptions.ts';
import { readUndelivered } from '../../../shared/store/signals/waiting.ts';
import { startEngine } from '../../engine.ts';
import {
  PLACE,
  queue,
  queueArn,
  queueUrl,
  type RunningServices,
  resource,
  role,
  startServices,
} from '../../local/running-services.ts';
import { subscription } from '../signals/signals.ts';

const BUS = 'changes';
const EVENTS = `arn:aws:events:${PLACE.region}:${PLACE.account}`;

const RESOURCES = [
  resource('bus', 'AWS::Events::EventBus', { Name: BUS }, { ref: BUS, arn: `${EVENTS}:event-bus/${BUS}` }),
  queue('arrivals.fifo', { FifoQueue: true, ContentBasedDeduplication: true, DeduplicationScope: 'messageGroup' }),
  queue('undelivered'),
  queue('wakes'),
  queue('announced'),
  resource('open', 'AWS::SQS::QueuePolicy', {
    Queues: ['arrivals.fifo', 'undelivered', 'announced'].map(queueUrl),
    PolicyDocument: {
      Statement: { Effect: 'Allow', Action: 'sqs:SendMessage', Principal: { Service: 'events.amazonaws.com' }, Resource: '*' },
    },
  }),
  resource(
    'everything',
    'AWS::Events::Rule',
    {
      Name: 'everything',
      EventBusName: BUS,
      EventPattern: { source: ['chesil.record'] },
      Targets: [{ Id: 'announced', Arn: queueArn('announced'), InputPath: '$.detail' }],
    },
    { arn: `${EVENTS}:rule/${BUS}/everything` },
  ),
  role('tend', [
    { Effect: 'Allow', Action: 'events:*', Resource: '*' },
    { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: queueArn('wakes') },
  ]),
];

const organisation = (id: string, more: Partial<Organisation> = {}): Organisation => ({
  id,
  kind: 'trust',
  names: [{ value: `Organisation ${id}` }],
  codes: [],
  successors: [],
  ...more,
});

/** Two hospitals; a third that merges into the first on a day; one that has left. */
export const MERGER_DAY = '2026-12-01';
const directory = createDirectory([
  organisation('uhd'),
  organisation('dch'),
  organisation('poole', { successors: [{ organisation: 'uhd', on: MERGER_DAY }] }),
  organisation('gone', { names: [{ value: 'Organisation gone', to: '2020-01-01' }] }),
]);

/** Tending on a real engine, with a real bus and real queues of one machine, and a clock that tests set. */
export async function createWorld() {
  const engine = await startEngine({ stream: false });
  let bus: Bus | undefined;
  const services: RunningServices = await startServices(RESOURCES, {
    services(running) {
      bus = createBus({ resources: RESOURCES, ...running, place: PLACE, invoke: async () => {} });
      return [bus];
    },
  });
  const clock = { now: new Date('2026-11-24T12:00:00.000Z') };
  const lines: string[] = [];
  const events = new EventBridgeClient(services.clientOf('tend'));
  const signals = { client: engine.client, table: engine.signalsTable, now: () => clock.now.getTime() };
  const log = createLog(new Logger({ logLevel: 'SILENT' }));
  const noted: typeof log = {
    info: (message, fields) => void lines.push(JSON.stringify([message, fields])),
    warn: (message, fields) => void lines.push(JSON.stringify([message, fields])),
    error: (message, fields) => void lines.push(JSON.stringify([message, { ...fields, error: undefined }])),
  };
  const measured: { readonly organisation: string; readonly values: Readonly<Record<string, readonly number[]>> }[] = [];
  const dependencies: TendDependencies = {
    subscriptions: createSubscriptions(signals),
    signals: createSignalLog(signals),
    undelivered: (id, state) => readUndelivered(signals, id, state),
    rules: createRules({
      client: events,
      bus: BUS,
      arrivals: queueArn('arrivals.fifo'),
      undelivered: queueArn('undelivered'),
    }),
    wake: createWakeAll(new SQSClient(services.clientOf('tend')), queueUrl('wakes')),
    feeds: createFeeds(signals),
    agreed: ['uhd', 'dch', 'poole', 'gone'].map((id) => ({ organisation: id, everyMinutes: 60 })),
    directory,
    publish: createPublisher({ client: events, log, now: Date.now, random: Math.random, sleep: (ms) => sleep(ms) }),
    origin: { source: 'urn:chesil:test', fhirUrl: 'https://chesil.test/fhir/R4' },
    bus: BUS,
    measure: (id, values) => void measured.push({ organisation: id, values }),
    log: noted,
    now: () => clock.now,
  };

  /** Everything that is in a queue, and the queue empty. */
  async function take(name: string): Promise<string[]> {
    const reader = new SQSClient(services.readerOf(name));
    const bodies: string[] = [];
    for (;;) {
      const request = { QueueUrl: queueUrl(name), MaxNumberOfMessages: 10 };
      const { Messages = [] } = await reader.send(new ReceiveMessageCommand(request));
      if (Messages.length === 0) return bodies;
      for (const { Body = '', ReceiptHandle } of Messages) {
        bodies.push(Body);
        await reader.send(new DeleteMessageCommand({ QueueUrl: queueUrl(name), ReceiptHandle }));
      }
    }
  }

  const tend = createHandler(dependencies);
  return {
    ...{ engine, dependencies, clock, lines, measured },
    signals: createSignalLog(signals),
    feeds: createFeeds(signals),
    subscriptions: createSubscriptions(signals),
    at: (time: string) => {
      clock.now = new Date(time);
    },
    run: (event: TendEvent = {}, changed: Partial<TendDependencies> = {}) =>
      (Object.keys(changed).length === 0 ? tend : createHandler({ ...dependencies, ...changed }))(event, {
        getRemainingTimeInMillis: () => 60_000,
      }),
    /** Ids of the subscriptions that were woken since this was last asked. */
    woken: async () => (await take('wakes')).map((body) => (JSON.parse(body) as { subscription: string }).subscription).sort(),
    /** What was announced since this was last asked. */
    announced: async () => (await take('announced')).map((body) => JSON.parse(body) as AnnouncementDetail),
    stop: async () => {
      bus?.close();
      await services.stop();
      await engine.stop();
    },
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;

/** Turns off what earlier tests have left, and forgets what they have said. */
export async function quieten(world: World, now: string): Promise<void> {
  world.at(now);
  for (const each of await world.dependencies.subscriptions.all())
    await world.dependencies.subscriptions.setStatus(each, { status: 'off', at: now });
  await world.run({ task: 'drift' });
  await world.woken();
  world.lines.splice(0);
  world.measured.splice(0);
}

export async function subscribeIn(world: World, told: Partial<Subscription> = {}): Promise<Subscription> {
  const endpoint = `https://hooks.example/signals/${randomUUID()}`;
  const made = subscription({
    organisation: 'uhd',
    criteria: "urgency='A'",
    channel: { type: 'rest-hook', endpoint, payload: 'application/json' },
    ...told,
  });
  expect(await world.subscriptions.create(made)).toBe('kept');
  return made;
}
