import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createPublisher } from '../../shared/bus/publish.ts';
import { readBeside } from '../../shared/lambda/beside.ts';
import { CLIENT } from '../../shared/lambda/clients.ts';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { loadVersionNames, untilLoaded } from '../../shared/lambda/keys.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createGrants } from '../../shared/store/oversight/grants.ts';
import { createTasks } from '../../shared/store/oversight/tasks.ts';
import { createRecordStore } from '../../shared/store/record.ts';
import { createHandler } from './announce.ts';
import { environment } from './env.ts';
import { createHistory } from './history.ts';
import { createOpenWaitingGrants } from './open-waiting-grants.ts';
import { createRaiseQuestions } from './raise-questions.ts';
import { createSteps } from './steps.ts';

const settings = readEnvironment([...environment, 'LAMBDA_TASK_ROOT']);
const log = createLog();

const client = new DynamoDBClient(CLIENT);
const store = createRecordStore({ client, table: settings.RECORD_TABLE });
const oversight = { client, table: settings.OVERSIGHT_TABLE };
const { access, directory } = readBeside(settings.LAMBDA_TASK_ROOT);

export const handler = createHandler({
  steps: createSteps(store),
  history: createHistory(store),
  raiseQuestions: createRaiseQuestions({ tasks: createTasks(oversight), store, access, directory }),
  openWaitingGrants: createOpenWaitingGrants(createGrants(oversight)),
  access,
  directory,
  publish: createPublisher({ client: new EventBridgeClient(CLIENT), log, now: Date.now, random: Math.random, sleep }),
  versionNames: untilLoaded(() => loadVersionNames(new SecretsManagerClient(CLIENT), settings.VERSIONS_SECRET_ARN)),
  origin: { source: settings.EVENT_ORIGIN, fhirUrl: settings.FHIR_URL },
  bus: settings.EVENT_BUS,
  log,
  now: () => new Date(),
});
