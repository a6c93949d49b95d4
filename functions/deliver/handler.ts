import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createWakeAfter } from '../../shared/bus/wakes.ts';
import { CLIENT } from '../../shared/lambda/clients.ts';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createMeasure } from '../../shared/lambda/metrics.ts';
import { METRIC_NAMESPACE, SIGNAL_UNITS } from '../../shared/signals/metrics.ts';
import { createAsking } from '../../shared/signals/sending/asking.ts';
import { createCarriers } from '../../shared/signals/sending/carriers/carriers.ts';
import { createKeys } from '../../shared/signals/sending/keys.ts';
import { createSignalLog } from '../../shared/store/signals/log/log.ts';
import { createSubscriptions } from '../../shared/store/signals/subscriptions.ts';
import { createHandler } from './deliver.ts';
import { createEnding } from './ending.ts';
import { environment } from './env.ts';

const settings = readEnvironment([...environment, 'LAMBDA_TASK_ROOT', 'AWS_REGION']);
const now = Date.now;
const log = createLog();
const dynamo = new DynamoDBClient(CLIENT);
const events = new EventBridgeClient(CLIENT);
// The queue's own address says where it is; whoever signs is told where to call by the surroundings alone.
const queues = new SQSClient({ ...CLIENT, useQueueUrlAsEndpoint: false });
const store = { client: dynamo, table: settings.SIGNALS_TABLE };
const subscriptions = createSubscriptions(store);
const origin = { source: settings.EVENT_ORIGIN, fhirUrl: settings.FHIR_URL };

export const handler = createHandler({
  subscriptions,
  signals: createSignalLog({ ...store, now }),
  ...createAsking(dynamo, settings),
  carrierOf: createCarriers({
    queues,
    events,
    keysOf: createKeys(new SecretsManagerClient(CLIENT), settings.SIGNING_SECRETS, log, now),
    now,
  }),
  end: createEnding({ subscriptions, client: events, bus: settings.EVENT_BUS, origin, log, now }),
  wakeAfter: createWakeAfter(queues, settings.WAKES_QUEUE_URL),
  origin,
  measure: createMeasure({ namespace: METRIC_NAMESPACE, service: 'deliver', units: SIGNAL_UNITS }),
  log,
  now,
  sleep: async (ms) => void (await sleep(ms)),
  random: Math.random,
});
