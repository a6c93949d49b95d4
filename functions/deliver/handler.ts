import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { readBeside } from '../../shared/lambda/beside.ts';
import { CLIENT } from '../../shared/lambda/clients.ts';
import { readChannels } from '../../shared/lambda/deployment.ts';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createMeasure } from '../../shared/lambda/metrics.ts';
import { endpointAllowed } from '../../shared/signals/channels.ts';
import { createHearing } from '../../shared/signals/hearing.ts';
import { METRIC_NAMESPACE, SIGNAL_UNITS } from '../../shared/signals/metrics.ts';
import { createRecordStore } from '../../shared/store/record.ts';
import { createSignalLog } from '../../shared/store/signals/log/log.ts';
import { createSubscriptions } from '../../shared/store/signals/subscriptions.ts';
import { createCarriers } from './carriers/carriers.ts';
import { createHandler } from './deliver.ts';
import { createEnding } from './ending.ts';
import { environment } from './env.ts';
import { createKeys } from './keys.ts';

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
const { access } = readBeside(settings.LAMBDA_TASK_ROOT);
const channels = readChannels(settings.LAMBDA_TASK_ROOT);
const hearing = createHearing({
  records: createRecordStore({ client: dynamo, table: settings.RECORD_TABLE }),
  access,
  now: () => new Date(),
});
// `https://<host>/<account>/<name>`: our own queue stands in our own account.
const [, account = ''] = new URL(settings.WAKES_QUEUE_URL).pathname.split('/');
const place = { region: settings.AWS_REGION, account };

export const handler = createHandler({
  subscriptions,
  signals: createSignalLog({ ...store, now }),
  mayHear: hearing.mayHear,
  isAgreed: ({ organisation, channel }) => endpointAllowed(channels, organisation, channel, place),
  carrierOf: createCarriers({
    queues,
    events,
    keysOf: createKeys(new SecretsManagerClient(CLIENT), settings.SIGNING_SECRETS, log, now),
    now,
  }),
  end: createEnding({ subscriptions, client: events, bus: settings.EVENT_BUS, origin, log, now }),
  wakeAfter: async (subscription, ms) => {
    const message = { QueueUrl: settings.WAKES_QUEUE_URL, MessageBody: JSON.stringify({ subscription }) };
    await queues.send(new SendMessageCommand({ ...message, DelaySeconds: Math.min(900, Math.ceil(ms / 1000)) }));
  },
  origin,
  measure: createMeasure({ namespace: METRIC_NAMESPACE, service: 'deliver', units: SIGNAL_UNITS }),
  log,
  now,
  sleep: async (ms) => void (await sleep(ms)),
  random: Math.random,
});
