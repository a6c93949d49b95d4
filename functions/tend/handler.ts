import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createPublisher } from '../../shared/bus/publish.ts';
import { createRules } from '../../shared/bus/rules.ts';
import { createWakeAll } from '../../shared/bus/wakes.ts';
import { CLIENT } from '../../shared/lambda/clients.ts';
import { readDirectory, readFeeds } from '../../shared/lambda/deployment.ts';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createMeasure } from '../../shared/lambda/metrics.ts';
import { METRIC_NAMESPACE, SIGNAL_UNITS } from '../../shared/signals/metrics.ts';
import { createFeeds } from '../../shared/store/signals/feeds.ts';
import { createSignalLog } from '../../shared/store/signals/log/log.ts';
import { createSubscriptions } from '../../shared/store/signals/subscriptions.ts';
import { readUndelivered } from '../../shared/store/signals/waiting.ts';
import { RULE_DRIFT } from './drift.ts';
import { environment } from './env.ts';
import { createHandler } from './tend.ts';

const told = readEnvironment([...environment, 'LAMBDA_TASK_ROOT']);

const log = createLog();
const bus = new EventBridgeClient(CLIENT);
const signals = { client: new DynamoDBClient(CLIENT), table: told.SIGNALS_TABLE, now: Date.now };

export const handler = createHandler({
  subscriptions: createSubscriptions(signals),
  signals: createSignalLog(signals),
  undelivered: (id, state) => readUndelivered(signals, id, state),
  rules: createRules({
    client: bus,
    bus: told.EVENT_BUS,
    arrivals: told.ARRIVALS_QUEUE_ARN,
    undelivered: told.UNDELIVERED_QUEUE_ARN,
  }),
  wake: createWakeAll(new SQSClient({ ...CLIENT, useQueueUrlAsEndpoint: false }), told.WAKES_QUEUE_URL),
  feeds: createFeeds(signals),
  agreed: readFeeds(told.LAMBDA_TASK_ROOT),
  directory: readDirectory(told.LAMBDA_TASK_ROOT),
  publish: createPublisher({ client: bus, log, now: Date.now, random: Math.random, sleep }),
  origin: { source: told.EVENT_ORIGIN, fhirUrl: told.FHIR_URL },
  bus: told.EVENT_BUS,
  measure: createMeasure({ namespace: METRIC_NAMESPACE, service: 'tend', units: { ...SIGNAL_UNITS, [RULE_DRIFT]: 'Count' } }),
  log,
  now: () => new Date(),
});
