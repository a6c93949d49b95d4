import { randomBytes, randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createReplays } from '../../shared/bus/replays.ts';
import { createRules } from '../../shared/bus/rules.ts';
import { createWake } from '../../shared/bus/wakes.ts';
import { apiHandler, startRoutes } from '../../shared/lambda/api.ts';
import { readBeside } from '../../shared/lambda/beside.ts';
import { CLIENT } from '../../shared/lambda/clients.ts';
import { withCors } from '../../shared/lambda/cors.ts';
import { readChannels } from '../../shared/lambda/deployment.ts';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { loadKeys } from '../../shared/lambda/keys.ts';
import { createIdentity } from '../../shared/record/identity.ts';
import { createHearing } from '../../shared/signals/hearing.ts';
import { createSigningSecrets } from '../../shared/signals/signing-secrets.ts';
import { createRecordStore } from '../../shared/store/record.ts';
import { createSignalLog } from '../../shared/store/signals/log/log.ts';
import { createPanels } from '../../shared/store/signals/panels.ts';
import { createSubscriptions } from '../../shared/store/signals/subscriptions.ts';
import { environment } from './env.ts';
import { createRoutes } from './routes.ts';

const variables = readEnvironment([...environment, 'LAMBDA_TASK_ROOT']);

const client = new DynamoDBClient(CLIENT);
const events = new EventBridgeClient(CLIENT);
const secretsManager = new SecretsManagerClient(CLIENT);
const queues = new SQSClient(CLIENT);
const now = () => new Date();

const signals = { client, table: variables.SIGNALS_TABLE };
const { directory, access } = readBeside(variables.LAMBDA_TASK_ROOT);
const records = createRecordStore({ client, table: variables.RECORD_TABLE });

/** `arn:aws:sqs:<region>:<account>:<name>`: where this deployment runs. */
const [, partition, , region = '', account = ''] = variables.ARRIVALS_QUEUE_ARN.split(':');
const busArn = `arn:${partition}:events:${region}:${account}:event-bus/${variables.EVENT_BUS}`;

async function start() {
  const keys = await loadKeys(secretsManager, variables.KEYS_SECRET_ARN);
  return createRoutes({
    subscriptions: createSubscriptions(signals),
    panels: createPanels(signals),
    log: createSignalLog({ ...signals, now: () => now().getTime() }),
    rules: createRules({
      client: events,
      bus: variables.EVENT_BUS,
      arrivals: variables.ARRIVALS_QUEUE_ARN,
      undelivered: variables.UNDELIVERED_QUEUE_ARN,
    }),
    replays: createReplays({ client: events, archive: variables.EVENT_ARCHIVE_ARN, bus: busArn, now }),
    secrets: createSigningSecrets({
      client: secretsManager,
      prefix: variables.SIGNING_SECRETS,
      newSecret: () => `whsec_${randomBytes(32).toString('base64')}`,
    }),
    wake: createWake(queues, variables.WAKES_QUEUE_URL),
    hearing: createHearing({ records, access, now }),
    directory,
    channels: readChannels(variables.LAMBDA_TASK_ROOT),
    place: { region, account },
    identity: createIdentity(keys.identity),
    cursorKey: keys.cursor,
    mostRules: Number(variables.MOST_RULES),
    newId: randomUUID,
    now,
  });
}

export const handler = apiHandler(withCors(variables.APP_ORIGINS.split(' '), startRoutes(start)));
