import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createWakeAfter, createWakeAll } from '../../shared/bus/wakes.ts';
import { CLIENT } from '../../shared/lambda/clients.ts';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createMeasure } from '../../shared/lambda/metrics.ts';
import { METRIC_NAMESPACE, SIGNAL_UNITS } from '../../shared/signals/metrics.ts';
import { createAsking } from '../../shared/signals/sending/asking.ts';
import { createCarriers } from '../../shared/signals/sending/carriers/carriers.ts';
import { createKeys } from '../../shared/signals/sending/keys.ts';
import { createSignalLog } from '../../shared/store/signals/log/log.ts';
import { createPanels } from '../../shared/store/signals/panels.ts';
import { createSubscriptions } from '../../shared/store/signals/subscriptions.ts';
import { ANSWER_MS } from './at-once.ts';
import { createHandler } from './collect.ts';
import { environment } from './env.ts';

const settings = readEnvironment([...environment, 'LAMBDA_TASK_ROOT', 'AWS_REGION']);
const now = Date.now;
const log = createLog();
const dynamo = new DynamoDBClient(CLIENT);
const queues = new SQSClient({ ...CLIENT, useQueueUrlAsEndpoint: false });
const store = { client: dynamo, table: settings.SIGNALS_TABLE };

const measureAs = (service: 'collect' | 'deliver') =>
  createMeasure({ namespace: METRIC_NAMESPACE, service, units: SIGNAL_UNITS });

export const handler = createHandler({
  subscriptions: createSubscriptions(store),
  panels: createPanels(store),
  signals: createSignalLog({ ...store, now }),
  ...createAsking(dynamo, settings),
  carrierOf: createCarriers({
    queues,
    events: new EventBridgeClient(CLIENT),
    keysOf: createKeys(new SecretsManagerClient(CLIENT), settings.SIGNING_SECRETS, log, now),
    now,
    timeoutMs: ANSWER_MS,
  }),
  wake: createWakeAll(queues, settings.WAKES_QUEUE_URL),
  wakeAfter: createWakeAfter(queues, settings.WAKES_QUEUE_URL),
  origin: { source: settings.EVENT_ORIGIN, fhirUrl: settings.FHIR_URL },
  measure: measureAs('deliver'),
  measureOwn: measureAs('collect'),
  log,
  now,
  random: Math.random,
});
