import { randomBytes, randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { SubscribeDependencies } from '../../../functions/subscribe/context.ts';
import { createRoutes } from '../../../functions/subscribe/routes.ts';
import { DORSET_PARTNERS, MADE_UP_PRACTICES, NEIGHBOURS } from '../../../infra/deployments/dorset.ts';
import { createBus } from '../../../infra/local/events/bus.ts';
import { createSecrets } from '../../../infra/local/secrets/secrets.ts';
import { createAccess } from '../../../shared/access/access.ts';
import { loadPolicies, readPolicies } from '../../../shared/access/policy-set.ts';
import { systemViewer, type Viewer } from '../../../shared/access/viewer.ts';
import { createReplays } from '../../../shared/bus/replays.ts';
import { createRules } from '../../../shared/bus/rules.ts';
import { createWake } from '../../../shared/bus/wakes.ts';
import { createDirectory } from '../../../shared/directory/directory.ts';
import { isRefusal } from '../../../shared/fhir/outcomes.ts';
import { answerOf } from '../../../shared/lambda/api.ts';
import { createIdentity } from '../../../shared/record/identity.ts';
import type { Channels } from '../../../shared/signals/channels.ts';
import { createHearing } from '../../../shared/signals/hearing.ts';
import { createSigningSecrets } from '../../../shared/signals/signing-secrets.ts';
import { createRecordStore } from '../../../shared/store/record.ts';
import { createSignalLog } from '../../../shared/store/signals/log/log.ts';
import { createPanels } from '../../../shared/store/signals/panels.ts';
import { createSubscriptions } from '../../../shared/store/signals/subscriptions.ts';
import { startEngine } from '../../engine.ts';
import { PLACE, queue, queueArn, queueUrl, resource, role, startServices } from '../../local/running-services.ts';
import { partnershipOf } from '../../partnership.ts';

const EVENTS = 'arn:aws:events:eu-west-2:000000000000';
const BUS = `${EVENTS}:event-bus/changes`;
const ARCHIVE = `${EVENTS}:archive/archive`;

const RESOURCES = [
  resource('changes', 'AWS::Events::EventBus', { Name: 'changes' }, { ref: 'changes', arn: BUS }),
  resource('archive', 'AWS::Events::Archive', { SourceArn: BUS, RetentionDays: 30 }, { ref: 'archive', arn: ARCHIVE }),
  queue('arrivals.fifo', { FifoQueue: true, ContentBasedDeduplication: true, DeduplicationScope: 'messageGroup' }),
  queue('undelivered'),
  queue('wakes'),
  resource('open', 'AWS::SQS::QueuePolicy', {
    Queues: [queueUrl('arrivals.fifo'), queueUrl('undelivered')],
    PolicyDocument: {
      Statement: {
        Effect: 'Allow',
        Action: 'sqs:SendMessage',
        Principal: { Service: 'events.amazonaws.com' },
        Resource: '*',
        Condition: { ArnLike: { 'aws:SourceArn': `${EVENTS}:rule/changes/subscription-*` } },
      },
    },
  }),
  role('subscribe', [{ Effect: 'Allow', Action: ['events:*', 'sqs:SendMessage', 'secretsmanager:*'], Resource: '*' }]),
];

const CHANNELS: readonly Channels[] = ['uhd', 'dch'].map((organisation) => ({
  organisation,
  queueNames: [`chesil-test-${organisation}`],
  queueArns: [],
  busArns: [`arn:aws:events:eu-west-2:111122223333:event-bus/${organisation}`],
  hosts: ['https://hooks.shared.nhs.uk', 'http://127.0.0.1:*'],
}));

export const directory = createDirectory([...DORSET_PARTNERS, ...MADE_UP_PRACTICES, ...NEIGHBOURS]);

export interface Asked {
  readonly organisation?: string;
  readonly viewer?: Viewer;
  readonly scopes?: readonly string[];
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A Subscription as partners send it. */
export const subscriptionOf = (more: Readonly<Record<string, unknown>> = {}, channel: object = {}) => ({
  resourceType: 'Subscription',
  status: 'requested',
  reason: '',
  criteria: "eventType='fragment-created'",
  channel: {
    type: 'rest-hook',
    endpoint: `https://hooks.shared.nhs.uk/${randomUUID()}`,
    payload: 'application/json',
    ...channel,
  },
  ...more,
});

/** The routes of `subscribe` on a real engine, and on the bus, queues and secrets of one machine; with a clock that tests set. */
export async function createWorld() {
  const [engine, services] = await Promise.all([
    startEngine({ stream: false }),
    startServices(RESOURCES, {
      services: ({ dataDir, messages, queues, policies }) => {
        bus = createBus({ resources: RESOURCES, messages, queues, policies, place: PLACE, invoke: async () => {} });
        return [bus, createSecrets({ resources: RESOURCES, dataDir, place: PLACE })];
      },
    }),
  ]);
  const settings = services.clientOf('subscribe');
  const clock = { now: new Date('2026-11-24T10:00:00.000Z') };
  const now = () => clock.now;
  const signals = { client: engine.client, table: engine.signalsTable };
  const access = createAccess(
    loadPolicies(readPolicies(resolve(import.meta.dirname, '../../../shared/access/policies'))),
    partnershipOf(directory),
  );
  const events = new EventBridgeClient(settings);
  const dependencies: SubscribeDependencies = {
    subscriptions: createSubscriptions(signals),
    panels: createPanels(signals),
    log: createSignalLog({ ...signals, now: () => clock.now.getTime() }),
    rules: createRules({
      client: events,
      bus: 'changes',
      arrivals: queueArn('arrivals.fifo'),
      undelivered: queueArn('undelivered'),
    }),
    replays: createReplays({ client: events, archive: ARCHIVE, bus: BUS, now }),
    secrets: createSigningSecrets({
      client: new SecretsManagerClient(settings),
      prefix: 'chesil/test/subscription/',
      newSecret: () => `whsec_${randomBytes(32).toString('base64')}`,
    }),
    wake: createWake(new SQSClient(settings), queueUrl('wakes')),
    hearing: createHearing({ records: createRecordStore({ client: engine.client, table: engine.recordTable }), access, now }),
    directory,
    channels: CHANNELS,
    place: PLACE,
    identity: createIdentity(Buffer.alloc(32, 1)),
    cursorKey: Buffer.alloc(32, 2),
    mostRules: 300,
    newId: randomUUID,
    now,
  };
  const ask = async (method: string, address: string, asked: Asked = {}, changed: Partial<SubscribeDependencies> = {}) => {
    const { organisation = 'uhd', viewer = systemViewer(organisation), scopes = ['system/*.cruds'], body, headers = {} } = asked;
    const [path = '', query = ''] = address.split('?');
    const answer = await createRoutes({ ...dependencies, ...changed })({
      method,
      path: path.split('/').map(decodeURIComponent),
      query: [...new URLSearchParams(query)],
      headers,
      body: Buffer.from(typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body)),
      caller: { ...viewer, source: 'main', scopes },
      requestId: randomUUID(),
      correlationId: undefined,
      fhirUrl: 'https://chesil.example/fhir/R4',
    });
    const { status, headers: told = {}, body: text } = isRefusal(answer) ? answerOf(answer) : answer;
    const json = text === undefined ? undefined : JSON.parse(text);
    const codes: string[] = (json?.issue ?? []).map((issue: fhir4.OperationOutcomeIssue) => issue.details?.coding?.[0]?.code);
    return { status, headers: told, json, codes };
  };
  return {
    engine,
    clock,
    dependencies,
    ask,
    /** Makes a subscription and has it shake hands. */
    subscribe: async (asked: Parameters<typeof subscriptionOf> = [], organisation = 'uhd') => {
      const { json, status } = await ask('POST', 'Subscription', { organisation, body: subscriptionOf(...asked) });
      if (status !== 201) throw new Error(JSON.stringify(json));
      const made = await dependencies.subscriptions.read(json.id);
      return (await dependencies.subscriptions.setStatus(made!, { status: 'active', at: clock.now.toISOString() }))!;
    },
    /** Subscriptions that `deliver` is to look after. */
    woken: async () => {
      const taken = await services.queues.receive(queueArn('wakes'), {
        most: 100,
        waitMs: 0,
        signal: new AbortController().signal,
      });
      services.messages.write(() => services.queues.settings.forEach((each) => void services.queues.store.purge(each)));
      return taken.map(({ body }) => JSON.parse(body).subscription as string);
    },
    stop: async () => {
      bus?.close();
      await services.stop();
      await engine.stop();
    },
  };
}

let bus: ReturnType<typeof createBus> | undefined;

export type World = Awaited<ReturnType<typeof createWorld>>;
